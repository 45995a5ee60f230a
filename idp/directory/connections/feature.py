"""The feature: configured sources of users."""

from __future__ import annotations

from idp.directory.connections.reactions import REACTIONS
from idp.foundation.feature import Feature

FEATURE = Feature(
    name="connections",
    apis=(
        "idp.directory.connections.api",
        "idp.directory.connections.keys_api",
        "idp.directory.connections.trial_api",
    ),
    blueprints=("idp.directory.connections.views:blueprint",),
    reactions=REACTIONS,
)
