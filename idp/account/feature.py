"""The feature: a person's own page."""

from __future__ import annotations

from idp.foundation.feature import Feature

FEATURE = Feature(
    name="account",
    blueprints=(
        "idp.account.views:blueprint",
        "idp.account.data_views:blueprint",
        "idp.account.own_views:blueprint",
        "idp.account.factor_views:blueprint",
        "idp.account.passkey_pages:blueprint",
    ),
)
