"""The feature: signing keys."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="keys",
    apis=("idp.tenant.keys.api",),
)
