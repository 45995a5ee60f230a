"""Whom an application means (CIBA Core 7.1): exactly one of three hints, and a person of its own connections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.foundation.kernel import clock, sizes, strict_json
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import client_jws, id_token_hint
from idp.protocol.oauth.authorize.steps.request_object import IN_FORCE
from idp.protocol.oauth.ciba.service import Person
from idp.protocol.tokens import gate, store, subjects
from idp.tenant.keys import signer

HINTS: Final = ("login_hint", "id_token_hint", "login_hint_token")
FORMAT: Final = "iss_sub"
MOST_HINT: Final = 1_024
MOST_ID: Final = 300
TYPES: Final = frozenset({"", "jwt"})
TOKEN_S: Final = 3_600
"""How far ahead the end of a ``login_hint_token`` may lie."""


def person(work: Work, client: ClientConfig, params: Mapping[str, str]) -> Person:
    """Who is asked.

    :raises OAuthError: ``invalid_request`` for no hint or two, ``unknown_user_id`` for nobody of the client's,
        ``expired_login_hint_token``.
    """
    given = [name for name in HINTS if params.get(name)]
    if len(given) != 1:
        raise invalid_request("Exactly one of login_hint, id_token_hint and login_hint_token is needed")
    user_id = _READ[given[0]](work, client, params[given[0]])
    user = provision.by_id(work, user_id[:MOST_ID])
    if user is None or not connections.enabled(work, client.client_id, user.connection_id):
        raise OAuthError("unknown_user_id", "The hint names nobody here")
    stands = store.subject(work, user.user_id)
    if user.blocked or stands is None:
        raise OAuthError("access_denied", gate.BLOCKED)
    if stands.deletion_due is not None:
        raise OAuthError("access_denied", gate.LEAVING)
    return Person(user.user_id, user.email if user.email_verified else None, user.language)


def _by_identifier(work: Work, client: ClientConfig, raw: str) -> str:
    """``{"format": "iss_sub", "iss": issuer, "sub": what the client calls the person}``, as in Auth0."""
    if len(raw) > MOST_HINT:
        raise invalid_request("login_hint is too long")
    try:
        said = strict_json.decode(raw.encode())
    except InvalidJson as error:
        raise invalid_request("login_hint is not valid JSON") from error
    return _subject(work, client, said, "login_hint")


def _by_id_token(work: Work, client: ClientConfig, raw: str) -> str:
    """An ID token that this tenant issued to the client, however old."""
    if len(raw) > sizes.ID_TOKEN_HINT.most:
        raise invalid_request("id_token_hint is too long")
    try:
        claims, audience = id_token_hint.read(work, raw)
    except signer.InvalidToken as error:
        raise invalid_request("The id_token_hint is not valid", detail=str(error)) from error
    if client.known_as not in audience:
        raise invalid_request("The id_token_hint was not issued to this client")
    return str(claims["sub"])


def _by_token(work: Work, client: ClientConfig, raw: str) -> str:
    """A token that the client signed, with the person as ``sub_id`` (RFC 9493) or ``subject``."""
    try:
        said = client_jws.claims(work, client, raw, use=IN_FORCE, types=TYPES)
    except signer.InvalidToken as error:
        raise invalid_request("The login_hint_token is not the client's", detail=str(error)) from error
    if said.get("iss") != client.known_as or work.config.issuer not in client_jws.audience(said):
        raise invalid_request("The login_hint_token is not for us")
    ends = said.get("exp")
    if isinstance(ends, int | float) and not isinstance(ends, bool) and ends + client_jws.SKEW_S <= clock.now():
        raise OAuthError("expired_login_hint_token", "The login_hint_token is over")
    if not client_jws.timely(said, TOKEN_S):
        raise invalid_request("The login_hint_token needs an exp that is near")
    return _subject(work, client, said.get("sub_id") or said.get("subject"), "login_hint_token")


def _subject(work: Work, client: ClientConfig, said: Any, where: str) -> str:
    known = isinstance(said, dict) and said.get("format", said.get("subject_type")) == FORMAT
    if not known or not isinstance(said.get("sub"), str):
        raise invalid_request(f"{where} names nobody: format {FORMAT}, iss and sub are needed")
    if said.get("iss") != work.config.issuer:
        raise OAuthError("unknown_user_id", "The hint names somebody of another issuer")
    return subjects.asked_for(work, client, said["sub"])


_READ: Final = {"login_hint": _by_identifier, "id_token_hint": _by_id_token, "login_hint_token": _by_token}
