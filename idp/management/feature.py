"""The feature: the Management API itself, the API of the Authorization Extension, and an older address."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="management",
    blueprints=("idp.management.authorization.views:blueprint", "idp.management.impersonation.views:blueprint"),
)
