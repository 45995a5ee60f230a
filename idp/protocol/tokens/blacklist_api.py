"""``/blacklists/tokens``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Api, Body, Query, View
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import blacklist

api = Api("blacklists")


class BlacklistEntry(Body):
    """POST /blacklists/tokens: the ``jti`` of a JWT, and its ``aud``; where that is left out, the Management API's."""

    jti: Annotated[str, Meta(min_length=1, max_length=255)]
    aud: Annotated[str, Meta(min_length=1, max_length=600)] | UnsetType = UNSET


class BlacklistQuery(Query):
    """GET /blacklists/tokens."""

    aud: Annotated[str, Meta(max_length=600)] | UnsetType = UNSET


class BlacklistEntryView(View):
    """A refused token."""

    aud: str
    jti: str


@api.get("/blacklists/tokens", scopes={"read:blacklists"}, summary="Get blacklisted tokens")
def list_tokens(work: Work, query: BlacklistQuery) -> list[BlacklistEntryView]:
    """What was refused, newest first."""
    found = blacklist.of_audience(work, None if isinstance(query.aud, UnsetType) else query.aud)
    return [BlacklistEntryView(aud=each.aud, jti=each.jti) for each in found]


@api.post("/blacklists/tokens", scopes={"create:blacklists"}, status=HTTPStatus.NO_CONTENT, summary="Blacklist a token")
def refuse_token(work: Work, body: BlacklistEntry) -> None:
    """From now on the token is refused, here and at /userinfo."""
    audience = work.config.management_audience if isinstance(body.aud, UnsetType) else body.aud
    blacklist.refuse(work, audience, body.jti)
