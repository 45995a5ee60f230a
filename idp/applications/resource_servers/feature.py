"""The feature: APIs and their permissions."""

from __future__ import annotations

from idp.applications.resource_servers.reactions import REACTIONS
from idp.foundation.feature import Feature

FEATURE = Feature(
    name="resource_servers",
    apis=("idp.applications.resource_servers.api",),
    reactions=REACTIONS,
)
