"""The feature: WS-Federation."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.protocol.wsfed.log_types import WsFedLog

FEATURE = Feature(
    name="wsfed",
    blueprints=("idp.protocol.wsfed.views:blueprint",),
    frames="idp.protocol.wsfed.service:frames",
    log_types=(WsFedLog,),
)
