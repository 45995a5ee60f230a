"""Types of log entries about attack protection."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class ProtectionLog(LogType):
    """Written where a shield holds somebody up, or would where it only watches."""

    BLOCKED = "limit_wc", "Sign-in refused: too many wrong passwords for that account from that IP address."
    ACCOUNT_BLOCKED = (
        "limit_sul",
        "Sign-in refused: too many wrong passwords for that account, wherever they came from.",
    )
    NETWORK_BLOCKED = "limit_mu", "Refused: too many failed sign-ins, or sign-ups, from that IP address."
    UNBLOCKED = "ublkdu", "Brute-force block lifted."
    ASSESSED = "pla", "Bot detection: a challenge was not passed, or would have been asked where it only watches."
    BREACHED_LOGIN = "pwd_leak", "Somebody signed in with a password that is known from a data breach."
    BREACHED_SIGN_UP = "signup_pwd_leak", "Somebody signed up with a password that is known from a data breach."
    BREACHED_RESET = "reset_pwd_leak", "Somebody chose a new password that is known from a data breach."
