"""The feature: accounts that a source's directory makes (SCIM)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, tuple_

from idp.directory.provisioning.log_types import ScimLog
from idp.directory.provisioning.models import ScimResource
from idp.directory.provisioning.reactions import REACTIONS
from idp.foundation.db.personal import Personal, Whose
from idp.foundation.feature import Feature


def _sent(whose: Whose) -> ColumnElement[bool]:
    return tuple_(ScimResource.connection_id, ScimResource.account_id).in_(whose.accounts)


FEATURE = Feature(
    name="provisioning",
    apis=("idp.directory.provisioning.api",),
    blueprints=("idp.directory.provisioning.views:blueprint",),
    reactions=REACTIONS,
    log_types=(ScimLog,),
    personal=(Personal(model=ScimResource, of=_sent, hidden=frozenset({"unique_key", "name_key"})),),
)
"""SCIM of connections."""
