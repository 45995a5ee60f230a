"""What the Authorization Extension has an ID token say beside the standard claims."""

from __future__ import annotations

from typing import Any

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.directory.authorization import runtime as authorization
from idp.directory.connections import runtime as connections
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.store import Granted


def claims(work: Work, client: ClientConfig, granted: Granted) -> dict[str, Any]:
    """What the Authorization Extension has an ID token say; nothing is read where it is not there."""
    found = authorization.find(work)
    if found is None or not found.configuration.wanted(""):
        return {}
    connection = connections.find(work, granted.connection_id) if granted.connection_id else None
    profile = msgspec.json.decode(granted.user.profile_json) if granted.user.profile_json else {}
    return authorization.claims(work, granted.user_id, client.client_id, connection, profile or {})
