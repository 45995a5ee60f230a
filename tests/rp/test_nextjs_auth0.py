"""``nextjs-auth0`` in Chromium, unchanged: its proxy and server client on Next's requests, its client in the page
(spec/login-factors.md, acceptance 24, 33; spec/sdk-acceptance.md).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page

from idp.signin.factors import otp
from tests.counterparts.fixtures import StartProduct, not_run
from tests.counterparts.management import PASSWORD
from tests.counterparts.node import NODE_FOLDER, has_package
from tests.counterparts.product import Product, product_environment
from tests.counterparts.program import Program, accepts, free_port
from tests.counterparts.virtual_authenticator import Virtual
from tests.e2e.pages import LoginPage
from tests.rp.test_sdk_factors import GRANTS, code

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
ORDERS, STOCK = "https://orders.example/", "https://stock.example/"
MANAGING = "read:me:authentication_methods create:me:authentication_methods"


@dataclass(frozen=True)
class Shop:
    """The application, and what it is a client of."""

    product: Product
    url: str
    beside: str
    """The same under the host name of the product, to which its passkeys belong."""

    @property
    def own_account(self) -> str:
        """The audience of the My Account API."""
        return f"{self.product.issuer}me/"

    def user(self) -> dict[str, Any]:
        """Somebody with a password."""
        return self.product.management().create_user(connection=self.product.connection)


@pytest.fixture(scope="module")
def product(start_products: StartProduct) -> Product:
    """A product of these tests, with two APIs and the one of one's own account."""
    product = start_products()
    management = product.management()
    management.call("PUT", "guardian/factors/otp", {"enabled": True})
    management.patch("tenants/settings", {"default_directory": product.connection})
    for audience in (ORDERS, STOCK):
        scopes = [{"value": "read:things", "description": "See things"}]
        api = {"identifier": audience, "allow_offline_access": True, "scopes": scopes}
        management.post("resource-servers", {**api, "skip_consent_for_verifiable_first_party_clients": True})
    management.post("resource-servers", {"identifier": f"{product.issuer}me/", "allow_offline_access": True})
    return product


