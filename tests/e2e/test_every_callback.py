"""Every callback that can be registered is reached by a form in a real Chromium, also one that redirects on.

Chromium holds each redirect after a form's POST against the page's ``form-action`` and says nothing when it refuses
(docs/decisions/0105-forms-that-lead-out-name-no-targets.md).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask, redirect, request
from playwright.sync_api import Browser, Page
from werkzeug.wrappers import Response

from tests.counterparts.application import Application, landing_site
from tests.counterparts.browser import watched_page
from tests.counterparts.local_site import local_site
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.product import Product
from tests.e2e.pages import ConsentPage, LoginPage, LogoutPage, ResetPasswordChangePage

pytestmark = pytest.mark.e2e
SCHEME = "com.example.app:/callback"


@dataclass(frozen=True)
class Callback:
    """A registered address, the one that is asked for (a native application's port is free), and where the browser
    ends, as the beginning of an address.
    """

    registered: str
    asked_for: str
    ends: str
    native: bool = False


@dataclass
class Sites:
    """The applications' hosts. ``onward`` is where the one called ``hub`` sends people on to."""

    v4: str = ""
    v6: str = ""
    tls: str = ""
    hub: str = ""
    onward: str = ""
    stack: ExitStack = field(default_factory=ExitStack)

    def callbacks(self) -> dict[str, Callback]:
        """Each kind of callback by name."""
        v4, v6 = (urlsplit(site) for site in (self.v4, self.v6))
        return {
            "loopback name": Callback(f"{self.onward}/cb", f"{self.onward}/cb", f"{self.onward}/cb"),
            "loopback IPv4, any port": Callback(
                f"http://{v4.hostname}/cb", f"{self.v4}/cb", f"{self.v4}/cb", native=True
            ),
            "loopback IPv6, any port": Callback(
                f"http://[{v6.hostname}]/cb", f"{self.v6}/cb", f"{self.v6}/cb", native=True
            ),
            "https": Callback(f"{self.tls}/cb", f"{self.tls}/cb", f"{self.tls}/cb"),
            "own scheme": Callback(SCHEME, SCHEME, SCHEME, native=True),
            "on to another origin": Callback(f"{self.hub}/on", f"{self.hub}/on", f"{self.onward}/arrived"),
            "on to https": Callback(f"{self.hub}/on-tls", f"{self.hub}/on-tls", f"{self.tls}/arrived"),
            "on to its own scheme": Callback(f"{self.hub}/on-device", f"{self.hub}/on-device", SCHEME),
        }


def _hub(sites: Sites) -> Flask:
    """An application's back end, which sends people on to where its front end is."""
    app = Flask("hub")

    def on(target: str) -> Response:
        kept = {**request.args.to_dict(), **request.form.to_dict()}
        return redirect(f"{target}?{urlencode(kept)}", 302)

    app.add_url_rule("/on", "on", lambda: on(f"{sites.onward}/arrived"), methods=["GET", "POST"])
    app.add_url_rule("/on-tls", "tls", lambda: on(f"{sites.tls}/arrived"), methods=["GET", "POST"])
    app.add_url_rule("/on-device", "device", lambda: on(SCHEME), methods=["GET", "POST"])
    return app


@pytest.fixture(scope="module")
def sites() -> Iterator[Sites]:
    with ExitStack() as stack:
        sites = Sites()
        sites.onward = stack.enter_context(local_site(landing_site()))
        sites.v4 = stack.enter_context(local_site(landing_site(), name="127.0.0.1"))
        sites.v6 = stack.enter_context(local_site(landing_site(), name="[::1]", address="::1"))
        sites.tls = stack.enter_context(local_site(landing_site(), tls=True))
        sites.hub = stack.enter_context(local_site(_hub(sites), name="127.0.0.1"))
        yield sites


KINDS = tuple(Sites("http://127.0.0.1:1", "http://[::1]:1").callbacks())


@pytest.fixture(params=KINDS)
def callback(request: pytest.FixtureRequest, sites: Sites) -> Callback:
    """Each kind in turn."""
    return sites.callbacks()[request.param]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with watched_page(chromium, ignore_https_errors=True) as opened:
        yield opened


@pytest.fixture
def person(product: Product, management: Management) -> dict[str, Any]:
    return management.create_user(connection=product.connection)


@dataclass(frozen=True)
class Registered:
    """An application with that callback."""

    application: Application
    callback: Callback

    def authorize_url(self, **more: str) -> str:
        """The beginning of a sign-in."""
        return self.application.authorize_url(redirect_uri=self.callback.asked_for, **more)


@pytest.fixture
def register(product: Product, management: Management, landing: str, callback: Callback) -> Callable[..., Registered]:
    def make(**more: Any) -> Registered:
        kind = {"app_type": "native", "token_endpoint_auth_method": "none"} if callback.native else {}
        settings = {"callbacks": [callback.registered], "allowed_logout_urls": [callback.asked_for], **kind, **more}
        return Registered(Application.register(product, management, landing, **settings), callback)

    return make


def reaches(page: Page, callback: Callback, act: Callable[[], object]) -> None:
    """``act`` sends a form, and the browser ends where the callback leads. An application's own scheme is handed to the
    system, which has nobody for it: there the last answer says where the browser was sent, and the watched page that
    the policy let it go.
    """
    if callback.ends.startswith("http"):
        act()
        page.wait_for_url(f"{callback.ends}**")
        return
    with page.expect_response(lambda response: response.headers.get("location", "").startswith(callback.ends)):
        act()


def test_signing_in(page: Page, register: Callable[..., Registered], person: dict[str, Any]) -> None:
    registered = register()
    page.goto(registered.authorize_url())
    reaches(page, registered.callback, lambda: LoginPage(page).sign_in(person["email"], PASSWORD))


@pytest.mark.parametrize("answer", ["accept", "deny"])
def test_consent(page: Page, register: Callable[..., Registered], person: dict[str, Any], answer: str) -> None:
    registered = register(is_first_party=False)
    page.goto(registered.authorize_url())
    LoginPage(page).sign_in(person["email"], PASSWORD)
    reaches(page, registered.callback, getattr(ConsentPage(page), answer))


def test_cancelling(page: Page, register: Callable[..., Registered]) -> None:
    registered = register()
    page.goto(registered.authorize_url())
    reaches(page, registered.callback, page.locator("#login-cancel").click)


def test_form_post(page: Page, register: Callable[..., Registered], person: dict[str, Any]) -> None:
    registered = register()
    if not registered.callback.asked_for.startswith("http"):
        pytest.skip("a form cannot be posted to a scheme of a device")
    page.goto(registered.authorize_url(response_mode="form_post"))
    reaches(page, registered.callback, lambda: LoginPage(page).sign_in(person["email"], PASSWORD))


def test_signing_out(
    page: Page, product: Product, register: Callable[..., Registered], person: dict[str, Any], landing: str
) -> None:
    registered = register()
    page.goto(f"{product.base_url}/account")
    LoginPage(page).sign_in(person["email"], PASSWORD)
    page.wait_for_url("**/account")
    client = registered.application.client["client_id"]
    query = urlencode({"client_id": client, "post_logout_redirect_uri": registered.callback.asked_for})
    page.goto(f"{product.base_url}/oidc/logout?{query}")
    reaches(page, registered.callback, LogoutPage(page).confirm)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "own scheme"])
def test_the_result_of_a_link(
    page: Page, management: Management, sites: Sites, person: dict[str, Any], kind: str
) -> None:
    callback = sites.callbacks()[kind]
    made = management.post("tickets/password-change", {"user_id": person["user_id"], "result_url": callback.asked_for})
    page.goto(made["ticket"])
    new = f"Another-Horse-{secrets.token_hex(3)}"
    reaches(page, callback, lambda: ResetPasswordChangePage(page).set_password(new))
