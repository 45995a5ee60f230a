"""The smallest relying party: it asks for a login, takes the code at a real callback address and trades it
for tokens.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from flask import Flask, request
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.counterparts.management import Management
from tests.counterparts.product import Product


def landing_site() -> Flask:
    """Answers every address: where browsers arrive after the product let them go."""
    app = Flask(__name__)

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
    @app.route("/<path:path>", methods=["GET", "POST"])
    def landed(path: str) -> str:
        fields = " ".join(f"{name}={value}" for name, value in request.form.items())
        return (
            f'<!doctype html><html lang="en"><title>Application</title><link rel=icon href="data:,">at {path} {fields}'
        )

    return app


def unpack(url: str) -> dict[str, str]:
    """The parameters of a callback URL."""
    parts = urlsplit(url)
    return {name: values[0] for name, values in parse_qs(parts.query or parts.fragment).items()}


@dataclass
class Application:
    """One registered client and its way through the code flow with PKCE."""

    product: Product
    client: dict[str, Any]
    redirect_uri: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    @classmethod
    def register(cls, product: Product, management: Management, site: str, **more: Any) -> "Application":
        """Register a client whose callback is ``site``'s; ``more`` are further client properties."""
        redirect_uri = f"{site}/callback"
        settings = {"app_type": "regular_web", "callbacks": [redirect_uri], "allowed_logout_urls": [f"{site}/bye"]}
        return cls(product, management.create_client(**(settings | more)), redirect_uri)

    def authorize_url(self, **more: str) -> str:
        """Where to send the browser; ``more`` replaces or adds parameters."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": self.client["client_id"],
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email",
            "state": self.state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.product.base_url}/authorize?{urlencode(query | more)}"

    def redeem(self, landed_at: str) -> dict[str, Any]:
        """Trade the code in the callback URL for tokens."""
        got = unpack(landed_at)
        if got.get("state") != self.state or "code" not in got:
            raise AssertionError(f"no code at {landed_at}")
        return self.token(grant_type="authorization_code", code=got["code"], redirect_uri=self.redirect_uri)

    def token(self, **parameters: str) -> dict[str, Any]:
        """One call of the token endpoint that must succeed."""
        answer = self.token_response(**parameters)
        if answer.status_code != 200:
            raise AssertionError(f"token endpoint: {answer.status_code} {answer.text}")
        tokens: dict[str, Any] = answer.json()
        return tokens

    def token_response(self, **parameters: str) -> requests.Response:
        """One call of the token endpoint, whatever it answers."""
        body = {"client_id": self.client["client_id"], "code_verifier": self.verifier} | parameters
        if self.client.get("token_endpoint_auth_method") != "none":
            body["client_secret"] = self.client["client_secret"]
        return requests.post(f"{self.product.base_url}/oauth/token", data=body, timeout=20, verify=self.product.verify)

    def claims(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """The ID token's claims, its signature checked against the published keys."""
        keys = requests.get(f"{self.product.base_url}/.well-known/jwks.json", timeout=20, verify=self.product.verify)
        decoded = jwt.decode(tokens["id_token"], KeySet.import_key_set(keys.json()), algorithms=["RS256"])
        return dict(decoded.claims)

    def userinfo(self, tokens: dict[str, Any]) -> requests.Response:
        """What ``/userinfo`` answers to the access token."""
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        return requests.get(
            f"{self.product.base_url}/userinfo", headers=headers, timeout=20, verify=self.product.verify
        )
