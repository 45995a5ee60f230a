"""The feature: signing keys."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.tenant.keys.reactions import REACTIONS

FEATURE = Feature(
    name="keys",
    apis=("idp.tenant.keys.api",),
    reactions=REACTIONS,
)
