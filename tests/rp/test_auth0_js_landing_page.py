"""auth0.js on a landing page that somebody else hosts (spec/misc.md): ``authorize({connection})`` goes straight to the
social source, and what ``parseHash`` and ``/userinfo`` say fills the form of the page.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from flask import Flask, jsonify, redirect, request, send_from_directory
from playwright.sync_api import Browser, expect
from werkzeug.wrappers import Response

from tests.counterparts.local_site import local_site
from tests.counterparts.product import Product
from tests.rp.test_auth0_js import LIBRARY

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
SCRIPT = """function (accessToken, context, callback) {
  callback(null, { user_id: '42', name: 'Ines Landing', email: 'ines@landing.example' });
}"""
PAGE = """<!doctype html><link rel=icon href='data:,'><title>Landing page</title>
<form><input id=name><input id=email><button id=social type=button>Fill in with Club</button></form>
<script src='/auth0.js'></script>
<script>
const app = new auth0.WebAuth(OPTIONS);
document.querySelector('#social').onclick = () => app.authorize({ connection: 'CONNECTION' });
app.parseHash((error, result) => {
  if (error) { document.title = JSON.stringify(error); }
  if (!result) { return; }
  app.client.userInfo(result.accessToken, (_, user) => {
    document.querySelector('#name').value = user.name;
    document.querySelector('#email').value = user.email;
    document.title = result.idTokenPayload.sub;
  });
});
</script>"""


def source() -> Flask:
    """A social provider where somebody is signed in already."""
    app = Flask("source")

    @app.get("/authorize")
    def authorize() -> Response:
        return redirect(f"{request.args['redirect_uri']}?code=c0de&state={request.args['state']}", 302)

    @app.post("/token")
    def token() -> Response:
        return jsonify(access_token="at", token_type="Bearer", expires_in=60)

    return app


@pytest.fixture
def landing(node: str) -> Iterator[tuple[Flask, str, dict[str, str]]]:
    if not LIBRARY.is_dir():
        pytest.skip("not run: needs auth0-js in tests/node")
    app, shown = Flask("landing"), {"html": ""}
    app.add_url_rule("/", "page", lambda: shown["html"])
    app.add_url_rule("/auth0.js", "library", lambda: send_from_directory(LIBRARY, "auth0.min.js"))
    with local_site(app, tls=True) as url:
        yield app, url, shown


def test_misc_2_a_landing_page_fills_its_form_from_a_social_source(
    chromium: Browser, landing: tuple[Flask, str, dict[str, str]], tls_product: Product
) -> None:
    _app, url, shown = landing
    management = tls_product.management()
    client = management.create_client(
        app_type="spa", callbacks=[f"{url}/"], web_origins=[url], grant_types=["implicit", "authorization_code"]
    )
    name = f"club-{secrets.token_hex(4)}"
    with local_site(source()) as club:
        options = {"client_id": "landing", "client_secret": "s", "authorizationURL": f"{club}/authorize"}
        options |= {"tokenURL": f"{club}/token", "scripts": {"fetchUserProfile": SCRIPT}}  # type: ignore[dict-item]
        body = {"name": name, "strategy": "oauth2", "options": options, "enabled_clients": [client["client_id"]]}
        management.call("POST", "connections", body)
        settings = {
            "domain": f"localhost:{tls_product.port}",
            "clientID": client["client_id"],
            "redirectUri": f"{url}/",
            "responseType": "token id_token",
            "scope": "openid profile email",
        }
        shown["html"] = PAGE.replace("OPTIONS", str(settings)).replace("CONNECTION", name)
        context = chromium.new_context(ignore_https_errors=True)
        page = context.new_page()
        page.goto(f"{url}/")
        page.locator("#social").click()
        expect(page.locator("#email")).to_have_value("ines@landing.example", timeout=20_000)
        expect(page.locator("#name")).to_have_value("Ines Landing")
        assert page.url.startswith(f"{url}/"), "no page of ours was shown"
        assert page.title().endswith("|42")
        context.close()
