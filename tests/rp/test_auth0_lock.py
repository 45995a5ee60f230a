"""Lock in Chromium, unchanged: its form in the application's own page, with the settings that it asks us for."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, send_file
from playwright.sync_api import Browser, Page
from werkzeug.wrappers import Response

from tests.counterparts.application import unpack
from tests.counterparts.local_site import local_site
from tests.counterparts.management import PASSWORD
from tests.counterparts.node import NODE_FOLDER, has_package
from tests.counterparts.product import Product

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
REALM = "http://auth0.com/oauth/grant-type/password-realm"
SHOW = """([client, domain, back, base]) => {
  window.lock = new Auth0Lock(client, domain, {
    auth: {redirectUrl: back, responseType: 'code', params: {scope: 'openid email'}},
    configurationBaseUrl: base, languageBaseUrl: back, avatar: null, allowShowPassword: true,
  });
  window.problems = [];
  for (const name of ['unrecoverable_error', 'authorization_error']) {
    lock.on(name, error => problems.push([name, error.code, error.description]));
  }
  lock.show();
}"""


@pytest.fixture(scope="module")
def bundle(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library as one script."""
    if not (has_package("auth0-lock") and has_package("esbuild")):
        pytest.skip("not run: needs auth0-lock and esbuild in tests/node")
    made = tmp_path_factory.mktemp("lock") / "lock.js"
    within = NODE_FOLDER / "node_modules" / "auth0-lock" / "node_modules" / "auth0-js" / "dist"
    plugin = "dist/cordova-auth0-plugin.min.js"
    argv = [NODE_FOLDER / "node_modules" / ".bin" / "esbuild", NODE_FOLDER / "lock.js", "--bundle"]
    argv += [f"--alias:auth0-js/{plugin}={within.parent / plugin}"]
    argv += [f"--alias:auth0-js={within / 'auth0.min.esm.js'}"]  # the other file would export nothing
    argv += ["--define:global=window", "--define:process.env.NODE_ENV='\"production\"'", f"--outfile={made}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=NODE_FOLDER, timeout=120)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def site(bundle: Path) -> Iterator[str]:
    """The application, same-site with the product, as embedded forms need it."""
    app = Flask(__name__)

    @app.get("/")
    def page() -> str:
        return "<!doctype html><link rel=icon href='data:,'><title>App</title><script src='/lock.js'></script>"

    @app.get("/lock.js")
    def library() -> Response:
        return send_file(bundle)

    with local_site(app, tls=True) as base_url:
        yield base_url


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh profile that trusts the local certificate authority."""
    context = chromium.new_context(ignore_https_errors=True)
    yield context.new_page()
    context.close()


def test_somebody_signs_in_with_locks_form(page: Page, site: str, tls_product: Product) -> None:
    management = tls_product.management()
    client = management.create_client(
        app_type="regular_web",
        callbacks=[f"{site}/"],
        web_origins=[site],
        allowed_origins=[site],
        cross_origin_authentication=True,
        grant_types=["authorization_code", REALM],
    )
    user = management.create_user(connection=tls_product.connection)
    page.goto(f"{site}/")
    page.evaluate(SHOW, [client["client_id"], f"localhost:{tls_product.port}", f"{site}/", tls_product.base_url])
    page.wait_for_selector("input[name=email], input[name=username]")
    assert page.evaluate("problems") == []
    page.fill("input[name=email], input[name=username]", user["email"])
    page.fill("input[name=password]", "wrong")
    page.click("button[name=submit]")
    page.wait_for_function("problems.length")
    assert page.evaluate("problems")[0][0] == "authorization_error"
    page.fill("input[name=password]", PASSWORD)
    page.click("button[name=submit]")
    page.wait_for_url(f"{site}/?*code=*")
    answer = management.http.post(
        f"{tls_product.base_url}/oauth/token",
        data={
            "grant_type": "authorization_code",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
            "code": unpack(page.url)["code"],
            "redirect_uri": f"{site}/",
        },
        timeout=20,
        verify=tls_product.verify,
    )
    assert answer.status_code == 200, answer.text
