"""The feature: the Management API itself, and the API of the Authorization Extension."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="management",
    blueprints=("idp.management.authorization.views:blueprint",),
)
