"""Types of log entries about changes made through an API or an administrator's page."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class ApiLog(LogType):
    """A call changed something, or would have; ``details`` has request and answer without secrets."""

    DONE = "sapi", "Management API call changed something."
    REFUSED = "fapi", "Management API call that would have changed something was refused."
    READ = "mgmt_api_read", "An administrator looked at a secret; details name it."
