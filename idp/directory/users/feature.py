"""The feature: users and their identities."""

from __future__ import annotations

from idp.directory.users.log_types import UserLog
from idp.directory.users.reactions import REACTIONS
from idp.foundation.feature import Feature

FEATURE = Feature(
    name="users",
    apis=("idp.directory.users.api", "idp.directory.users.identities_api", "idp.directory.users.source_tokens_api"),
    blueprints=("idp.directory.users.avatars:blueprint",),
    reactions=REACTIONS,
    log_types=(UserLog,),
)
