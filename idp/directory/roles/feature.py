"""The feature: roles, permissions of people, groups of directories."""

from __future__ import annotations

from idp.directory.roles.reactions import REACTIONS
from idp.foundation.feature import Feature

FEATURE = Feature(
    name="roles",
    apis=(
        "idp.directory.roles.api",
        "idp.directory.roles.users_api",
        "idp.directory.roles.effective_api",
        "idp.directory.roles.groups_api",
    ),
    reactions=REACTIONS,
)
