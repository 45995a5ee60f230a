"""The feature: consent on record."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.signin.user_grants.reactions import REACTIONS

FEATURE = Feature(
    name="user_grants",
    apis=("idp.signin.user_grants.api",),
    reactions=REACTIONS,
)
