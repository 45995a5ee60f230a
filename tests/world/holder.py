"""Somebody who holds a key, and shows it with proofs as RFC 9449 has them, good ones and others."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from joserfc.jws import JWSRegistry
from werkzeug.test import TestResponse

from tests.world.application import Application, Attempt, Tokens
from tests.world.browser import Answer, Browser
from tests.world.client_keys import key
from tests.world.world import Person, World


def hashed(token: str) -> str:
    """``ath``."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()


def _encoded(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


@dataclass
class Holder:
    """Makes proofs for ``app`` with one key."""

    app: Application
    alg: str = "ES256"
    name: str = "holder"
    nonce: str | None = None
    header: dict[str, Any] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.app.world

    @property
    def key(self) -> Any:
        return key(self.alg, self.name)

    @property
    def jwk(self) -> dict[str, Any]:
        return {name: value for name, value in self.key.as_dict(private=False).items() if name != "kid"}

    @property
    def jkt(self) -> str:
        return str(self.key.thumbprint())

    def proof(self, method: str, path: str, token: str | None = None, *, by: Any = None, **claims: Any) -> str:
        """A proof; ``claims`` take the place of the usual ones, None leaves one out."""
        usual = {
            "jti": secrets.token_urlsafe(9),
            "htm": method,
            "htu": f"{self.world.issuer}{path.removeprefix('/')}",
            "iat": int(time.time()),
            "ath": hashed(token) if token is not None else None,
            "nonce": self.nonce,
        }
        said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        head = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.jwk, **self.header}
        head = {name: value for name, value in head.items() if value is not None}
        body = f"{_encoded(head)}.{_encoded(said)}"
        made = JWSRegistry.algorithms[self.alg].sign(body.encode(), by or self.key)
        return f"{body}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"

    # ---- at the endpoints that give something
    def token(self, proof: str | None = None, **form: str | None) -> TestResponse:
        """POST /oauth/token with a proof."""
        return self.app.token(headers={"DPoP": proof or self.proof("POST", "oauth/token")}, **form)

    def push(self, attempt: Attempt, proof: str | None = None, **form: str | None) -> TestResponse:
        """POST /oauth/par with a proof."""
        headers = {"DPoP": proof or self.proof("POST", "oauth/par")}
        return self.app.call("/oauth/par", headers=headers, **{**attempt.params, **form})

    def redeem(self, attempt: Attempt, answer: Answer, **form: str | None) -> TestResponse:
        """The code of an answer."""
        return self.token(
            grant_type="authorization_code",
            code=answer.params["code"],
            redirect_uri=attempt.params["redirect_uri"],
            code_verifier=attempt.verifier,
            **form,
        )

    def sign_in(self, browser: Browser, person: Person, **params: str | None) -> Tokens:
        """The whole way."""
        attempt = self.app.begin(browser, **params)
        if browser.left_for is None and browser.path.endswith("/u/login"):
            browser.submit(username=person.email, password=person.password)
        response = self.redeem(attempt, browser.answer)
        assert response.status_code == 200, response.get_data(as_text=True)
        return Tokens(self.app, response.get_json(), attempt.params.get("nonce"))

    def refresh(self, refresh_token: str, **form: str | None) -> TestResponse:
        """grant_type=refresh_token."""
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **form)

    # ---- at resources
    def get(self, path: str, token: str, proof: str | None = None, scheme: str = "DPoP") -> TestResponse:
        """GET with the token and a proof."""
        headers = {"Authorization": f"{scheme} {token}", "DPoP": proof or self.proof("GET", path, token)}
        return self.world.get(path, headers=headers)
