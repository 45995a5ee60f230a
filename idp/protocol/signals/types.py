"""The words of the specifications (OpenID SSF 1.0, CAEP 1.0, RFC 8935, RFC 8936, RFC 9493), as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

VERSION: Final = "1_0"
PUSH, POLL = "push", "poll"
METHODS: Final[Mapping[str, str]] = {PUSH: "urn:ietf:rfc:8935", POLL: "urn:ietf:rfc:8936"}
"""Names of the ways that events leave."""
ENABLED, PAUSED, DISABLED = "enabled", "paused", "disabled"
STATUSES: Final = (ENABLED, PAUSED, DISABLED)
RECEIVER, ADMINISTRATOR, TRANSMITTER = "receiver", "administrator", "transmitter"
"""Who holds a stream back."""
ISS_SUB, EMAIL, OPAQUE = "iss_sub", "email", "opaque"
FORMATS: Final = (ISS_SUB, EMAIL)
"""How a stream names people (RFC 9493 3.2)."""
SET_TYPE: Final = "secevent+jwt"
_CAEP: Final = "https://schemas.openid.net/secevent/caep/event-type/"
_SSF: Final = "https://schemas.openid.net/secevent/ssf/event-type/"
SESSION_REVOKED, CREDENTIAL_CHANGE = f"{_CAEP}session-revoked", f"{_CAEP}credential-change"
VERIFICATION, STREAM_UPDATED = f"{_SSF}verification", f"{_SSF}stream-updated"
SUPPORTED: Final = (SESSION_REVOKED, CREDENTIAL_CHANGE)
"""What a receiver may ask for; the two about the stream itself come unasked."""

INITIATORS: Final[Mapping[str, tuple[str, str]]] = {
    "rp-logout": ("user", "The user signed out."),
    "idp-logout": ("user", "The user signed out at their identity provider."),
    "password-changed": ("user", "The password was changed."),
    "email-identifier-changed": ("admin", "What the user signs in by was changed."),
    "session-revoked": ("admin", "The session was revoked."),
    "account-deleted": ("admin", "The account was deleted."),
    "account-deactivated": ("admin", "The account was deactivated."),
}
"""Who began it (CAEP 2), and a sentence for administrators, by why a session ended."""
OTHERWISE: Final = ("system", "The session ended.")
ALL_ENDED: Final = "Every session of the user ended."

CREDENTIALS: Final[Mapping[str, str]] = {
    "totp": "app",
    "otp": "app",
    "push-notification": "app",
    "webauthn-roaming": "fido2-roaming",
    "webauthn-platform": "fido2-platform",
    "passkey": "fido2-roaming",
    "phone": "phone-sms",
    "sms": "phone-sms",
    "voice": "phone-voice",
}
"""``credential_type`` (CAEP 3.3.1) of our kinds of factors; others, such as ``email``, go by their own name."""


def session_revoked(reason: str, moment: int) -> dict[str, Any]:
    """CAEP 3.1; ``moment`` in seconds. The interoperability profile wants a reason for administrators."""
    who, why = INITIATORS.get(reason, OTHERWISE)
    return {"event_timestamp": moment, "initiating_entity": who, "reason_admin": {"en": why}}


def all_revoked(moment: int) -> dict[str, Any]:
    """The like of everything that a person is signed in with; who began it is told by the events beside it."""
    return {"event_timestamp": moment, "reason_admin": {"en": ALL_ENDED}}


def credential_change(kind: str, change: str, moment: int, *, by: str | None = None) -> dict[str, Any]:
    """CAEP 3.3: ``change`` is ``create``, ``update``, ``revoke`` or ``delete``."""
    words = {"create": "was added", "update": "was changed", "delete": "was removed", "revoke": "was revoked"}
    found = {
        "event_timestamp": moment,
        "credential_type": kind,
        "change_type": change,
        "reason_admin": {"en": f"A credential of the type {kind} {words[change]}."},
    }
    return {**found, "initiating_entity": by} if by else found
