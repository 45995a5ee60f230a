"""An application that signs people in here: it makes requests, checks answers and redeems codes as a careful client
does.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

if TYPE_CHECKING:
    from tests.world.browser import Answer, Browser
    from tests.world.world import Person, World

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "RS512"]


def challenge_of(verifier: str) -> str:
    """RFC 7636 4.2, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Attempt:
    """One authorization request and what its answer is checked with."""

    app: Application
    params: dict[str, str]
    verifier: str

    @property
    def url(self) -> str:
        return f"{self.app.world.issuer}authorize?{urlencode(self.params)}"

    def redeem(self, answer: Answer, **form: str | None) -> TestResponse:
        """The raw answer of the token endpoint."""
        assert "code" in answer.params, answer.params
        base: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": answer.params["code"],
            "redirect_uri": self.params.get("redirect_uri"),
            "code_verifier": self.verifier if "code_challenge" in self.params else None,
        }
        return self.app.token(**{**base, **form})

    def tokens(self, answer: Answer, **form: str | None) -> Tokens:
        """The tokens; the answer's state and issuer are checked on the way."""
        if "state" in self.params:
            assert answer.params["state"] == self.params["state"]
        assert answer.params["iss"] == self.app.world.issuer
        response = self.redeem(answer, **form)
        assert response.status_code == 200, response.get_data(as_text=True)
        return Tokens(self.app, response.get_json(), self.params.get("nonce"))


@dataclass
class Tokens:
    """An answer of the token endpoint."""

    app: Application
    raw: dict[str, Any]
    nonce: str | None = None

    @property
    def access_token(self) -> str:
        return str(self.raw["access_token"])

    @property
    def refresh_token(self) -> str:
        return str(self.raw["refresh_token"])

    @property
    def id_token(self) -> str:
        return str(self.raw["id_token"])

    @property
    def id_claims(self) -> dict[str, Any]:
        """Claims of the ID token, its signature checked with the published keys."""
        return self.app.claims(self.id_token)

    @property
    def access_claims(self) -> dict[str, Any]:
        """Claims of a JWT access token."""
        return self.app.claims(self.access_token)

    def userinfo(self) -> TestResponse:
        """Who is it?"""
        return self.app.userinfo(self.access_token)

    def refreshed(self, **form: str | None) -> Tokens:
        """Exchange the refresh token."""
        response = self.app.refresh(self.refresh_token, **form)
        assert response.status_code == 200, response.get_data(as_text=True)
        return Tokens(self.app, response.get_json(), self.nonce)


@dataclass(repr=False)
class Application:
    """A registered client. ``auth`` is how it authenticates: client_secret_post, client_secret_basic or none."""

    world: World
    client_id: str
    secret: str | None
    callback: str
    auth: str

    # ---- the browser's part
    def attempt(self, **params: str | None) -> Attempt:
        """A request with PKCE, state and nonce; ``params`` are added, those that are None taken out."""
        verifier = secrets.token_urlsafe(32)
        base: dict[str, str | None] = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.callback,
            "scope": "openid profile email",
            "state": secrets.token_urlsafe(12),
            "nonce": secrets.token_urlsafe(12),
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        given = {name: value for name, value in {**base, **params}.items() if value is not None}
        return Attempt(self, given, verifier)

    def begin(self, browser: Browser, **params: str | None) -> Attempt:
        """Send the browser to ``/authorize``."""
        attempt = self.attempt(**params)
        browser.open(attempt.url, site="cross-site")
        return attempt

    def sign_in(self, browser: Browser, person: Person, **params: str | None) -> Tokens:
        """The whole way, with the password form where one is shown."""
        attempt = self.begin(browser, **params)
        if browser.left_for is None and browser.path.endswith("/u/login"):
            browser.submit(username=person.email, password=person.password)
        if browser.left_for is None and browser.path.endswith("/u/consent"):
            browser.submit("consent-accept")
        return attempt.tokens(browser.answer)

    # ---- the back channel
    def token(self, auth: str | None = None, headers: dict[str, str] | None = None, **form: str | None) -> TestResponse:
        """POST /oauth/token with this client's authentication; form members that are None are left out."""
        return self.call("/oauth/token", auth=auth, headers=headers, **form)

    def call(
        self, path: str, auth: str | None = None, headers: dict[str, str] | None = None, **form: str | None
    ) -> TestResponse:
        """POST a form with this client's authentication."""
        sent = {name: value for name, value in form.items() if value is not None}
        heads = dict(headers or {})
        method = auth or self.auth
        if method == "client_secret_basic":
            pair = f"{self.client_id}:{self.secret}".encode()
            heads["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        else:
            sent.setdefault("client_id", self.client_id)
            if method == "client_secret_post" and self.secret:
                sent.setdefault("client_secret", self.secret)
        return self.world.post(path, sent, headers=heads)

    def refresh(self, refresh_token: str, **form: str | None) -> TestResponse:
        """grant_type=refresh_token."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **form)

    def userinfo(self, access_token: str) -> TestResponse:
        """GET /userinfo."""
        return self.world.get("/userinfo", headers={"Authorization": f"Bearer {access_token}"})

    def introspect(self, token: str) -> dict[str, Any]:
        """POST /oauth/introspect."""
        response = self.call("/oauth/introspect", token=token)
        assert response.status_code == 200, response.get_data(as_text=True)
        found: dict[str, Any] = response.get_json()
        return found

    def claims(self, token: str) -> dict[str, Any]:
        """A JWT's claims, verified with the published keys."""
        published = KeySet.import_key_set(self.world.get("/.well-known/jwks.json").get_json())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # EdDSA is only renamed (RFC 9864)
            return dict(jwt.decode(token, published, algorithms=ALGORITHMS).claims)
