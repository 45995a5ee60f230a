"""Types of log entries about attack protection."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class ProtectionLog(LogType):
    """Written where brute-force protection blocks and unblocks."""

    BLOCKED = "limit_wc", "Sign-in refused: too many wrong passwords for that account from that IP address."
    UNBLOCKED = "ublkdu", "Brute-force block lifted."
