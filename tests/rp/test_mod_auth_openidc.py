"""mod_auth_openidc under Apache, as Debian ships it: with a secret, and with keys, signed requests and every way to
hear of a sign-out.
"""

import base64
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.counterparts.apache import PrivateApache, is_installed
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.product import Product
from tests.counterparts.program import free_port
from tests.e2e.pages import LoginPage, LogoutPage, SignedOutPage
from tests.world.client_keys import key

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
SignIn = Callable[[dict[str, Any]], None]
SIGNED = {
    "copy_and_remove_from_request": ["scope", "nonce", "code_challenge", "code_challenge_method", "prompt"],
    "copy_from_request": ["client_id", "response_type", "redirect_uri", "state"],
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
@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A page that is not watched: this release says that its front-channel logout is for no frame
    (``X-Frame-Options``), so that a browser that has loaded it there complains.
    """
    context = chromium.new_context(locale="en-US")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def signing(port: int, **members: Any) -> dict[str, Any]:
    """What such a client is registered with."""
    callback = f"http://localhost:{port}/secure/callback"
    return {
        "app_type": "regular_web",
        "callbacks": [callback],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": f"{callback}?jwks=rsa",
        "signed_request_object": {"required": True},
        **members,
    }


def directives(**crypto: str) -> dict[str, str]:
    """And what its server is told. The keys come first: without them the module knows no private_key_jwt."""
    made = {**SIGNED, "crypto": {"sign_alg": "RS256", **crypto}}
    return {
        "OIDCPrivateKeyFiles": "FOLDER/client.key",
        "OIDCPublicKeyFiles": "FOLDER/client.pem",
        "OIDCProviderTokenEndpointAuth": "private_key_jwt",
        "OIDCRequestObject": json.dumps(made).replace('"', '\\"'),
    }


@pytest.fixture(scope="module")
def strict(product: Product, management: Management) -> Iterator[PrivateApache]:
    """A client that signs its requests and who it is, with the keys that the module publishes."""
    port = free_port()
    callback = f"http://localhost:{port}/secure/callback"
    watched = [f"http://localhost:{port}/secure/watched.html"]
    client = management.create_client(**signing(port, allowed_logout_urls=watched))
    management.patch("tenants/settings", {"session_management": True})
    with running(product, client, port, **directives()) as server:
        (server.folder / "site" / "secure" / "watched.html").write_text(
            f'<title>Watched</title><iframe src="{callback}?session=iframe_op" id="openidc-op"></iframe>'
            f'<iframe src="{callback}?session=iframe_rp&amp;poll=300"></iframe>'
        )
        yield server
    management.patch("tenants/settings", {"session_management": False})


def test_requests_that_nobody_reads_on_the_way(
    tab: Page, product: Product, management: Management, user: dict[str, Any]
) -> None:
    """Signed, and encrypted to a key of ours."""
    port, alg = free_port(), "RSA-OAEP"
    client = management.create_client(**signing(port, request_object_encryption_alg=alg))
    sent: list[str] = []
    tab.on("request", lambda each: sent.append(each.url) if "/authorize?" in each.url else None)
    with running(product, client, port, **directives(crypt_alg=alg, crypt_enc="A256GCM")) as server:
        tab.goto(f"{server.base_url}/secure/index.html")
        assert sent, server.log[-3_000:]
        tab.wait_for_url(f"{product.base_url}/u/login*")
        LoginPage(tab).sign_in(user["email"], PASSWORD)
        tab.wait_for_url(f"{server.base_url}/secure/index.html")
        answer = tab.reload()
        assert answer is not None, server.log
        assert answer.header_value("x-remote-user") == user["user_id"]
    (raw,) = parse_qs(urlsplit(sent[0]).query)["request"]
    head = json.loads(base64.urlsafe_b64decode(raw.split(".")[0] + "=="))
    assert (len(raw.split(".")), head["alg"], head["enc"]) == (5, alg, "A256GCM")


@pytest.mark.parametrize("told", ["backchannel", "frontchannel", "session management"])
def test_signed_requests_and_every_way_to_hear_of_a_sign_out(
    tab: Page,
    product: Product,
    management: Management,
    strict: PrivateApache,
    user: dict[str, Any],
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
    tab.on("request", lambda each: sent.append(each.url) if "/authorize?" in each.url else None)
    tab.goto(protected)
    tab.wait_for_url(f"{product.base_url}/u/login*")
    LoginPage(tab).sign_in(user["email"], PASSWORD)
    tab.wait_for_url(protected)
    answer = tab.reload()
    assert answer is not None, strict.log
    assert answer.header_value("x-remote-user") == user["user_id"]
    assert "request=" in sent[0]
    assert "scope=" not in sent[0]

    watching = tab.context.new_page()
    if told == "session management":
        watching.goto(f"{strict.base_url}/secure/watched.html")
    tab.goto(f"{product.base_url}/oidc/logout")
    if told == "frontchannel":
        with tab.expect_response(lambda each: "logout=get" in each.url):
            LogoutPage(tab).confirm()
    else:
        LogoutPage(tab).confirm()
    SignedOutPage(tab).expect_shown()
    if told == "session management":
        watching.wait_for_url(f"{product.base_url}/u/login*")
        return
    for _ in range(100):  # a logout token is sent in the background
        tab.goto(protected)
        if tab.url.startswith(product.base_url):
            return
        tab.wait_for_timeout(100)
    raise AssertionError(f"the application was never told:\n{strict.log[-3_000:]}")
