"""Types of log entries about impersonation."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class ImpersonationLog(LogType):
    """Each is about the person who is impersonated and names in its details who does it."""

    LINK_MADE = "simp", "Link made that signs somebody in to an application as another person."
    USED = "simpu", "Somebody signed in to an application as another person, by the link."
    FAILED = "fimp", "Link for impersonation not good, or not good any more."
