"""The feature: the dashboard."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="admin",
    blueprints=("idp.admin.views:blueprint",),
)
