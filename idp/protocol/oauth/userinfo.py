"""``/userinfo`` (OIDC Core 5.3)."""

from __future__ import annotations

from flask import Blueprint

from idp.applications.clients import encryption
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.oauth import bearer, cors, errors, interactions
from idp.protocol.possession import proofs, resource
from idp.protocol.tokens import claims, for_client, gate, impersonated, subjects
from idp.protocol.tokens.found import FoundToken

blueprint = Blueprint("userinfo", __name__)
API = "userinfo"


def userinfo(work: Work, call: Call) -> Reply:
    """The claims the token's scopes open. 401 with ``WWW-Authenticate`` otherwise (RFC 6750 3,
    RFC 9449 7.1).
    """
    if call.method == "OPTIONS":
        return cors.preflight(work, call, "GET, POST, OPTIONS")
    client_id: str | None = None
    try:
        came = bearer.presented(call)
        found, stands = _live(work, came.token if came else None)
        client_id = found.client_id
        nonce = resource.check(work, call, came, found.bound, client_id) if came else None
        reply = _answer(work, stands, _claims(work, found, stands)).add({proofs.HEADER: nonce} if nonce else {})
        reply.add(interactions.header(call, bound=found.bound is not None))
    except OAuthError as problem:
        reply = errors.answer(problem).add(interactions.header(call))
        reply.headers.extend(
            resource.challenges(work, API, call, problem if problem.error != "missing_token" else None)
        )
    return cors.allow(work, call, reply, client_id)


ROUTE = Route("/userinfo", ("GET", "POST", "OPTIONS"), userinfo)
http.add_route(blueprint, ROUTE)


def _live(work: Work, token: str | None) -> tuple[FoundToken, gate.Presented]:
    if not token:
        raise OAuthError("missing_token", "An access token is required", status=401)
    found, _ = bearer.find(work, token)
    stands = gate.presented(work, found) if found is not None and found.kind == "access" else None
    if found is None or stands is None:
        raise OAuthError("invalid_token", "The access token is not valid", status=401)
    return found, stands


def _answer(work: Work, stands: gate.Presented, said: dict[str, object]) -> Reply:
    """As JSON, or signed and encrypted where the client wants that (OIDC Core 5.3.2)."""
    client = stands.client
    alg = client.data.userinfo_signed_response_alg
    if alg is None and encryption.wanted(client, "userinfo") is None:
        return errors.json_answer(said)
    payload = {**said, "iss": work.config.issuer, "aud": client.known_as}
    token = for_client.made(work, client, "userinfo", alg, payload)
    return errors.token_answer(token, "application/jwt")


def _claims(work: Work, found: FoundToken, stands: gate.Presented) -> dict[str, object]:
    if "openid" not in stands.scopes:
        raise OAuthError("insufficient_scope", "The access token lacks the scope openid", status=403)
    granted = found.granted
    told = claims.claims_for(granted.user, stands.scopes, granted.request.userinfo_claims, stands.client.compatibility)
    acting = impersonated.claims(work, stands.client, granted)
    return {"sub": subjects.of(work, stands.client, granted.user_id), **told, **acting}
