"""Types of log entries about accounts that people join themselves."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class LinkingLog(LogType):
    """Written when somebody signed in to two accounts and joined them."""

    JOINED = "sjoin", "Two accounts joined by their owner, who had signed in to both."
