"""The feature: the Management API itself."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.management.reactions import REACTIONS

FEATURE = Feature(
    name="management",
    reactions=REACTIONS,
)
