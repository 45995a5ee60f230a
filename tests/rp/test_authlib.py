"""Authlib's clients, an independent reading of the standards: the requests session and the Flask integration."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.requests_client import AssertionSession, OAuth2Session
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from flask import Flask, jsonify, redirect, session, url_for
from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.sync_api import Page
from werkzeug.wrappers import Response

from tests.counterparts.local_site import local_site
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.counterparts.program import free_port
from tests.world.client_keys import key, public

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
SignIn = Callable[[dict[str, Any]], None]


@pytest.fixture(autouse=True)
def plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Authlib insists on https unless told that this is a test on loopback."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


def flask_application(product: Product, client: dict[str, Any]) -> Flask:
    """A small application as Authlib's documentation writes it."""
    app = Flask(__name__)
    app.secret_key = "a relying party in a test"
    app.config["SESSION_COOKIE_NAME"] = "relying_party"  # cookies of localhost are shared by all its ports
    oauth = OAuth(app)
    idp = oauth.register(
        "idp",
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        server_metadata_url=f"{product.base_url}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
    )

    @app.get("/login")
    def login() -> Response:
        answer: Response = idp.authorize_redirect(url_for("callback", _external=True))
        return answer

    @app.get("/callback")
    def callback() -> Response:
        token = idp.authorize_access_token()
        session["id_token"] = token["id_token"]
        session["claims"] = token["userinfo"]
        session["userinfo"] = idp.userinfo(token=token)
        return redirect(url_for("profile"))

    @app.get("/profile")
    def profile() -> Response:
        return jsonify(claims=session.get("claims"), userinfo=session.get("userinfo"))

    @app.get("/logout")
    def logout() -> Response:
        metadata = idp.load_server_metadata()
        back = url_for("goodbye", _external=True)
        url = requests.Request(
            "GET",
            metadata["end_session_endpoint"],
            params={"id_token_hint": session.pop("id_token"), "post_logout_redirect_uri": back, "state": "s1"},
        ).prepare()
        session.clear()
        return redirect(str(url.url))

    @app.get("/goodbye")
    def goodbye() -> str:
        return "goodbye"

    return app


@pytest.fixture
def flask_site(product: Product, management: Management) -> Iterator[str]:
    """The Flask application on a port of its own."""
    port = free_port()
    here = f"http://localhost:{port}"
    client = management.create_client(
        app_type="regular_web", callbacks=[f"{here}/callback"], allowed_logout_urls=[f"{here}/goodbye"]
    )
    with local_site(flask_application(product, client), port=port) as base_url:
        yield base_url


def test_flask_client_logs_in_and_out(
    page: Page, flask_site: str, user: dict[str, Any], sign_in: SignIn, session_ended: Callable[[str], None]
) -> None:
    page.goto(f"{flask_site}/login")
    sign_in(user)
    page.wait_for_url(f"{flask_site}/profile")

    profile = json.loads(page.locator("body").inner_text())

    assert profile["claims"]["sub"] == user["user_id"]
    assert profile["claims"]["email"] == user["email"]
    assert profile["userinfo"]["sub"] == user["user_id"]

    page.goto(f"{flask_site}/logout")
    page.wait_for_url(f"{flask_site}/goodbye?state=s1")
    session_ended(f"{flask_site}/login")


def test_requests_client_uses_every_token(
    page: Page, product: Product, management: Management, landing: str, user: dict[str, Any], sign_in: SignIn
) -> None:
    callback = f"{landing}/callback"
    client = management.create_client(
        app_type="regular_web",
        callbacks=[callback],
        token_endpoint_auth_method="client_secret_basic",
        refresh_token={"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 0},
    )
    metadata = requests.get(f"{product.base_url}/.well-known/openid-configuration", timeout=10).json()
    with OAuth2Session(
        client["client_id"],
        client["client_secret"],
        token_endpoint_auth_method="client_secret_basic",
        scope="openid profile email offline_access",
        redirect_uri=callback,
        code_challenge_method="S256",
        leeway=0,
    ) as oauth:
        verifier = "v" * 50
        url, state = oauth.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce="n-1"
        )
        page.goto(url)
        sign_in(user)
        page.wait_for_url(f"{callback}**")
        token = oauth.fetch_token(
            metadata["token_endpoint"], authorization_response=page.url, state=state, code_verifier=verifier
        )

        keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
        claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
        assert claims["iss"] == product.issuer
        assert claims["aud"] == client["client_id"]
        assert claims["nonce"] == "n-1"

        assert oauth.get(metadata["userinfo_endpoint"]).json()["email"] == user["email"]

        first = token["refresh_token"]
        renewed = oauth.refresh_token(metadata["token_endpoint"], refresh_token=first)
        assert renewed["refresh_token"] != first

        introspected = oauth.introspect_token(metadata["introspection_endpoint"], token=renewed["refresh_token"]).json()
        assert introspected["active"] is True
        revoked = oauth.revoke_token(metadata["revocation_endpoint"], token=renewed["refresh_token"])
        assert revoked.status_code == 200
        introspected = oauth.introspect_token(metadata["introspection_endpoint"], token=renewed["refresh_token"]).json()
        assert introspected == {"active": False}


