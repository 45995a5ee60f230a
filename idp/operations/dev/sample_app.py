"""A relying party as anybody would write it with Authlib: code flow, PKCE, state and nonce bound to the browser, ID
token checked.

It talks to the provider over HTTP like any other application; only its own little session sits in the provider's
database.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from flask import Response, redirect
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from werkzeug.wrappers import Response as AnyResponse

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import cookies, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import FormError
from idp.foundation.web.view_models import DecodedToken
from idp.operations.dev.pages import SampleAppView
from idp.operations.dev.registration import registration
from idp.operations.installation import samples
from idp.tenant.keys.store import decode_segment

COOKIE = "sample_app"
HOME = f"/{samples.HOME}"
SCOPE = "openid profile email offline_access read:notes write:notes"
TIMEOUT_S = 10
_ATTEMPT, _SESSION = "sample-app-attempt", "sample-app-session"
_ATTEMPT_MS, _SESSION_MS = 600_000, 86_400_000


class Attempt(msgspec.Struct, frozen=True):
    """What one way through the provider must come back with; ``browser`` is the hash of the cookie it began with."""

    browser: str
    verifier: str
    nonce: str


class SignedIn(msgspec.Struct, frozen=True):
    """The application's session."""

    claims: dict[str, Any]
    tokens: dict[str, str]


def home(work: Work, *, problem: str | None = None, status: int = 200) -> Response:
    """Signed out: two buttons. Signed in: the claims and tokens it got."""
    signed_in = None if problem else _session(work)
    page = page_context.page(work, errors=[FormError(problem)] if problem else ())
    view = SampleAppView(
        login_url=work.href("/dev/app/login"),
        signup_url=work.href("/dev/app/login", screen_hint="signup"),
        claims=_as_text(signed_in.claims) if signed_in else None,
        tokens=[_decoded(name, raw) for name, raw in signed_in.tokens.items()] if signed_in else (),
        logout_url=work.href("/dev/app/logout") if signed_in else None,
    )
    return page_context.answer(work, view, page, status=status)


def login(work: Work, screen_hint: str | None) -> AnyResponse:
    """To the provider."""
    client = _required(work)
    browser, verifier, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    extra = {"screen_hint": screen_hint} if screen_hint == "signup" else {}
    with _session_for(work, client) as session:
        url, state = session.create_authorization_url(
            f"{work.config.issuer}authorize",
            code_verifier=verifier,
            nonce=nonce,
            audience=samples.API["identifier"],
            **extra,
        )
    one_time.put(work, _ATTEMPT, state, Attempt(digest(browser), verifier, nonce), ttl_ms=_ATTEMPT_MS)
    return _with_cookie(work, redirect(url, 302), browser)


def callback(work: Work, answer: Mapping[str, str]) -> AnyResponse:
    """Back from the provider: check, exchange, remember."""
    client = _required(work)
    browser, state = cookies.get(work, COOKIE, HOME) or "", answer.get("state", "")
    attempt, _ = one_time.read(work, _ATTEMPT, state, Attempt)
    if attempt is None or attempt.browser != digest(browser) or not one_time.take(work, _ATTEMPT, state):
        return home(work, problem="This sign-in was not begun in this browser, or it is too old.", status=400)
    if "error" in answer:
        return home(work, problem=f"{answer['error']}: {answer.get('error_description', '')}", status=400)
    try:
        signed_in = _redeem(work, client, answer, attempt)
    except (AuthlibBaseError, JoseError, ValueError, requests.RequestException) as error:
        return home(work, problem=f"The provider's answer was not accepted: {error}", status=400)
    key = secrets.token_urlsafe(32)
    one_time.put(work, _SESSION, key, signed_in, ttl_ms=_SESSION_MS)
    return _with_cookie(work, redirect(work.href(HOME), 303), key)


def logout(work: Work) -> AnyResponse:
    """Forget the session, then let the provider end its own (RP-Initiated Logout 1.0)."""
    client, signed_in = _required(work), _session(work)
    one_time.take(work, _SESSION, cookies.get(work, COOKIE, HOME) or "")
    query = {"client_id": client.client_id, "post_logout_redirect_uri": work.config.url + samples.HOME}
    if signed_in and "id_token" in signed_in.tokens:
        query["id_token_hint"] = signed_in.tokens["id_token"]
    url = requests.Request("GET", f"{work.config.issuer}oidc/logout", params=query).prepare().url
    gone = redirect(str(url), 303)
    cookies.drop(work, gone, COOKIE, HOME)
    return gone


def _redeem(work: Work, client: ClientConfig, answer: Mapping[str, str], attempt: Attempt) -> SignedIn:
    """Code for tokens, over HTTP. Raises what Authlib, joserfc and Requests raise, and ValueError for claims that
    don't fit.
    """
    issuer = work.config.issuer
    if answer.get("iss", issuer) != issuer:
        raise ValueError("another issuer answered")
    with _session_for(work, client) as session:
        tokens = session.fetch_token(
            f"{issuer}oauth/token", code=answer.get("code", ""), code_verifier=attempt.verifier, timeout=TIMEOUT_S
        )
        keys = session.request("GET", f"{issuer}.well-known/jwks.json", withhold_token=True, timeout=TIMEOUT_S).json()
        profile = session.get(f"{issuer}userinfo", timeout=TIMEOUT_S).json()
    claims = jwt.decode(
        tokens["id_token"], KeySet.import_key_set(keys), algorithms=["RS256", "PS256", "ES256", "EdDSA"]
    ).claims
    rules = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client.client_id},
        nonce={"essential": True, "value": attempt.nonce},
        exp={"essential": True},
        sub={"essential": True, "value": str(profile.get("sub"))},
    )
    rules.validate(claims)
    kept = {name: str(tokens[name]) for name in ("id_token", "access_token", "refresh_token") if name in tokens}
    return SignedIn({**profile, **claims}, kept)


def _session_for(work: Work, client: ClientConfig) -> OAuth2Session:
    session = OAuth2Session(
        client.client_id,
        client.secret,
        scope=SCOPE,
        redirect_uri=work.config.url + samples.CALLBACK,
        code_challenge_method="S256",
        token_endpoint_auth_method=client.data.token_endpoint_auth_method,
    )
    session.trust_env = False
    session.verify = work.platform.settings.outbound_ca or True
    return session


def _required(work: Work) -> ClientConfig:
    client = registration(work)
    if client is None:
        raise PageError("not_found", "The sample application was deleted. `idp init` makes it again.", status=404)
    return client


def _session(work: Work) -> SignedIn | None:
    found, _ = one_time.read(work, _SESSION, cookies.get(work, COOKIE, HOME) or "", SignedIn)
    return found


def _with_cookie(work: Work, answer: AnyResponse, value: str) -> AnyResponse:
    cookies.send(work, answer, COOKIE, value, max_age_s=_SESSION_MS // 1000, same_site="Lax", path=HOME)
    return answer


def _as_text(claims: Mapping[str, Any]) -> dict[str, object]:
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in claims.items()
    }


def _decoded(name: str, raw: str) -> DecodedToken:
    """A JWT taken apart for people to read; it was verified before it was kept."""
    parts = raw.split(".")
    if len(parts) != 3:
        return DecodedToken(name, raw)
    header, claims = (msgspec.json.format(decode_segment(part), indent=2).decode() for part in parts[:2])
    return DecodedToken(name, raw, header, claims)
