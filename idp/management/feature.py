"""The feature: the Management API itself."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="management",
)
