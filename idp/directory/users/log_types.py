"""Types of log entries about users."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class UserLog(LogType):
    """Written by the use cases on users."""

    PASSWORD_CHANGED = "scp", "Password changed, by its owner or by an administrator."
    EMAIL_CHANGED = "sce", "Email address of a user changed by an administrator."
    USERNAME_CHANGED = "scu", "Username of a user changed by an administrator."
    PHONE_NUMBER_CHANGED = "scpn", "Phone number of a user changed by an administrator."
    RECLAIMED = (
        "sar",
        "Account taken back by the reader of its unproven address: whatever opened it before has ended.",
    )
    UNSTABLE_ID = "w", "Warning: the database of a connection names one person with two ids."
    DELETED = "sdu", "User deleted."
