"""``/users/{id}/archive``: ours. What privacy asks for is more than any one scope opens, so it takes all of them."""

from __future__ import annotations

import io

from idp.directory.privacy import service
from idp.foundation.apikit import Api, File
from idp.foundation.kernel.formats import UserId
from idp.foundation.kernel.rights import missing_scope
from idp.foundation.tenancy.work import Work

api = Api("users")
SCOPES = frozenset(
    {"read:users", "read:grants", "read:logs", "read:refresh_tokens", "read:roles", "read:sessions", "read:groups"}
)
"""Whoever has every one of them could read it piece by piece."""


@api.get("/users/{id}/archive", scopes=SCOPES, summary="Get everything that is stored of a user")
def get_archive(work: Work, id: UserId) -> File:
    """A zip file of JSON documents, one for each kind of data; nothing secret is in it."""
    lacking = SCOPES - work.actor.scopes
    if lacking:
        raise missing_scope(lacking)
    stream = io.BytesIO()
    service.write_archive(work, id, stream)
    return File("personal-data.zip", "application/zip", stream.getvalue())
