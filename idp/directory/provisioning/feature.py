"""The feature: accounts that a source's directory makes (SCIM)."""

from __future__ import annotations

from idp.directory.provisioning.log_types import ScimLog
from idp.directory.provisioning.reactions import REACTIONS
from idp.foundation.feature import Feature

FEATURE = Feature(
    name="provisioning",
    apis=("idp.directory.provisioning.api",),
    blueprints=("idp.directory.provisioning.views:blueprint",),
    reactions=REACTIONS,
    log_types=(ScimLog,),
)
"""SCIM of connections."""
