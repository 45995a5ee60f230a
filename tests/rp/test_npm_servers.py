"""npm relying parties that run on a server: openid-client and express-openid-connect (code flow)."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from playwright.sync_api import Page

from tests.counterparts.management import Management
from tests.counterparts.node import NODE_FOLDER
from tests.counterparts.product import Product, product_environment
from tests.counterparts.program import Program, accepts, free_port
from tests.e2e.pages import LogoutPage, SignedOutPage
from tests.world.client_keys import key, public, signed

pytestmark = [pytest.mark.counterpart, pytest.mark.e2e]
SignIn = Callable[[dict[str, Any]], None]
StartNode = Callable[..., str]


@pytest.fixture
def start_node(node: str, product: Product, management: Management, tmp_path: Path) -> Iterator[StartNode]:
    """Starts a program of ``tests/node`` as a client of the product; answers its base URL."""
    running: list[Program] = []

    def start(
        script: str,
        *,
        callback: str,
        logout: list[str],
        backchannel: str | None = None,
        grants: list[str] | None = None,
        keys: str | None = None,
        **environment: str,
    ) -> str:
        port = free_port()
        here = f"http://localhost:{port}"
        more: dict[str, Any] = {"grant_types": grants} if grants else {}
        if keys:
            more |= {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": f"{here}{keys}"}
            more |= {"signed_request_object": {"required": True}, "require_pushed_authorization_requests": True}
        if backchannel:
            more["oidc_logout"] = {"backchannel_logout_urls": [f"{here}{backchannel}"]}
        client = management.create_client(
            app_type="regular_web",
            callbacks=[f"{here}{callback}"],
            allowed_logout_urls=[f"{here}{path}" for path in logout],
            **more,
        )
        access = {"CLIENT_ID": client["client_id"], "CLIENT_SECRET": client["client_secret"], "ISSUER": product.issuer}
        env = product_environment(PORT=str(port), **access, **environment)
        program = Program.start([node, script], log_path=tmp_path / "node.log", env=env, cwd=NODE_FOLDER)
        running.append(program)
        program.wait_until(lambda: accepts(port), what="listen")
        return here

    yield start
    for program in running:
        program.stop()
        print(program.log)


def test_openid_client(
    page: Page, start_node: StartNode, user: dict[str, Any], sign_in: SignIn, session_ended: Callable[[str], None]
) -> None:
    site = start_node("openid_client.mjs", callback="/callback", logout=["/goodbye"])
    page.goto(f"{site}/login")
    sign_in(user)
    page.wait_for_url(f"{site}/callback**")
    got = json.loads(page.locator("body").inner_text())
    assert got["claims"]["sub"] == user["user_id"]
    assert got["userinfo"]["email"] == user["email"]
    assert got["renewed"]
    assert got["active"]
    assert got["revoked"]

    page.goto(f"{site}/logout")
    page.wait_for_url(f"{site}/goodbye")
    session_ended(f"{site}/login")


def test_openid_client_that_signs_everything(
    page: Page, management: Management, start_node: StartNode, user: dict[str, Any], sign_in: SignIn
) -> None:
    grants = ["authorization_code", "refresh_token", "implicit"]
    site = start_node("openid_client_signed.mjs", callback="/callback", logout=[], grants=grants, keys="/jwks")
    page.goto(f"{site}/login")
    sign_in(user)
    page.wait_for_url(f"{site}/callback**")
    got = json.loads(page.locator("body").inner_text())
    assert (got["claims"]["sub"], got["userinfo"]["email"]) == (user["user_id"], user["email"])
    assert (got["renewed"], got["active"]) == (True, True)

    every = (each for number in range(9) for each in management.get(f"clients?per_page=100&page={number}"))
    (client,) = [each for each in every if each.get("jwks_uri") == f"{site}/jwks"]
    loose = {"signed_request_object": None, "require_pushed_authorization_requests": False}
    management.patch(f"clients/{client['client_id']}", loose)
    page.goto(f"{site}/hybrid")
    page.wait_for_url(f"{site}/callback")
    assert json.loads(page.locator("body").inner_text())["claims"]["sub"] == user["user_id"]


def test_express_openid_connect(
    page: Page, start_node: StartNode, user: dict[str, Any], sign_in: SignIn, session_ended: Callable[[str], None]
) -> None:
    site = start_node("express.mjs", callback="/callback", logout=["", "/"])
    page.goto(f"{site}/login")
    sign_in(user)
    page.wait_for_url(f"{site}/")
    assert page.locator("body").inner_text() == "signed in"
    page.goto(f"{site}/profile")
    got = json.loads(page.locator("body").inner_text())
    assert got["claims"]["sub"] == user["user_id"]
    assert got["userinfo"]["email"] == user["email"]
    assert got["renewed"]

    page.goto(f"{site}/logout")
    page.wait_for_url(f"{site}/")
    assert page.locator("body").inner_text() == "signed out"
    session_ended(f"{site}/login")


def test_express_openid_connect_as_it_is_by_default(
    page: Page, start_node: StartNode, user: dict[str, Any], sign_in: SignIn, session_ended: Callable[[str], None]
) -> None:
    site = start_node("express.mjs", callback="/callback", logout=["", "/"], grants=["implicit"], DEFAULTS="yes")
    posted: list[str] = []
    page.on("request", lambda each: posted.append(each.post_data or "") if each.url == f"{site}/callback" else None)
    page.goto(f"{site}/login")
    sign_in(user)
    page.wait_for_url(f"{site}/")
    (form,) = posted
    assert set(parse_qs(form)) == {"id_token", "state", "iss"}
    page.goto(f"{site}/profile")
    claims = json.loads(page.locator("body").inner_text())["claims"]
    assert (claims["sub"], claims["email"]) == (user["user_id"], user["email"])
    page.goto(f"{site}/logout")
    page.wait_for_url(f"{site}/")
    session_ended(f"{site}/login")


def test_express_is_told_when_its_person_signs_out_elsewhere(
    page: Page, product: Product, start_node: StartNode, user: dict[str, Any], sign_in: SignIn
) -> None:
    site = start_node("express.mjs", callback="/callback", logout=["/"], backchannel="/backchannel-logout")
    page.goto(f"{site}/login")
    sign_in(user)
    page.wait_for_url(f"{site}/")
    assert page.locator("body").inner_text() == "signed in"

    page.goto(f"{product.base_url}/oidc/logout")
    LogoutPage(page).confirm()
    SignedOutPage(page).expect_shown()
    for _ in range(100):  # the logout token is sent in the background
        page.goto(f"{site}/")
        if page.locator("body").inner_text() == "signed out":
            return
        page.wait_for_timeout(100)
    raise AssertionError("the application was never told")


CIBA, DEVICE = "urn:openid:params:grant-type:ciba", "urn:ietf:params:oauth:grant-type:device_code"


def asked(site: str, path: str, **query: str) -> dict[str, Any]:
    """What the program answers as JSON."""
    answer = requests.get(f"{site}{path}", params=query, timeout=60)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_openid_client_without_a_browser(
    page: Page, product: Product, start_node: StartNode, user: dict[str, Any], sign_in: SignIn
) -> None:
    site = start_node("openid_client_ciba.mjs", callback="/callback", logout=[], grants=[CIBA, DEVICE])
    begun = asked(site, "/ciba", sub=user["user_id"])
    assert (begun["expires_in"], begun["interval"]) == (300, 5)
    page.goto(f"{product.base_url}/account")
    sign_in(user)
    page.locator("#requests a.button").click()
    assert page.locator("#binding-message").inner_text() == "Order 4711-K"
    page.locator("#approval-confirm").click()
    page.wait_for_url(f"{product.base_url}/approve/done")
    got = asked(site, "/answer")
    assert (got["claims"]["sub"], got["userinfo"]["email"]) == (user["user_id"], user["email"])

    begun = asked(site, "/device")
    page.goto(begun["verification_uri_complete"])
    page.locator("#device-confirm").click()
    page.wait_for_url(f"{product.base_url}/device/success")
    assert asked(site, "/answer")["claims"]["sub"] == user["user_id"]


def test_openid_client_exchanges_a_token(
    management: Management, product: Product, start_node: StartNode, user: dict[str, Any]
) -> None:
    issuer, kind = "https://legacy.acme.example", f"urn:acme:{user['user_id'][-12:]}"
    validation = {"issuer": issuer, "jwks": {"keys": [public()]}}
    profile = {"name": "Legacy", "subject_token_type": kind, "type": "custom_authentication", "validation": validation}
    management.post("token-exchange-profiles", profile)
    site = start_node("openid_client_ciba.mjs", callback="/callback", logout=[])
    clients = (each for number in range(9) for each in management.get(f"clients?per_page=100&page={number}"))
    (client,) = [each for each in clients if each.get("callbacks") == [f"{site}/callback"]]
    exchange = {"allow_any_profile_of_type": ["custom_authentication"]}
    management.patch(f"clients/{client['client_id']}", {"token_exchange": exchange})
    moment = int(time.time())
    claims = {"iss": issuer, "aud": product.issuer, "sub": user["user_id"], "iat": moment, "exp": moment + 60}
    got = asked(site, "/exchange", token=signed(claims, key()), type=kind)
    assert (got["claims"]["sub"], got["userinfo"]["email"]) == (user["user_id"], user["email"])
