"""Makes tokens: formats, lifetimes, claims, and what they leave with their family. Decides and writes nothing.

Signing happens here, before a transaction is opened (architecture.md, "Unit of work"). Only the gate calls it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.foundation.kernel import clock, ids, scopes
from idp.foundation.kernel.secrets import b64url
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import claims, details, handles, subjects
from idp.protocol.tokens import for_client as for_client_tokens
from idp.protocol.tokens.binding import Binding
from idp.protocol.tokens.claims import Subject
from idp.protocol.tokens.store import Exchange, Granted
from idp.tenant.keys import signer

BEARER = "Bearer"
"""The ``token_type`` of what is bound to nothing."""
OPAQUE_LIFETIME_S = 86_400
MOST_IN_BROWSER_S = 86_400
"""The longest life of an access token that came through the browser, whatever its API says: it cannot be sender
constrained, and the row of its family is kept for that long.
"""
NOTHING_BESIDE: Mapping[str, str | None] = {}
HASHES = {"RS512": "sha512", "EdDSA": "sha512"}
"""Of ``at_hash`` and its kin, by the algorithm of the ID token (OIDC Core 3.1.3.6; Ed25519 hashes with SHA-512);
SHA-256 for all others.
"""
AUTHZ = "_authz"
"""How dialects end that carry permissions."""


@dataclass(frozen=True)
class Issued:
    """The token endpoint's answer (RFC 6749 5.1), for whom it is, and what it leaves with the family."""

    answer: dict[str, Any]
    scope: str
    audience: str | None
    user: Subject | None = None
    exchange: Exchange | None = None
    act: dict[str, Any] | None = None
    """Who acts for the user."""


@dataclass(frozen=True)
class FrontChannel:
    """What a request wants of the authorization endpoint: the ``words`` of its response type, and its ``state``."""

    words: frozenset[str]
    state: str | None = None


def for_browser(
    work: Work,
    client: ClientConfig,
    granted: Granted,
    api: ResourceServerConfig | None,
    asked: FrontChannel,
    *,
    code: str | None,
    permissions: Sequence[str] | None,
    told: Mapping[str, Any],
) -> dict[str, str]:
    """The parameters of an answer with tokens in it (OIDC Core 3.2.2.5, 3.3.2.5), but for ``state``."""
    params: dict[str, str] = {} if code is None else {"code": code}
    if "token" in asked.words:
        most = min(api.data.token_lifetime_for_web, api.data.token_lifetime) if api else OPAQUE_LIFETIME_S
        lifetime = min(most, MOST_IN_BROWSER_S)
        access = _access_token(work, client, granted, granted.scope, api, "", permissions, lifetime)
        params |= {"access_token": access, "token_type": "Bearer", "expires_in": str(lifetime), **_scope(granted.scope)}
    if "id_token" in asked.words:
        beside = {"at_hash": params.get("access_token"), "c_hash": code, "s_hash": asked.state}
        scope = scopes.parse(granted.scope)
        alone = asked.words == {"id_token"}
        params["id_token"] = id_token(work, client, granted, scope, told, beside=beside, alone=alone)
    return params