@pytest.fixture(scope="module")
def script(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SDK's client as one script."""
    del node
    if not (has_package("@auth0/nextjs-auth0") and has_package("next") and has_package("esbuild")):
        not_run("the npm packages of tests/node (npm ci)")
    made = tmp_path_factory.mktemp("nextjs") / "client.js"
    argv: list[str | Path] = [NODE_FOLDER / "node_modules" / ".bin" / "esbuild", "nextjs_client.js", "--bundle"]
    argv += ["--define:process.env.NODE_ENV='production'", "--define:process.env={}", f"--outfile={made}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=NODE_FOLDER, timeout=120)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def shop(node: str, product: Product, script: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The application, running."""
    port, management = free_port(), product.management()
    # at localhost itself anybody may be the application, so that people are asked for consent
    here, me = f"http://shop.localhost:{port}", f"{product.issuer}me/"
    policies = [{"audience": STOCK, "scope": ["read:things"]}, {"audience": me, "scope": MANAGING.split()}]
    rotating = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 10, "policies": policies}
    client = management.create_client(
        app_type="regular_web",
        callbacks=[f"{here}/auth/callback"],
        allowed_logout_urls=[here],
        web_origins=[here, f"http://localhost:{port}"],
        grant_types=["authorization_code", "refresh_token", *GRANTS],
        refresh_token=rotating,
    )
    grant = {"client_id": client["client_id"], "audience": me, "scope": MANAGING.split(), "subject_type": "user"}
    management.post("client-grants", grant)
    env = product_environment(
        PORT=str(port),
        URL=here,
        ISSUER=product.issuer,
        CLIENT_ID=client["client_id"],
        CLIENT_SECRET=client["client_secret"],
        AUDIENCE=ORDERS,
        SCRIPT=str(script),
    )
    log = tmp_path_factory.mktemp("shop") / "node.log"
    program = Program.start([node, "nextjs.mjs"], log_path=log, env=env, cwd=NODE_FOLDER)
    program.wait_until(lambda: accepts(port), what="listen")
    yield Shop(product, here, f"http://localhost:{port}")
    program.stop()
    print(program.log)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh profile."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def sign_in(page: Page, shop: Shop, user: dict[str, Any]) -> None:
    """Through the login page, to the application's session."""
    page.goto(f"{shop.url}/auth/login?returnTo=/page")
    page.wait_for_url(f"{shop.product.base_url}/u/login*")
    LoginPage(page).sign_in(user["email"], PASSWORD)
    page.wait_for_url(f"{shop.url}/page")


def said(page: Page, address: str) -> Any:
    """What the application answers to its own page."""
    return page.evaluate("async address => (await fetch(address)).json()", address)


def test_sessions_and_tokens(page: Page, shop: Shop) -> None:
    user = shop.user()
    sign_in(page, shop, user)
    assert said(page, "/")["user"]["sub"] == user["user_id"]
    assert said(page, "/auth/profile")["email"] == user["email"]
    first = page.evaluate("sdk.getAccessToken({includeFullResponse: true})")
    assert "offline_access" in first["scope"]
    renewed = said(page, "/token")
    assert renewed["token"] != first["token"]
    userinfo = f"{shop.product.issuer}userinfo"
    bearer = {"Authorization": f"Bearer {renewed['token']}"}
    answer = requests.get(userinfo, headers=bearer, timeout=20)
    assert answer.json()["email"] == user["email"]

    other = page.evaluate("audience => sdk.getAccessToken({audience, scope: 'read:things'})", STOCK)
    assert other not in (first["token"], renewed["token"])
    elsewhere = said(page, "/token?audience=https://nobody.example/")
    assert "failed" in elsewhere

    page.goto(f"{shop.url}/auth/logout")
    page.wait_for_url(f"{shop.url}/")
    page.goto(f"{shop.url}/page")
    assert said(page, "/") == {"user": None}
    page.goto(f"{shop.url}/auth/login")
    page.wait_for_url(f"{shop.product.base_url}/u/login*")


def test_login_factors_acceptance_24_nextjs(page: Page, shop: Shop) -> None:
    """A token for one's own account wants the factor that somebody has, and the page of the application asks for it."""
    user, seed = shop.user(), otp.new_seed()
    method = {"type": "totp", "name": "App", "totp_secret": seed}
    shop.product.management().call("POST", f"users/{user['user_id']}/authentication-methods", method)
    sign_in(page, shop, user)
    asking = """async wanted => {
      try { return {token: await sdk.getAccessToken(wanted)} }
      catch (error) { return {code: error.code, mfaToken: error.mfa_token} }
    }"""
    wanted = {"audience": shop.own_account, "scope": MANAGING}
    refused = page.evaluate(asking, wanted)
    assert refused["code"] == "mfa_required"
    token = refused["mfaToken"]
    (factor,) = page.evaluate("mfaToken => sdk.mfa.getAuthenticators({mfaToken})", token)
    assert factor["authenticatorType"] == "otp"
    asked = page.evaluate("mfaToken => sdk.mfa.challenge({mfaToken, challengeType: 'otp'})", token)
    assert asked["challengeType"] == "otp"
    answering = """async options => {
      try { return await sdk.mfa.verify(options) } catch (error) { return {failed: error.code} }
    }"""
    assert "failed" in page.evaluate(answering, {"mfaToken": token, "otp": "000000"})
    assert page.evaluate(answering, {"mfaToken": token, "otp": code(seed)}) == {"success": True}
    assert page.evaluate(asking, wanted)["token"]
    methods = page.evaluate(
        """async scope => (await fetch('/me/v1/authentication-methods', {headers: {'x-auth0-scope': scope}})).json()""",
        MANAGING,
    )
    assert [each["type"] for each in methods["authentication_methods"]] == ["password", "totp"], json.dumps(methods)


def test_login_factors_acceptance_33_nextjs(page: Page, shop: Shop) -> None:
    """A passkey makes an account and signs in to it; a second one is added by the session."""
    device = Virtual(page)
    page.goto(f"{shop.beside}/page")
    address = f"nextjs-{shop.product.port}@example.com"
    page.evaluate("email => sdk.passkey.signup({email, name: 'Pat'})", address)
    assert said(page, "/")["user"]["email"] == address
    page.goto(f"{shop.beside}/auth/logout")
    page.goto(f"{shop.beside}/page")
    assert said(page, "/") == {"user": None}
    page.evaluate("sdk.passkey.login()")
    assert said(page, "/")["user"]["email"] == address
    assert len(device.credentials) == 1
    key = Virtual(page, transport="usb")
    added = page.evaluate(
        """async () => {
          const {authenticationMethodId, authSession, authnParamsPublicKey} = await sdk.passkey.enrollmentChallenge()
          const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(authnParamsPublicKey)
          const credential = await navigator.credentials.create({publicKey})
          const authResponse = credential.toJSON()
          return sdk.passkey.enrollmentVerify({authenticationMethodId, authSession, authResponse})
        }"""
    )
    assert added["type"] == "passkey", added
    assert (len(device.credentials), len(key.credentials)) == (1, 1)
