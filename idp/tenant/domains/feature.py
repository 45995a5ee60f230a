"""The feature: custom domains."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.tenant.domains.log_types import DomainLog

FEATURE = Feature(
    name="domains",
    apis=("idp.tenant.domains.api",),
    log_types=(DomainLog,),
)
