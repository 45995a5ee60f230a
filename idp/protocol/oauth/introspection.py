"""``/oauth/introspect`` (RFC 7662): for authenticated clients, about their own tokens and those of APIs that are
theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.kernel import clock, scopes
from idp.foundation.kernel.errors import OAuthError, invalid_client, invalid_request
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.oauth import bearer, client_auth, errors
from idp.protocol.oauth.token import body_parameters
from idp.protocol.tokens import binding, claims, details, for_client, gate, impersonated, subjects
from idp.protocol.tokens.binding import Binding
from idp.protocol.tokens.found import FoundToken
from idp.protocol.tokens.gate import Presented

INACTIVE = {"active": False}
SIGNED = "application/token-introspection+jwt"
blueprint = Blueprint("introspection", __name__)


def introspect(work: Work, call: Call) -> Reply:
    """RFC 7662 2; whatever is not the caller's business is ``{"active": false}``."""
    try:
        params = body_parameters(call)
        credentials = client_auth.presented(call.authorization, params)
        token = params.get("token")
        if not token:
            raise invalid_request("Missing required parameter: token")
        found, said = bearer.find(work, token)
        work.ensure_current()
        caller = client_auth.authenticate(work, credentials)
        if caller.public:
            raise invalid_client("A public client cannot introspect tokens")
        return _answer(work, call, caller, _describe(work, caller, found, said))
    except OAuthError as problem:
        return errors.answer(problem, work, basic=call.authorization is not None)


ROUTE = Route("/oauth/introspect", ("POST",), introspect)
http.add_route(blueprint, ROUTE)


def _answer(work: Work, call: Call, caller: ClientConfig, said: dict[str, Any]) -> Reply:
    """As JSON, or as a token where the caller asks for one (RFC 9701 4, 5)."""
    if SIGNED not in call.environ.get("HTTP_ACCEPT", "").lower():
        return errors.json_answer(said)
    payload = {"iss": work.config.issuer, "aud": caller.known_as, "iat": clock.now(), "token_introspection": said}
    alg = caller.data.introspection_signed_response_alg
    token = for_client.made(work, caller, "introspection", alg, payload, typ="token-introspection+jwt")
    return errors.token_answer(token, SIGNED)


def _describe(
    work: Work, caller: ClientConfig, found: FoundToken | None, said: dict[str, Any] | None
) -> dict[str, Any]:
    if found is not None:
        concerned = _concerns(work, caller, found.client_id, found.audience)
        stands = gate.presented(work, found) if concerned else None
        if stands is None:
            return INACTIVE
        told = said if said is not None else details.told(found.granted)
        return {**_stored(work, found, stands), **_alone(work, stands, found.audience, told)}
    if said is None or said.get("gty") != "client-credentials":
        return INACTIVE
    audience, scope = said.get("aud"), said.get("scope", "")
    if not isinstance(audience, str) or not isinstance(scope, str):
        return INACTIVE
    client_id, bound = str(said["azp"]), binding.of_claims(said)
    concerned = _concerns(work, caller, client_id, audience)
    stands = gate.presented_by_client(work, client_id, audience, scopes.parse(scope), bound) if concerned else None
    if stands is None:
        return INACTIVE
    return {
        "active": True,
        **_bound(bound),
        "client_id": client_id,
        **{k: said[k] for k in ("iss", "sub", "aud", "iat", "exp", "jti") if k in said},
        **_alone(work, stands, audience, said, own=True),
        **({"scope": scopes.join(stands.scopes)} if stands.scopes else {}),
    }


def _alone(
    work: Work, stands: Presented, audience: str | None, said: Mapping[str, Any], *, own: bool = False
) -> Mapping[str, Any]:
    """What stands in the token alone, as it may have less than its family: who acts, and of the details those that the
    API offers still.
    """
    api = resource_servers.find(work, audience) if audience else None
    left = details.standing(work, stands.client, api, said.get("authorization_details") or (), own=own)
    act = {"act": said["act"]} if "act" in said else {}
    return {**act, "authorization_details": left} if left else act


def _stored(work: Work, found: FoundToken, stands: Presented) -> dict[str, Any]:
    description: dict[str, Any] = {
        "active": True,
        "iss": work.config.issuer,
        "sub": _subject(work, found, stands),
        "client_id": stands.client.known_as,
        "scope": scopes.join(stands.scopes),
        "iat": found.created_at // 1000,
        **impersonated.acting(found.granted),
    }
    if found.kind == "access":
        description |= {**_bound(found.bound), "aud": found.audience or f"{work.config.issuer}userinfo"}
    if found.expires_at is not None:
        description["exp"] = found.expires_at // 1000
    username = _username(work, found, stands)
    return {**description, "username": username} if username else description


def _bound(bound: Binding | None) -> dict[str, Any]:
    """By which scheme it has to come, and with the proof of what (RFC 9449 6.2, RFC 8705 3.2)."""
    return {"token_type": bound.token_type, "cnf": bound.cnf} if bound else {"token_type": "Bearer"}


def _subject(work: Work, found: FoundToken, stands: Presented) -> str:
    """The person, as the token itself names them."""
    api = resource_servers.find(work, found.audience) if found.audience else None
    return (
        found.granted.user_id
        if api is not None and api.is_system
        else subjects.of(work, stands.client, found.granted.user_id)
    )


def _username(work: Work, found: FoundToken, stands: Presented) -> str | None:
    """What the person is known by, as far as the client may know it: by the token itself, or by what it would be given
    without asking (security.md K1).
    """
    user = found.granted.user
    if not stands.asks:
        return user.username or user.email
    told = claims.names_for(stands.scopes, found.granted.request.userinfo_claims)
    known_by = (("preferred_username", user.username), ("email", user.email))
    return next(
        (
            value
            for claim, value in known_by
            if value and (claim in told or gate.may_learn(work, stands.client, found.granted, claim))
        ),
        None,
    )


def _concerns(work: Work, caller: ClientConfig, client_id: str, audience: str | None) -> bool:
    """Issued to the caller, or for an API whose ``client_id`` it is (contract.md section 7)."""
    if client_id in (caller.client_id, caller.known_as):
        return True
    api = resource_servers.find(work, audience) if audience else None
    return api is not None and api.data.client_id == caller.client_id
