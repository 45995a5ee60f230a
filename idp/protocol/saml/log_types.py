"""Types of log entries about applications that speak SAML."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class SamlLog(LogType):
    """Written where assertions are issued."""

    ISSUED = "saml_assertion_issued", "SAML assertion issued to an application."
