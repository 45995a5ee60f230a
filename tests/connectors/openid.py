"""An OpenID provider that answers from memory."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest

from connectors.contract import (
    ConnectorError,
)
from connectors.oidc.connector import OIDC
from tests.connectors.provider import (
    AUTHORIZE,
    ISSUER,
    JWKS,
    NOW,
    TOKEN,
    USERINFO,
    Attempt,
    Clock,
    FakeHttp,
    away,
    key_set,
    opened,
    said,
)

S = NOW // 1000
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": AUTHORIZE,
    "token_endpoint": TOKEN,
    "userinfo_endpoint": USERINFO,
    "jwks_uri": JWKS,
    "end_session_endpoint": f"{ISSUER}/logout",
    "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
}
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
OPTIONS: dict[str, Any] = {
    "client_id": "us",
    "client_secret": "s3cret",
    "type": "back_channel",
    "issuer": ISSUER,
    "authorization_endpoint": AUTHORIZE,
    "token_endpoint": TOKEN,
    "userinfo_endpoint": USERINFO,
    "jwks_uri": JWKS,
    "token_endpoint_auth_method": "client_secret_basic",
    "id_token_signed_response_algs": ["RS256", "ES256"],
}


class Op:
    """A provider that answers what it is told to."""

    def __init__(self, **options: Any) -> None:
        self.http = FakeHttp({USERINFO: said({"sub": "s1"}), JWKS: key_set()})
        self.clock = Clock()
        self.options = {**OPTIONS, **options}
        self.leaving: Attempt = away(self.connector())

    def connector(self) -> Any:
        """As a request opens it."""
        return opened(OIDC, self.http, self.clock, **self.options)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """What it should say; None takes a claim away."""
        usual = {"iss": ISSUER, "sub": "s1", "aud": "us", "iat": S, "exp": S + 600, "nonce": self.leaving.keep["nonce"]}
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def answers(self, token: str | None, **members: Any) -> None:
        """What the token endpoint says."""
        found = {"access_token": "at", "token_type": "Bearer", "id_token": token, **members}
        self.http.routes[TOKEN] = said({name: value for name, value in found.items() if value is not None})

    def refuses(self, **params: str) -> str:
        """Why nobody gets in, for the log."""
        with pytest.raises(ConnectorError) as caught:
            self.leaving.back(**params)
        assert caught.value.code == "access_denied"
        return str(caught.value.detail)


def without_signature(claims: Any, alg: str = "none") -> str:
    head = base64.urlsafe_b64encode(msgspec.json.encode({"alg": alg})).rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(msgspec.json.encode(claims)).rstrip(b"=").decode()
    return f"{head}.{body}."