def test_an_assertion_session(product: Product, management: Management, user: dict[str, Any]) -> None:
    """RFC 7523 2.1, with the assertion that Authlib makes."""
    issuer, endpoint = "https://staff.acme.example", f"{product.base_url}/oauth/token"
    client = management.create_client(
        app_type="regular_web",
        callbacks=[],
        grant_types=["urn:ietf:params:oauth:grant-type:jwt-bearer"],
        trusted_issuers=[{"issuer": issuer, "jwks": {"keys": [public("RS256")]}}],
    )
    asserting = AssertionSession(
        token_endpoint=endpoint,
        issuer=issuer,
        subject=user["user_id"],
        audience=f"{product.issuer}oauth/token",
        grant_type=AssertionSession.JWT_BEARER_GRANT_TYPE,
        claims={"jti": user["user_id"]},
        key=key("RS256"),
        header={"alg": "RS256"},
    )
    asserting.auth = (client["client_id"], client["client_secret"])
    asserting.refresh_token()
    assert asserting.token["token_type"] == "Bearer"
    with pytest.raises(OAuth2Error, match="invalid_grant"):
        asserting.refresh_token()  # the same assertion again: its jti is spent


class ShortAssertions(PrivateKeyJWT):  # type: ignore[misc]
    """As docs/conformance.md has it: Authlib's own are good for an hour, and five minutes is the most here."""

    def sign(self, auth: Any, token_endpoint: str) -> str:
        """The assertion."""
        signed = private_key_jwt_sign(auth.client_secret, auth.client_id, token_endpoint, alg="ES256", expires_in=60)
        return str(signed)


def test_a_client_that_signs_and_pushes(
    page: Page, product: Product, management: Management, landing: str, user: dict[str, Any], sign_in: SignIn
) -> None:
    callback = f"{landing}/callback"
    client = management.create_client(
        app_type="regular_web",
        callbacks=[callback],
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [public()]},
        require_pushed_authorization_requests=True,
    )
    metadata = requests.get(f"{product.base_url}/.well-known/openid-configuration", timeout=10).json()
    with OAuth2Session(
        client["client_id"],
        key(),
        token_endpoint_auth_method="private_key_jwt",
        scope="openid profile email offline_access",
        redirect_uri=callback,
        code_challenge_method="S256",
        leeway=0,
    ) as oauth:
        oauth.register_client_auth_method(ShortAssertions(metadata["token_endpoint"]))
        verifier = "v" * 50
        url, state = oauth.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
        pushed = oauth.post(
            metadata["pushed_authorization_request_endpoint"],
            data=dict(parse_qsl(urlsplit(url).query)),
            auth=oauth.client_auth("private_key_jwt"),
            withhold_token=True,
        )
        assert pushed.status_code == 201, pushed.text
        query = urlencode({"client_id": client["client_id"], "request_uri": pushed.json()["request_uri"]})
        page.goto(f"{metadata['authorization_endpoint']}?{query}")
        sign_in(user)
        page.wait_for_url(f"{callback}**")
        token = oauth.fetch_token(
            metadata["token_endpoint"], authorization_response=page.url, state=state, code_verifier=verifier
        )
        assert oauth.get(metadata["userinfo_endpoint"]).json()["email"] == user["email"]
        assert oauth.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])["id_token"]
        oauth.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], alg="ES256"))
        with pytest.raises(OAuthError, match="invalid_client"):  # as it is
            oauth.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
