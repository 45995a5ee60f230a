"""The feature: token exchange profiles."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="exchange_profiles",
    apis=("idp.applications.exchange_profiles.api",),
)
