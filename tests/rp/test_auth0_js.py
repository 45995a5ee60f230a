"""auth0.js in Chromium, unchanged: sign-up, passwords and one-time codes typed into the application's own page."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, send_from_directory
from playwright.sync_api import Browser, Page
from werkzeug.wrappers import Response

from tests.counterparts.application import unpack
from tests.counterparts.local_site import local_site
from tests.counterparts.management import PASSWORD
from tests.counterparts.node import NODE_FOLDER
from tests.counterparts.product import Product

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
LIBRARY = NODE_FOLDER / "node_modules" / "auth0-js" / "dist"
OTP = "http://auth0.com/oauth/grant-type/passwordless/otp"
REALM = "http://auth0.com/oauth/grant-type/password-realm"
CALL = """([name, options]) => new Promise((resolve) => {
  const target = name.startsWith('client.') ? app.client : app;
  target[name.replace('client.', '')](options, (error, result) => resolve({error, result}));
})"""


def site_of_auth0_js() -> Flask:
    """An empty page with the library."""
    app = Flask(__name__)

    @app.get("/")
    def page() -> str:
        return "<!doctype html><link rel=icon href='data:,'><title>App</title><script src='/auth0.js'></script>"

    @app.get("/auth0.js")
    def library() -> Response:
        return send_from_directory(LIBRARY, "auth0.min.js")

    return app


@pytest.fixture
def site(node: str) -> Iterator[str]:
    """The application, same-site with the product, as embedded forms need it: browsers keep no cookies of third parties
    any more.
    """
    if not LIBRARY.is_dir():
        pytest.skip("not run: needs auth0-js in tests/node")
    with local_site(site_of_auth0_js(), tls=True) as base_url:
        yield base_url


class App:
    """The application in the browser."""

    def __init__(self, page: Page, site: str, product: Product) -> None:
        self.page, self.site, self.product = page, site, product
        self.management = product.management()
        self.client = self.management.create_client(
            app_type="regular_web",
            callbacks=[f"{site}/"],
            web_origins=[site],
            allowed_origins=[site],
            cross_origin_authentication=True,
            grant_types=["authorization_code", REALM, OTP],
        )
        codes = self.management.post(
            "connections",
            {
                "name": f"email-{secrets.token_hex(4)}",
                "strategy": "email",
                "enabled_clients": [self.client["client_id"]],
            },
        )
        self.codes: str = codes["name"]
        page.goto(f"{site}/")
        page.evaluate(
            "options => { window.app = new auth0.WebAuth(options) }",
            {
                "domain": f"localhost:{product.port}",
                "clientID": self.client["client_id"],
                "redirectUri": f"{site}/",
                "responseType": "code",
                "scope": "openid profile email",
            },
        )

    def call(self, name: str, **options: Any) -> Any:
        """A method of the library that answers; its error or result."""
        return self.page.evaluate(CALL, [name, options])

    def leave(self, name: str, **options: Any) -> str:
        """A method that leads away and back with a code; the user's id."""
        self.page.evaluate(
            "([name, options]) => { app[name](options, (error) => { window.failed = error }) }", [name, options]
        )
        self.page.wait_for_url(f"{self.site}/?*code=*")
        answer = self.management.http.post(
            f"{self.product.base_url}/oauth/token",
            data={
                "grant_type": "authorization_code",
                "client_id": self.client["client_id"],
                "client_secret": self.client["client_secret"],
                "code": unpack(self.page.url)["code"],
                "redirect_uri": f"{self.site}/",
            },
            timeout=20,
            verify=self.product.verify,
        )
        assert answer.status_code == 200, answer.text
        me = self.management.http.get(
            f"{self.product.base_url}/userinfo",
            headers={"Authorization": f"Bearer {answer.json()['access_token']}"},
            timeout=20,
            verify=self.product.verify,
        )
        return str(me.json()["email"])


@pytest.fixture
def app(chromium: Browser, site: str, tls_product: Product) -> Iterator[App]:
    """The library in a fresh profile that trusts the local certificate authority."""
    context = chromium.new_context(ignore_https_errors=True)
    yield App(context.new_page(), site, tls_product)
    context.close()


def test_signs_up_and_in_with_a_password_of_its_own_form(app: App, tls_product: Product) -> None:
    email = f"new-{secrets.token_hex(4)}@example.com"
    made = app.call("signup", connection=tls_product.connection, email=email, password=PASSWORD)
    assert made["error"] is None, made
    assert made["result"]["email"] == email
    wrong = app.call("login", realm=tls_product.connection, username=email, password="wrong")
    assert wrong["error"]["code"] == "access_denied"
    assert wrong["error"]["description"] == "Wrong email or password."
    assert app.leave("login", realm=tls_product.connection, username=email, password=PASSWORD) == email
    weak = app_again(app).call("signup", connection=tls_product.connection, email=f"x{email}", password="x")
    assert (weak["error"]["code"], weak["error"]["name"]) == ("invalid_password", "PasswordStrengthError")
    said = app.call("changePassword", connection=tls_product.connection, email=email)
    assert said["result"] == "We've just sent you an email to reset your password."
    assert tls_product.mail(lambda mail: mail["to"] == email and "new password" in mail["subject"])


def test_signs_in_with_a_code_of_a_mail(app: App, tls_product: Product) -> None:
    email = f"code-{secrets.token_hex(4)}@example.com"
    started = app.call("passwordlessStart", connection=app.codes, send="code", email=email)
    assert started["error"] is None, started
    code = re.search(r"^\s*(\d{6})\s*$", tls_product.mail_to(email)["text"], re.MULTILINE)
    assert code
    wrong = app.call("passwordlessLogin", connection=app.codes, email=email, verificationCode="1")
    assert wrong["error"]["description"] == "Wrong email or verification code."
    assert app.leave("passwordlessLogin", connection=app.codes, email=email, verificationCode=code[1]) == email


def app_again(app: App) -> App:
    """The same application's page, loaded anew."""
    return App(app.page, app.site, app.product)
