"""Types of log entries about the links of mails."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class TicketLog(LogType):
    """Written when a link is made to be mailed."""

    VERIFICATION_EMAIL_SENT = "svr", "Verification email queued."
