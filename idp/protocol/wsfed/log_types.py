"""Types of log entries about applications that speak WS-Federation."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class WsFedLog(LogType):
    """Written where tokens are issued."""

    ISSUED = "wsfed_token_issued", "Token issued to an application over WS-Federation."
