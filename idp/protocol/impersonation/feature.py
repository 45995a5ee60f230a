"""The feature: impersonation."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.protocol.impersonation.log_types import ImpersonationLog

FEATURE = Feature(
    name="impersonation",
    apis=("idp.protocol.impersonation.api",),
    blueprints=("idp.protocol.impersonation.views:blueprint",),
    log_types=(ImpersonationLog,),
)
