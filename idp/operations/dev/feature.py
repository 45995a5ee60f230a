"""The feature: the pages of development."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="dev",
    blueprints=("idp.operations.dev.views:blueprint",),
)
