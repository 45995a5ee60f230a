"""The feature: Auth0's Authorization Extension."""

from __future__ import annotations

from idp.directory.authorization.models import AuthorizationMember
from idp.directory.authorization.reactions import REACTIONS
from idp.foundation.db.personal import Personal, by_user_id
from idp.foundation.feature import Feature

FEATURE = Feature(
    name="authorization",
    reactions=REACTIONS,
    personal=(Personal(model=AuthorizationMember, of=by_user_id(AuthorizationMember)),),
)
