"""Types of log entries about tokens."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class TokenLog(LogType):
    """Written when tokens are revoked."""

    REVOKED = "srrt", "Refresh token or access token revoked."
    REUSED = "ferrt", "Rotated refresh token used again: its whole family was revoked."
