"""Types of log entries about forms that applications embed."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class CrossOriginLog(LogType):
    """Written by ``/co/authenticate``."""

    SUCCEEDED = "scoa", "Sign-in through an application's own form: a login ticket was given out."
    FAILED = "fcoa", "Sign-in through an application's own form failed."
