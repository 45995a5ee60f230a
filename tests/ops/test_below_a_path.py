"""``idp serve`` at ``http://localhost/auth/``, alone and behind a proxy that passes that path on and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.counterparts.application import Application
from tests.counterparts.http_login import HttpBrowser
from tests.counterparts.product import Product, idp
from tests.counterparts.program import free_port
from tests.ops.deployment import Deployment
from tests.ops.proxy import reverse_proxy

pytestmark = [pytest.mark.slow]
CALLBACK = "http://localhost:9"


@pytest.fixture(scope="module", params=["alone", "behind a proxy"])
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:  # type: ignore[override]
    """A web server of two processes and a worker."""
    folder: Path = tmp_path_factory.mktemp("below")
    public, behind = free_port(), request.param != "alone"
    env = {"IDP_PUBLIC_URL": f"http://localhost:{public}/auth", "IDP_TRUSTED_PROXIES": "1" if behind else "0"}
    running = Deployment.prepare(folder, public, env)
    running.product()
    running.work()
    try:
        if behind:
            port = free_port()
            with reverse_proxy(folder / "proxy", public, [port], below="/auth/"):
                running.serve(port)
                yield running.product()
        else:
            running.serve(public)
            yield running.product()
    finally:
        running.stop()


@pytest.fixture
def application(product: Product) -> Application:
    return Application.register(product, product.management(), CALLBACK)


def test_discovery(product: Product) -> None:
    assert product.issuer == f"{product.base_url}/"
    assert product.issuer.endswith("/auth/")
    for url in (
        f"{product.issuer}.well-known/openid-configuration",
        f"{product.issuer}.well-known/oauth-authorization-server",
    ):
        document = requests.get(url, timeout=10).json()
        assert document["issuer"] == product.issuer
        assert document["token_endpoint"] == f"{product.issuer}oauth/token"
        assert requests.get(document["jwks_uri"], timeout=10).json()["keys"]


def test_another_tenant_below_the_path(product: Product) -> None:
    """Its discovery is its own from the first time on, whatever the server keeps ready; so is that of the other."""
    url = f"{product.issuer}team/"
    made = idp("tenants", "create", "team", "--url", url, cwd=product.folder, env=product.env)
    assert made.returncode == 0, made.stderr
    for issuer in (url, product.issuer) * 3:
        document = requests.get(f"{issuer}.well-known/openid-configuration", timeout=10).json()
        assert document["issuer"] == issuer
        assert requests.get(document["jwks_uri"], timeout=10).json()["keys"]
        head = requests.head(f"{issuer}.well-known/openid-configuration", timeout=10)
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["Content-Length"]) > 1_000


def test_metadata_with_the_path_inserted(product: Product) -> None:
    """At the root of the host (RFC 8414 3.1), which the proxy of the other run does not pass on."""
    host = product.base_url.removesuffix("/auth")
    for name in ("openid-configuration", "oauth-authorization-server"):
        for _ in range(3):
            found = requests.get(f"{host}/.well-known/{name}/auth", timeout=10)
            if product.env["IDP_TRUSTED_PROXIES"] == "0":
                assert found.json()["issuer"] == product.issuer
            else:
                assert found.status_code in {403, 404}, "nginx forbids its own empty root"


def test_the_code_flow_the_account_and_logout(product: Product, application: Application) -> None:
    user = product.management().create_user(connection=product.connection)
    browser = HttpBrowser()
    tokens = application.redeem(browser.sign_in(application, user))
    assert application.claims(tokens)["iss"] == product.issuer
    assert application.userinfo(tokens).json()["email"] == user["email"]
    assert {cookie.path for cookie in browser.http.cookies} == {"/auth/"}
    account = browser.follow(f"{product.base_url}/account", CALLBACK)
    assert (account.status_code, account.url) == (200, f"{product.base_url}/account")
    assert user["email"] in account.text
    question = browser.follow(f"{product.base_url}/oidc/logout", CALLBACK)
    signed_out = browser.submit(question, CALLBACK, action="accept")
    assert "You are logged out" in signed_out.text
    assert "error=login_required" in browser.silent(application)
    browser.close()


def test_the_management_api(product: Product) -> None:
    management = product.management()
    assert management.audience == f"{product.issuer}api/v2/"
    user = management.create_user(connection=product.connection)
    encoded = user["user_id"].replace("|", "%7C")
    assert management.get(f"users/{encoded}")["email"] == user["email"]
    assert requests.get(f"{product.base_url}/api/v2/clients", timeout=10).status_code == 401


def test_without_the_last_slash(product: Product) -> None:
    """Alone it leads there; nginx does the same by itself for a location that ends with a slash."""
    found = requests.get(f"{product.base_url}?a=1", timeout=10, allow_redirects=False)
    assert found.status_code in {301, 308}
    assert found.headers["Location"].endswith("/auth/?a=1")


def test_nothing_beside_it(product: Product) -> None:
    host = product.base_url.removesuffix("/auth")
    for path in ("/", "/authorize", "/api/v2/clients", "/authx/account", "/static/gate.css"):
        status = requests.get(f"{host}{path}", timeout=10, allow_redirects=False).status_code
        assert status in {403, 404}, "nginx forbids its own empty root"
