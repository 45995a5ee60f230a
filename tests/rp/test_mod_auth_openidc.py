"""mod_auth_openidc under Apache, as Debian ships it: with a secret, and with keys, signed requests and every way to
hear of a sign-out.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.counterparts.apache import PrivateApache, is_installed
from tests.counterparts.management import Management
from tests.counterparts.product import Product
from tests.counterparts.program import free_port
from tests.e2e.pages import LogoutPage, SignedOutPage
from tests.world.client_keys import key

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
SignIn = Callable[[dict[str, Any]], None]
SIGNED = {
    "copy_and_remove_from_request": ["scope", "nonce", "code_challenge", "code_challenge_method", "prompt"],
    "copy_from_request": ["client_id", "response_type", "redirect_uri", "state"],
    "crypto": {"sign_alg": "RS256"},
    "request_object_type": "request",
}
"""What the module puts into its request object, and what stands beside it as well."""


@contextmanager
def running(product: Product, client: dict[str, Any], port: int, **more: str) -> Iterator[PrivateApache]:
    """A server that protects ``/secure`` with the product; ``more`` are directives."""
    if not is_installed():
        pytest.skip("not run: needs Apache with mod_auth_openidc (Debian package libapache2-mod-auth-openidc)")
    folder = Path(tempfile.mkdtemp(prefix="idp-apache-"))
    folder.chmod(0o777)  # its worker processes run as another user
    directives = {
        "OIDCProviderMetadataURL": f"{product.base_url}/.well-known/openid-configuration",
        "OIDCClientID": client["client_id"],
        "OIDCRedirectURI": f"http://localhost:{port}/secure/callback",
        "OIDCCryptoPassphrase": "a relying party in a test",
        "OIDCScope": "openid email profile",
        "OIDCPKCEMethod": "S256",
        "OIDCRemoteUserClaim": "sub",
        "OIDCCookieSameSite": "On",
    }
    (folder / "client.key").write_bytes(key("RS256").as_pem(private=True))
    (folder / "client.pem").write_bytes(key("RS256").as_pem(private=False))
    named = {name: value.replace("FOLDER", str(folder)) for name, value in more.items()}
    server = PrivateApache.start(folder, {**directives, **named}, port=port)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def apache(product: Product, management: Management) -> Iterator[PrivateApache]:
    """As most sites have it: a client with a secret."""
    port = free_port()
    here = f"http://localhost:{port}"
    client = management.create_client(
        app_type="regular_web", callbacks=[f"{here}/secure/callback"], allowed_logout_urls=[f"{here}/"]
    )
    secret = {"OIDCClientSecret": client["client_secret"], "OIDCProviderTokenEndpointAuth": "client_secret_post"}
    with running(product, client, port, **secret) as server:
        yield server


def test_logs_in_and_out(
    page: Page,
    apache: PrivateApache,
    user: dict[str, Any],
    sign_in: SignIn,
    session_ended: Callable[[str], None],
) -> None:
    page.goto(f"{apache.base_url}/secure/index.html")
    sign_in(user)
    page.wait_for_url(f"{apache.base_url}/secure/index.html")
    answer = page.reload()
    assert answer is not None, apache.log
    assert answer.header_value("x-remote-user") == user["user_id"]
    assert answer.header_value("x-email") == user["email"]

    page.goto(f"{apache.base_url}/secure/callback?logout={apache.base_url}/")
    page.wait_for_url(f"{apache.base_url}/")
    assert "open to all" in page.content()
    session_ended(f"{apache.base_url}/secure/index.html")


# ---- with keys
@pytest.fixture(scope="module")
def strict(product: Product, management: Management) -> Iterator[PrivateApache]:
    """A client that signs its requests and who it is, with the keys that the module publishes."""
    port = free_port()
    callback = f"http://localhost:{port}/secure/callback"
    client = management.create_client(
        app_type="regular_web",
        callbacks=[callback],
        allowed_logout_urls=[f"http://localhost:{port}/secure/watched.html"],
        token_endpoint_auth_method="private_key_jwt",
        jwks_uri=f"{callback}?jwks=rsa",
        signed_request_object={"required": True},
    )
    management.patch("tenants/settings", {"session_management": True})
    signing = {  # the keys come first: without them the module knows no private_key_jwt
        "OIDCPrivateKeyFiles": "FOLDER/client.key",
        "OIDCPublicKeyFiles": "FOLDER/client.pem",
        "OIDCProviderTokenEndpointAuth": "private_key_jwt",
        "Header unset": "X-Frame-Options",  # this release says DENY whatever OIDCLogoutXFrameOptions is
        "OIDCRequestObject": json.dumps(SIGNED).replace('"', '\\"'),
    }
    with running(product, client, port, **signing) as server:
        (server.folder / "site" / "secure" / "watched.html").write_text(
            f'<title>Watched</title><iframe src="{callback}?session=iframe_op" id="openidc-op"></iframe>'
            f'<iframe src="{callback}?session=iframe_rp&amp;poll=300"></iframe>'
        )
        yield server
    management.patch("tenants/settings", {"session_management": False})


@pytest.mark.parametrize("told", ["backchannel", "frontchannel", "session management"])
def test_signed_requests_and_every_way_to_hear_of_a_sign_out(
    page: Page,
    product: Product,
    management: Management,
    strict: PrivateApache,
    user: dict[str, Any],
    sign_in: SignIn,
    told: str,
) -> None:
    callback, protected = f"{strict.base_url}/secure/callback", f"{strict.base_url}/secure/index.html"
    every = (each for number in range(9) for each in management.get(f"clients?per_page=100&page={number}"))
    (client,) = [each for each in every if each.get("callbacks") == [callback]]
    ways = {
        "backchannel": {"oidc_logout": {"backchannel_logout_urls": [f"{callback}?logout=backchannel"]}},
        "frontchannel": {"frontchannel_logout_uri": f"{callback}?logout=get"},
    }
    none = {"oidc_logout": None, "frontchannel_logout_uri": None}
    management.patch(f"clients/{client['client_id']}", none | ways.get(told, {}))
    sent: list[str] = []
    page.on("request", lambda each: sent.append(each.url) if "/authorize?" in each.url else None)
    page.goto(protected)
    sign_in(user)
    page.wait_for_url(protected)
    answer = page.reload()
    assert answer is not None, strict.log
    assert answer.header_value("x-remote-user") == user["user_id"]
    assert "request=" in sent[0]
    assert "scope=" not in sent[0]

    watching = page.context.new_page()
    if told == "session management":
        watching.goto(f"{strict.base_url}/secure/watched.html")
    page.goto(f"{product.base_url}/oidc/logout")
    LogoutPage(page).confirm()
    SignedOutPage(page).expect_shown()
    if told == "session management":
        watching.wait_for_url(f"{product.base_url}/u/login*")
        return
    for _ in range(100):  # a logout token is sent in the background, and frames load when they do
        page.goto(protected)
        if page.url.startswith(product.base_url):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the application was never told:\n{strict.log[-3_000:]}")
