"""The feature: consent on record."""

from __future__ import annotations

from idp.foundation.db.personal import Personal, by_user_id
from idp.foundation.feature import Feature
from idp.signin.user_grants.models import UserGrant
from idp.signin.user_grants.reactions import REACTIONS

FEATURE = Feature(
    name="user_grants",
    apis=("idp.signin.user_grants.api",),
    reactions=REACTIONS,
    personal=(Personal(model=UserGrant, of=by_user_id(UserGrant)),),
)
