"""Types of log entries about provisioning."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class ScimLog(LogType):
    """Written by the SCIM endpoints."""

    SUCCESS = "sscim", "A connection's directory made, changed or removed a user or a group."
    FAILED = "fscim", "A SCIM request was refused: its token, its content, or what it asks for."
