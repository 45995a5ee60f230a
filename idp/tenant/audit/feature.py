"""The feature: log entries."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.tenant.audit.log_types import ApiLog

FEATURE = Feature(
    name="audit",
    apis=("idp.tenant.audit.api",),
    log_types=(ApiLog,),
)
