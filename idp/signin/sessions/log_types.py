"""Types of log entries about sessions."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class SessionLog(LogType):
    """Written when somebody ends sessions."""

    LOGOUT_FAILED = "flo", "Nobody signed out: what a source of accounts sent about a logout there was not its own."
    LOGGED_OUT = "slo", "Session ended: the user signed out, in an application or on the account page."
