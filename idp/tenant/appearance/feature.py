"""The feature: appearance."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="appearance",
    apis=("idp.tenant.appearance.api", "idp.tenant.appearance.prompts_api", "idp.tenant.appearance.rendering_api"),
    blueprints=("idp.tenant.appearance.views:blueprint",),
)
