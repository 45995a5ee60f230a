"""The development pages: for this machine only, and a sample application that really signs in."""

import html
import re

import pytest
import requests
from werkzeug.test import Client

from idp.operations.health.views import forwarding
from tests.counterparts.product import Product
from tests.world.fixtures import OpenWorld
from tests.world.templates import HOST, PLAIN_HTTP, PRODUCTION

LOCAL = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8000"}
PATHS = ("/dev/mailbox", "/dev/app/", "/dev/app/login", "/dev/app/callback", "/dev/app/logout")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "peer",
    [
        {"REMOTE_ADDR": "10.0.0.5"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_CF_CONNECTING_IP": "127.0.0.1"},
        {"HTTP_TRUE_CLIENT_IP": "127.0.0.1"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"REMOTE_ADDR": ""},
    ],
)
def test_nobody_else_sees_them(open_world: OpenWorld, path: str, peer: dict[str, str]) -> None:
    client = Client(open_world(PLAIN_HTTP, IDP_TRUSTED_PROXIES="1").app)
    assert client.get(path, environ_overrides={**LOCAL, **peer}).status_code == 404
    home = client.get("/", environ_overrides={**LOCAL, **peer})
    assert (home.status_code, home.headers["Location"]) == (302, "/account")


PROXIES = """
X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Server X-Forwarded-Ssl
Forwarded Via X-Real-IP X-Client-IP X-Cluster-Client-IP True-Client-IP CF-Connecting-IP CF-Connecting-IPv6
CF-IPCountry CF-Ray CF-Visitor CDN-Loop Fastly-Client-IP Fly-Client-IP X-Original-Forwarded-For X-Original-URL
X-Envoy-External-Address X-Amzn-Trace-Id X-Azure-ClientIP X-Azure-FDID X-ARR-SSL X-Appengine-User-IP
X-ProxyUser-Ip X-Originating-IP X-Remote-IP X-Remote-Addr X-Client-Cert CloudFront-Viewer-Address
DISGUISED-HOST X-Vercel-Id X-Forwarded-Anything
"""
BROWSERS = """
Accept Accept-Encoding Accept-Language Authorization Cache-Control Connection Content-Length Content-Type
Cookie DNT Host If-Modified-Since Origin Pragma Priority Referer Sec-CH-UA Sec-Fetch-Site Sec-GPC Save-Data TE
Upgrade-Insecure-Requests User-Agent X-Requested-With Device-Memory RTT Viewport-Width
"""


def variable(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


def test_whatever_a_proxy_adds_says_that_there_is_one() -> None:
    assert [header for header in PROXIES.split() if not forwarding(variable(header))] == []
    assert [header for header in BROWSERS.split() if forwarding(variable(header))] == []


@pytest.mark.parametrize("path", PATHS)
def test_production_has_none(open_world: OpenWorld, path: str) -> None:
    client = Client(open_world(PRODUCTION).app)
    here = {**LOCAL, "HTTP_HOST": HOST}
    assert client.get(path, environ_overrides=here).status_code == 404
    assert client.get("/", environ_overrides=here).headers["Location"] == "/account"


def test_the_welcome_page_names_what_there_is(open_world: OpenWorld) -> None:
    page = Client(open_world(PLAIN_HTTP).app).get("/", environ_overrides=LOCAL).text
    for expected in ("/dev/app/", "/dev/mailbox", "user@example.com", "admin@example.com", "http://localhost:8000/"):
        assert expected in page


def test_the_mailbox_as_json(product: Product) -> None:
    answer = requests.get(f"{product.base_url}/dev/mailbox", headers={"Accept": "application/json"}, timeout=10)
    assert answer.headers["Content-Type"] == "application/json"
    assert isinstance(answer.json(), list)
    page = requests.get(f"{product.base_url}/dev/mailbox", timeout=10)
    assert page.headers["Content-Type"].startswith("text/html")


def hidden_fields(page: str) -> dict[str, str]:
    """Names and values of the first form."""
    form = re.search(r"<form[^>]*>.*?</form>", page, re.DOTALL)
    assert form is not None
    return {m[1]: html.unescape(m[2]) for m in re.finditer(r'name="([^"]+)"[^>]*value="([^"]*)"', form[0])}


@pytest.mark.slow
def test_the_sample_application_signs_in_and_out(product: Product) -> None:
    password = re.search(r"user@example\.com {2}(\S+)", product.program.log)
    assert password is not None
    browser = requests.Session()
    shown = browser.get(f"{product.base_url}/dev/app/login", timeout=10)
    credentials = {"username": "user@example.com", "password": password[1], "action": "default"}
    consent = browser.post(shown.url, data=hidden_fields(shown.text) | credentials, timeout=20)
    assert "/u/consent" in consent.url
    inside = browser.post(consent.url, data=hidden_fields(consent.text) | {"action": "accept"}, timeout=20)
    assert inside.url == f"{product.base_url}/dev/app/"
    assert 'id="claims"' in inside.text
    assert "user@example.com" in inside.text
    out = browser.get(f"{product.base_url}/dev/app/logout", timeout=10)
    assert out.url == f"{product.base_url}/dev/app/"
    assert 'id="sample-login"' in out.text
    again = browser.get(f"{product.base_url}/dev/app/login", timeout=10)
    assert "/u/login" in again.url, "the provider's session ended too"


def test_an_answer_for_another_browser_is_refused(product: Product) -> None:
    begun = requests.get(f"{product.base_url}/dev/app/login", allow_redirects=False, timeout=10)
    state = re.search(r"state=([^&]+)", begun.headers["Location"])
    assert state is not None
    other = requests.get(f"{product.base_url}/dev/app/callback?code=x&state={state[1]}", timeout=10)
    assert other.status_code == 400
    assert "not begun in this browser" in other.text


def test_an_error_from_the_provider_is_shown(product: Product) -> None:
    browser = requests.Session()
    begun = browser.get(f"{product.base_url}/dev/app/login", allow_redirects=False, timeout=10)
    state = re.search(r"state=([^&]+)", begun.headers["Location"])
    assert state is not None
    back = f"{product.base_url}/dev/app/callback?error=access_denied&error_description=%3Cb%3Eno&state={state[1]}"
    shown = browser.get(back, timeout=10)
    assert shown.status_code == 400
    assert "access_denied: &lt;b&gt;no" in shown.text
