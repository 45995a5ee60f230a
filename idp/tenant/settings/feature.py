"""The feature: tenant settings and prompts."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="settings",
    apis=("idp.tenant.settings.api",),
)
