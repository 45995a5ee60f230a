"""Types of log entries about administrators."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class MemberLog(LogType):
    """Written by the use cases on administrators."""

    ADDED = "sadm", "Administrator added."
    CHANGED = "cadm", "Roles of an administrator changed."
    REMOVED = "radm", "Administrator removed: the dashboard is closed to them at once."
    LIFTED = "ladm", "The operator lifted the list of addresses from which the dashboard opens."
    INVITED = "iadm", "Somebody was invited to become an administrator."
