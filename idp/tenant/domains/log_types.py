"""Types of log entries about custom domains."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class DomainLog(LogType):
    """Written by the use cases on custom domains."""

    VERIFICATION_FAILED = (
        "custom_domain_verification_failed",
        "A custom domain was not proved: the DNS does not say what it should, or another tenant holds the name.",
    )