def half_hash(alg: str, value: str) -> str:
    """OIDC Core 3.1.3.6: the left half of the hash of an ASCII text."""
    hashed = hashlib.new(HASHES.get(alg, "sha256"), value.encode()).digest()
    return b64url(hashed[: len(hashed) // 2])


def for_user(
    work: Work,
    client: ClientConfig,
    granted: Granted,
    api: ResourceServerConfig | None,
    scope: str,
    *,
    gty: str,
    refresh: int | None,
    keeps: bool,
    permissions: Sequence[str] | None,
    told: Mapping[str, Any],
    bound: Binding | None = None,
    refresh_bound: Binding | None = None,
    forgotten_at: int | None = None,
) -> Issued:
    """Tokens for a user: access token, ID token with ``openid``, and a refresh token of the generation ``refresh``
    unless that is None. ``keeps``: the family has a refresh token, this one or another. ``permissions``: what the
    person may do with an API that enforces it. ``told``: further claims of the ID token; standard ones win.
    ``bound`` and ``refresh_bound``: to what the access token and the refresh token are. ``forgotten_at``: when a
    refresh token goes that hangs on the session (ms).
    """
    wanted = scopes.parse(scope)
    lifetime = api.data.token_lifetime if api is not None else OPAQUE_LIFETIME_S
    if granted.request.ends_at is not None:
        lifetime = max(1, min(lifetime, granted.request.ends_at - clock.now()))
    access = _access_token(work, client, granted, scope, api, gty, permissions, lifetime, bound)
    answer: dict[str, Any] = {
        "access_token": access,
        "token_type": bound.token_type if bound else BEARER,
        "expires_in": lifetime,
        **_scope(scope),
        **details.told(granted),
    }
    if refresh is not None:
        answer["refresh_token"] = handles.spent_once(work, handles.REFRESH, granted.id, refresh, refresh_bound)
    if "openid" in wanted:
        answer["id_token"] = id_token(work, client, granted, wanted, told, refreshed=gty == "refresh_token")
    exchange = _exchange(client, granted, lifetime, refresh=refresh is not None, keeps=keeps, forgotten_at=forgotten_at)
    return Issued(answer, scope, granted.audience, granted.user, exchange, granted.request.act)


def _exchange(
    client: ClientConfig, granted: Granted, lifetime: int, *, refresh: bool, keeps: bool, forgotten_at: int | None
) -> Exchange:
    """``lifetime`` is that of the access token, in seconds."""
    moment = clock.now_ms()
    access_ends = max(moment + lifetime * 1000, granted.live_until or 0)
    if not keeps:
        return Exchange(live_until=access_ends, idle_expires_at=moment if granted.offline else None)
    if forgotten_at is not None:
        return Exchange(live_until=max(access_ends, forgotten_at), refresh=refresh)
    idle = refresh_expiry(client, granted.expires_at)
    live_until = None if idle is None else max(access_ends, idle)
    return Exchange(live_until=live_until, idle_expires_at=idle, refresh=refresh)


def for_client(
    work: Work,
    client: ClientConfig,
    api: ResourceServerConfig,
    scope: str,
    bound: Binding | None = None,
    wanted: Mapping[str, Any] = NOTHING_BESIDE,
) -> Issued:
    """A client's own JWT access token (RFC 6749 4.4); nothing is stored."""
    moment = clock.now()
    lifetime = api.data.token_lifetime
    payload: dict[str, Any] = {
        "iss": work.config.issuer,
        "sub": f"{client.known_as}@clients",
        "aud": api.identifier,
        "iat": moment,
        "exp": moment + lifetime,
        **_scope(scope),
        "jti": ids.token(16),
        **_permissions(api, scopes.parse(scope) if api.data.enforce_policies else None),
        **_cnf(bound),
        **wanted,
    }
    token = _sign_access_token(work, client, api, payload, "client-credentials")
    kind = bound.token_type if bound else BEARER
    answer = {"access_token": token, "token_type": kind, "expires_in": lifetime, **_scope(scope), **wanted}
    return Issued(answer, scope, api.identifier)


def _scope(scope: str) -> dict[str, str]:
    """The member ``scope``, absent where nothing was granted: an empty one is no scope (RFC 6749 3.3)."""
    return {"scope": scope} if scope else {}


def _cnf(bound: Binding | None) -> dict[str, dict[str, str]]:
    return {"cnf": bound.cnf} if bound else {}


def _act(granted: Granted) -> dict[str, dict[str, Any]]:
    return {"act": granted.request.act} if granted.request.act else {}


def _permissions(api: ResourceServerConfig, permissions: Sequence[str] | None) -> dict[str, list[str]]:
    """The claim ``permissions``, where the API enforces them and its dialect carries them: all that somebody has of
    the API, whatever scopes were asked for (spec/access-control.md, "Token effect").
    """
    if permissions is None or not api.data.token_dialect.endswith(AUTHZ):
        return {}
    return {"permissions": list(permissions)}


def id_token(
    work: Work,
    client: ClientConfig,
    granted: Granted,
    wanted: list[str],
    told: Mapping[str, Any],
    *,
    refreshed: bool = False,
    beside: Mapping[str, str | None] = NOTHING_BESIDE,
    alone: bool = False,
) -> str:
    """OIDC Core 2, signed. ``beside``: what it is sent along with, by the claim that holds its hash."""
    payload = id_token_claims(work, client, granted, wanted, told, refreshed=refreshed, alone=alone)
    alg = client.data.jwt_configuration.alg
    payload |= {name: half_hash(alg, value) for name, value in beside.items() if value is not None}
    return for_client_tokens.made(work, client, "id_token", alg, payload)


def id_token_claims(
    work: Work,
    client: ClientConfig,
    granted: Granted,
    wanted: list[str],
    told: Mapping[str, Any],
    *,
    refreshed: bool = False,
    alone: bool = False,
) -> dict[str, Any]:
    """What it says: its claims follow the granted scopes and the ``claims`` parameter. A ``refreshed`` one says nothing
    of how the person signed in once: nobody did just now (spec/login-factors.md, "Policy"). ``alone``: no access token
    will tell what the scopes open, so it does (OIDC Core 5.4).
    """
    moment = clock.now()
    request = granted.request
    payload: dict[str, Any] = {
        **told,
        "iss": work.config.issuer,
        "sub": subjects.of(work, client, granted.user_id),
        "aud": client.known_as,
        "iat": moment,
        "exp": moment + client.data.jwt_configuration.lifetime_in_seconds,
        "auth_time": request.auth_time,
    }
    optional = {"sid": granted.session_id, "nonce": request.nonce, "acr": request.acr, "amr": request.amr}
    if refreshed and request.amr:
        optional |= {"acr": None, "amr": None}
    payload |= {name: value for name, value in optional.items() if value}
    payload |= _act(granted)
    by_scope = wanted if alone or client.compatibility.id_token_scope_claims else []
    payload |= claims.claims_for(granted.user, by_scope, request.id_token_claims, client.compatibility)
    return payload


def _access_token(
    work: Work,
    client: ClientConfig,
    granted: Granted,
    scope: str,
    api: ResourceServerConfig | None,
    gty: str,
    permissions: Sequence[str] | None,
    lifetime: int,
    bound: Binding | None = None,
) -> str:
    """The token, good for ``lifetime`` seconds: opaque without an API, else a JWT (RFC 9068)."""
    own = granted.elsewhere(scope) if granted.request.beside is not None else None if scope == granted.scope else scope
    if api is None:
        return handles.access(work, handles.ACCESS, granted.id, lifetime, own, bound)
    jti = handles.access(work, handles.JWT_ID, granted.id, lifetime, own, bound)
    payload = access_token_claims(work, client, granted, scope, api, permissions, jti, lifetime) | _cnf(bound)
    return _sign_access_token(work, client, api, payload, gty)


def access_token_claims(
    work: Work,
    client: ClientConfig,
    granted: Granted,
    scope: str,
    api: ResourceServerConfig,
    permissions: Sequence[str] | None,
    jti: str,
    lifetime: int,
) -> dict[str, Any]:
    """What an access token for an API says of a user, beside what it says of the client."""
    moment = clock.now()
    openid = "openid" in scopes.parse(scope)
    return {
        "iss": work.config.issuer,
        "sub": granted.user_id if api.is_system else subjects.of(work, client, granted.user_id),
        "aud": [api.identifier, f"{work.config.issuer}userinfo"] if openid else api.identifier,
        "iat": moment,
        "exp": moment + lifetime,
        **_scope(scope),
        "jti": jti,
        **_permissions(api, permissions),
        **details.told(granted),
        **_act(granted),
    }


def client_claims(client: ClientConfig, api: ResourceServerConfig, gty: str) -> dict[str, Any]:
    """What an access token says of the client: RFC 9068 by default, with Auth0's ``azp`` and ``gty`` beside it
    (contract.md section 7).
    """
    rfc9068 = api.data.token_dialect.startswith("rfc9068")
    return {
        "azp": client.known_as,
        **({"gty": gty} if gty else {}),
        **({"client_id": client.known_as} if rfc9068 else {}),
    }


def _sign_access_token(
    work: Work, client: ClientConfig, api: ResourceServerConfig, payload: dict[str, Any], gty: str
) -> str:
    payload |= client_claims(client, api, gty)
    typ = "at+jwt" if api.data.token_dialect.startswith("rfc9068") else "JWT"
    if api.data.signing_alg == "HS256" and api.signing_secret:
        return signer.sign_hs256(api.signing_secret, payload, typ=typ)
    return signer.sign(work, payload, alg=api.data.signing_alg if api.data.signing_alg != "HS256" else "RS256", typ=typ)


def refresh_expiry(client: ClientConfig, absolute: int | None) -> int | None:
    """When a refresh token made now ends, in ms: idle lifetime, never past the family's absolute end; None never."""
    config = client.refresh
    if config.expiration_type != "expiring" or config.infinite_idle_token_lifetime:
        return absolute
    idle = clock.now_ms() + config.idle_token_lifetime * 1000
    return idle if absolute is None else min(idle, absolute)


def family_expiry(client: ClientConfig, given_at: int | None = None) -> int | None:
    """Absolute end of a family that was given at that moment, or now, in ms; None never (security.md F7: the default
    is finite for expiring tokens).
    """
    config = client.refresh
    if config.expiration_type != "expiring" or config.infinite_token_lifetime:
        return None
    return (given_at or clock.now_ms()) + config.token_lifetime * 1000
