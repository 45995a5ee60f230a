"""@auth0/auth0-spa-js in Chromium: refresh-token rotation, and silent renewal in a ``web_message`` iframe."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask, send_from_directory
from playwright.sync_api import Page
from werkzeug.wrappers import Response

from tests.counterparts.local_site import local_site
from tests.counterparts.management import Management
from tests.counterparts.node import NODE_FOLDER
from tests.counterparts.product import Product
from tests.e2e.pages import ConsentPage

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
SignIn = Callable[[dict[str, Any]], None]
LIBRARY = NODE_FOLDER / "node_modules" / "@auth0" / "auth0-spa-js" / "dist"


def spa_site() -> Flask:
    """Serves the page and the library's file, both as they are."""
    app = Flask(__name__)

    @app.get("/")
    def page() -> Response:
        return send_from_directory(NODE_FOLDER, "spa.html")

    @app.get("/auth0-spa-js.production.js")
    def library() -> Response:
        return send_from_directory(LIBRARY, "auth0-spa-js.production.js")

    return app


@pytest.fixture
def site(node: str) -> Iterator[str]:
    """The application's address."""
    with local_site(spa_site()) as base_url:
        yield base_url


class Application:
    """The single-page application in the browser."""

    def __init__(self, page: Page, site: str, product: Product, management: Management, **options: Any) -> None:
        self.page, self.site = page, site
        client = management.create_client(
            app_type="spa",
            callbacks=[f"{site}/"],
            allowed_logout_urls=[f"{site}/"],
            web_origins=[site],
            allowed_origins=[site],
        )
        parameters = {"redirect_uri": f"{site}/", "scope": "openid profile email"}
        parameters |= options.pop("parameters", {})
        self.options = {"domain": product.base_url, "clientId": client["client_id"], "authorizationParams": parameters}
        self.options |= options

    def open(self) -> str:
        """Load the page anew; answers its state."""
        self.page.goto(f"{self.site}/")
        self.page.evaluate("options => sessionStorage.setItem('options', JSON.stringify(options))", self.options)
        self.page.goto(f"{self.site}/")
        return self.state()

    def state(self) -> str:
        """What the application says about itself, once it stands on its own page."""
        self.page.wait_for_url(f"{self.site}/**")
        self.page.wait_for_selector("body[data-state]", state="attached")
        return str(self.page.locator("body").get_attribute("data-state"))

    def run(self, script: str) -> Any:
        """Run a script with ``app`` at hand."""
        return self.page.evaluate(script)

    def start_login(self) -> None:
        """Leave for the product."""
        self.run("() => { app.loginWithRedirect() }")

    def token(self) -> dict[str, Any]:
        """A token that does not come from the cache."""
        answer: dict[str, Any] = self.run("() => app.getTokenSilently({cacheMode: 'off', detailedResponse: true})")
        return answer


RENEWALS: dict[str, dict[str, Any]] = {
    "rotation": {"useRefreshTokens": True, "parameters": {"scope": "openid profile email offline_access"}},
    "web_message": {"useRefreshTokens": False},
}


@pytest.mark.parametrize("renewal", list(RENEWALS))
def test_logs_in_renews_silently_and_logs_out(
    page: Page,
    site: str,
    product: Product,
    management: Management,
    user: dict[str, Any],
    sign_in: SignIn,
    renewal: str,
) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(f"{request.method} {request.url} {request.post_data or ''}"))
    app = Application(page, site, product, management, **RENEWALS[renewal])
    assert app.open() == "signed out"
    app.start_login()
    sign_in(user)
    assert app.state() == "signed in"
    assert app.run("() => app.getUser()")["sub"] == user["user_id"]

    requested.clear()
    first, second = app.token(), app.token()
    assert first["access_token"] != second["access_token"]
    frames = [line for line in requested if "response_mode=web_message" in line]
    renewals = [line for line in requested if "grant_type=refresh_token" in line]
    assert (len(frames), len(renewals)) == ((0, 2) if renewal == "rotation" else (2, 0))

    with page.expect_navigation(url=f"{site}/"):
        page.evaluate("returnTo => { app.logout({logoutParams: {returnTo}}) }", f"{site}/")
    assert app.open() == "signed out"
    app.start_login()
    page.wait_for_url(f"{product.base_url}/u/login*")


def test_asks_for_an_api_once(
    page: Page, site: str, product: Product, management: Management, user: dict[str, Any], sign_in: SignIn
) -> None:
    api = management.create_api(scopes=["read:things"])
    parameters = {"audience": api["identifier"], "scope": "openid read:things"}
    app = Application(page, site, product, management, parameters=parameters)
    app.open()
    app.start_login()
    sign_in(user)
    ConsentPage(page).accept()
    assert app.state() == "signed in"
    token = app.token()
    assert token["access_token"].count(".") == 2
    assert "read:things" in token["scope"]


def test_silent_renewal_without_a_session_says_login_required(
    page: Page, site: str, product: Product, management: Management
) -> None:
    app = Application(page, site, product, management)
    app.open()
    assert app.run("() => app.getTokenSilently().catch(error => error.error)") == "login_required"


def test_keeps_to_the_session_by_online_access(
    page: Page, site: str, product: Product, management: Management, user: dict[str, Any], sign_in: SignIn
) -> None:
    api = management.create_api(
        scopes=["read:things"], allow_online_access=True, skip_consent_for_verifiable_first_party_clients=True
    )
    parameters = {"audience": api["identifier"], "scope": "openid read:things"}
    about = {"useRefreshTokens": True, "refreshTokenMode": "online", "useDpop": True}
    app = Application(page, site, product, management, parameters=parameters, **about)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(f"{request.url} {request.post_data or ''}"))
    app.open()
    app.start_login()
    sign_in(user)
    if "/u/consent" in page.url:
        ConsentPage(page).accept()
    assert app.state() == "signed in"
    assert any("online_access" in line for line in requested)
    assert not any("offline_access" in line for line in requested)

    requested.clear()
    first, second = app.token(), app.token()
    assert first["access_token"] != second["access_token"]
    used = [line for line in requested if "grant_type=refresh_token" in line]
    tokens = {parse_qs(line.partition(" ")[2])["refresh_token"][0] for line in used}
    assert (len(used), len(tokens)) == (2, 1), "the token stays the same"

    management.delete(f"users/{user['user_id']}/sessions")
    refused = app.run("() => app.getTokenSilently({cacheMode: 'off'}).then(() => 'given', (error) => error.error)")
    assert refused != "given"
    assert app.open() == "signed out"
