"""Types of log entries about codes and links."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class CodeLog(LogType):
    """Written when a code or a link is sent, and when it is not."""

    SENT = "cls", "Sign-in code or link sent."
    NOT_SENT = "fn", "Sign-in code or link not sent: nobody it may go to, too many, or the provider refused."
