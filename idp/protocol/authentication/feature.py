"""The feature: ways in for applications that show pages of their own."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="authentication",
    blueprints=("idp.protocol.authentication.links:blueprint",),
)
