"""The feature: text messages."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="phone",
    apis=("idp.tenant.phone.api",),
)
