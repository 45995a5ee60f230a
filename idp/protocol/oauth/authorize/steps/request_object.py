"""Requests that do not stand in the address: pushed ones (RFC 9126), and request objects by value and by reference (RFC
9101, OIDC Core 6).

What is in such a request is the whole of it: parameters beside it are passed over (RFC 9101 6.3), so that nobody adds
to what the client signed. Where it cannot be believed, nothing of it is, and the request is refused where the address
that was sent beside it is the client's.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from idp.applications.clients import compliance
from idp.applications.clients.runtime import ClientConfig
from idp.foundation import egress
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import client_jws
from idp.protocol.oauth.authorize import pushed
from idp.protocol.oauth.authorize.request import Draft
from idp.tenant.keys import decrypter, signer

ANSWERED_BY = ("state", "response_mode", "response_type")
"""Members that say how an answer travels: believed of an object that is refused, so that the refusal finds its caller.
Whoever made the request could have sent the same as parameters, and the answer goes to an address that is proven.
"""
IN_FORCE = ("signed_request_object", "credentials")
"""Where a client's document names the credentials that it signs requests with."""
UNSIGNED = "none"
MOST_S = 3_600
"""How far ahead the end of an object may lie, where it has one."""
FETCH_S = 4.0
MOST = 65_536
"""Characters of an object of a federation: one may bring its trust chain along."""
MOST_JTI = 1_024
_REPLAY = "request_object"
TYPES = frozenset({"", "jwt", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"})
_OF_THE_TOKEN = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub", "typ", "request", "request_uri"})


def read_request(draft: Draft) -> None:
    """Put what the client pushed or signed in the place of the parameters. A problem is kept until the address for the
    answer is proven (:func:`refuse_request`).
    """
    params = draft.params
    uri, value = params.get("request_uri"), params.get("request")
    if uri is None and value is None:
        return
    if uri is not None and value is not None:
        draft.problem = OAuthError("invalid_request", "Use request or request_uri, not both")
        return
    try:
        if uri is not None and uri.startswith(pushed.PREFIX):
            _pushed(draft, uri)
        else:
            open_object(draft, value if uri is None else _fetched(draft, uri))
    except OAuthError as problem:
        draft.problem = problem
        _answered_by(draft, value or "")


def open_object(draft: Draft, raw: str | None) -> None:
    """Read a request object. Raises OAuthError ``invalid_request_object``."""
    client = draft.known_client
    try:
        raw = _decrypted(draft.work, raw or "")
        said = _content(draft, raw)
    except signer.InvalidToken as error:
        raise _invalid("The request object is not the client's", f"{client.client_id}: {error}") from error
    rules: tuple[tuple[bool, str], ...] = (
        (said.get("client_id", client.known_as) == client.known_as, "client_id is another one"),
        (said.get("iss", client.known_as) == client.known_as, "iss is not the client"),
        (said.get("sub") != client.known_as, "it is an assertion about the client"),
        ("aud" not in said or draft.work.config.issuer in client_jws.audience(said), "aud is not this issuer"),
        (client_jws.timely(said, MOST_S) if "exp" in said else client_jws.begun(said), "it is over, or not good yet"),
        ("request" not in said and "request_uri" not in said, "there is another request in it"),
    )
    if client.federated:
        rules += _federated(said)
    problem = next((text for holds, text in rules if not holds), None)
    if problem is None and client.profile is not None:
        problem = compliance.object_problem(said, _algorithm(raw), clock.now())
    if problem is not None:
        raise _invalid(f"The request object is not valid: {problem}", client.client_id)
    if client.federated and not draft.looking:
        _use_once(draft.work, client, said)
    draft.params = {"client_id": client.client_id, **_parameters(said)}
    draft.signed = _algorithm(raw) != UNSIGNED


def _federated(said: dict[str, Any]) -> tuple[tuple[bool, str], ...]:
    """What a request object needs besides that registers its client (OpenID Federation 1.0, 12.1.1.1)."""
    jti = said.get("jti")
    return (
        ("client_id" in said, "client_id is missing"),
        ("iss" in said, "iss is missing"),
        ("sub" not in said, "it has a sub"),
        ("aud" in said, "aud is missing"),
        ("exp" in said, "exp is missing"),
        (isinstance(jti, str) and 0 < len(jti) <= MOST_JTI, "jti is missing"),
    )


def _use_once(work: Work, client: ClientConfig, said: dict[str, Any]) -> None:
    """It counts once, on any process (security.md R1). Raises OAuthError ``invalid_request_object``."""
    left_ms = math.ceil(said["exp"] + client_jws.SKEW_S - clock.now()) * 1000
    try:
        one_time.put(work, _REPLAY, f"{client.client_id}\0{said['jti']}", None, ttl_ms=left_ms)
    except UniqueViolation as error:
        raise _invalid("The request object was used before (jti)", client.client_id) from error


def refuse_request(draft: Draft) -> None:
    """What was wrong with the request as a whole (RFC 9101 7, OIDC Core 3.1.2.6)."""
    if draft.problem is not None:
        raise draft.problem
    if "registration" in draft.params:
        raise OAuthError("registration_not_supported", "The registration parameter is not supported")


def _pushed(draft: Draft, uri: str) -> None:
    found = pushed.read(draft.work, draft.known_client, uri)
    if found is None:
        raise OAuthError("invalid_request_uri", "The request_uri is another client's, was used before, or is too old")
    draft.params = {**found.params, "client_id": draft.known_client.client_id}
    draft.pushed, draft.signed = uri, found.signed


def _fetched(draft: Draft, uri: str) -> str:
    """The object behind an address that the client registered for that (security.md A12)."""
    client = draft.known_client
    if uri.partition("#")[0] not in {each.partition("#")[0] for each in client.data.request_uris}:
        raise OAuthError("invalid_request_uri", "The request_uri is not registered for this client")
    _count(draft.work, client.client_id)
    try:
        answer = egress.load().get(draft.work.platform.settings, uri.partition("#")[0], seconds=FETCH_S)
        if answer.status != 200 or len(answer.body) > signer.MAX_TOKEN_LENGTH:
            raise egress.Unreachable(f"status {answer.status}, {len(answer.body)} bytes")
        return str(answer.body.decode("ascii")).strip()
    except (egress.EgressError, UnicodeDecodeError) as error:
        raise OAuthError("invalid_request_uri", "The request_uri can't be read", detail=str(error)) from error


def _count(work: Work, client_id: str) -> None:
    """A link of a stranger's makes us call the application: not as often as they like."""
    if limits.exceeded(work, limits.REQUESTS_FETCHED, f"{client_id}:{work.network}") is not None:
        raise OAuthError("temporarily_unavailable", "Too many requests by reference: try again in some minutes")


def _decrypted(work: Work, raw: str) -> str:
    """The object, out of its encryption where it came in one (RFC 9101 6.1). Raises InvalidToken."""
    return decrypter.opened(work, raw) if decrypter.is_encrypted(raw) else raw


def _content(draft: Draft, raw: str) -> dict[str, Any]:
    """The claims, whose object the client signed, or did not have to. Raises InvalidToken."""
    client, alg = draft.known_client, _algorithm(raw)
    most = _most(client)
    if client.data.request_object_signing_alg not in (None, alg):
        raise signer.InvalidToken(f"signed with {alg[:20]!r}, the client is set to another algorithm")
    if alg != UNSIGNED:
        return client_jws.claims(draft.work, client, raw, use=IN_FORCE, types=TYPES, most=most)
    if client.data.request_object_signing_alg == UNSIGNED and not client.federated and raw.endswith("."):
        return signer.opened(raw, TYPES)[1]
    raise signer.InvalidToken("not signed")


def _parameters(said: dict[str, Any]) -> dict[str, str]:
    """The members as parameters: text as it is, everything else as JSON (RFC 9101 4)."""
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in said.items()
        if name not in _OF_THE_TOKEN and value is not None
    }


def _most(client: ClientConfig | None) -> int:
    """Characters of an object of the client."""
    return MOST if client is not None and client.federated else signer.MAX_TOKEN_LENGTH


def _algorithm(raw: str) -> str:
    return str(signer.header(raw, MOST).get("alg"))


def _answered_by(draft: Draft, raw: str) -> None:
    try:
        signer.header(raw, _most(draft.client))
        said = signer.unverified(raw)
    except signer.InvalidToken:
        return
    if said.get("client_id", draft.known_client.known_as) != draft.known_client.known_as:
        return
    for name in ANSWERED_BY:
        value = said.get(name)
        if isinstance(value, str) and "\0" not in value:
            draft.params[name] = value


def _invalid(text: str, detail: str) -> OAuthError:
    return OAuthError("invalid_request_object", text, detail=detail)
