"""The feature: health and figures."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="health",
    blueprints=("idp.operations.health.views:blueprint",),
)
