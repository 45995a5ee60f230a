"""Types of log entries about invitations."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class InvitationLog(LogType):
    """Written by the use cases on invitations."""

    INVITED = "sinv", "Invitation made: its link may be mailed, or delivered by whoever asked for it."
    WITHDRAWN = "rinv", "Invitation withdrawn; its link no longer works."
    ACCEPTED = "si", "Invitation accepted: the account exists, and its address is proven."
    FAILED = "fi", "Invitation not accepted."
