"""Types of log entries about passkeys, beside those of signing in and of second factors."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class PasskeyLog(LogType):
    """Written when an application asks for a passkey, and when one is refused or looks copied."""

    STARTED = "passkey_challenge_started", "An application asked for a passkey."
    FAILED = "passkey_challenge_failed", "Passkey refused."
    LEFT_BEHIND = (
        "passkeys_left_behind",
        "The tenant moved: passkeys of the host before do not work here.",
    )
    NOT_ENROLLED = "gd_webauthn_enrollment_failed", "Passkey not enrolled: what the browser made does not count here."
