"""Signing in at somebody else's OpenID provider, in a real browser: a second tenant of ours, and npm oidc-provider."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from playwright.sync_api import Browser, Page

from tests.counterparts.application import Application, unpack
from tests.counterparts.fixtures import not_run
from tests.counterparts.management import PASSWORD, Management
from tests.counterparts.node import has_package
from tests.counterparts.oidc_provider import OidcProvider
from tests.counterparts.product import Product, idp
from tests.e2e.pages import LoginPage

pytestmark = [pytest.mark.e2e, pytest.mark.counterpart]


def connect(management: Management, app: Application, name: str, **options: Any) -> dict[str, Any]:
    """An OpenID connection for that application."""
    body = {
        "name": name,
        "strategy": "oidc",
        "display_name": f"The {name}",
        "show_as_button": True,
        "options": options,
        "enabled_clients": [app.client["client_id"]],
    }
    made: dict[str, Any] = management.call("POST", "connections", body)
    return made


@dataclass
class Upstream:
    """A second tenant of the same product, with one user and an application of the first."""

    issuer: str
    management: Management
    client: dict[str, Any]
    user: dict[str, Any]


@pytest.fixture(scope="module")
def upstream(product: Product) -> Upstream:
    name = f"upstream-{secrets.token_hex(4)}"
    issuer = f"{product.base_url}/{name}/"
    made = idp("tenants", "create", name, "--url", issuer, "--json", cwd=product.folder, env=product.env)
    assert made.returncode == 0, made.stderr
    printed = json.loads(made.stdout)
    access = printed["management"]
    management = Management(
        issuer.rstrip("/"),
        access["client_id"],
        access["client_secret"],
        access["audience"],
        printed["connection"]["id"],
    )
    client = management.create_client(
        app_type="regular_web",
        callbacks=[f"{product.base_url}/login/callback"],
        allowed_logout_urls=[f"{product.base_url}/logout"],
    )
    user = management.create_user(connection=printed["connection"]["name"], name="Jane of the other tenant")
    return Upstream(issuer, management, client, user)


@pytest.fixture(scope="module")
def provider(node: str, product: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    if not has_package("oidc-provider"):
        not_run("the npm package oidc-provider (npm ci in tests/node)")
    client = {
        "client_id": "gatehouse",
        "client_secret": "provider-secret-0123456789",
        "redirect_uris": [f"{product.base_url}/login/callback"],
        "post_logout_redirect_uris": [f"{product.base_url}/logout"],
        "backchannel_logout_uri": f"{product.base_url}/logout/backchannel/provider-back",
        "backchannel_logout_session_required": True,
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid email profile offline_access",
    }
    front = {
        **{name: client[name] for name in ("redirect_uris", "post_logout_redirect_uris")},
        "client_id": "gatehouse-front",
        "application_type": "native",  # it lets no other one have ID tokens at an address without TLS
        "token_endpoint_auth_method": "none",
        "grant_types": ["implicit"],
        "response_types": ["id_token"],
    }
    careful = {
        **{name: client[name] for name in ("redirect_uris", "grant_types", "scope")},
        "client_id": "gatehouse-careful",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "PS256",
        "jwks_uri": f"{product.base_url}/oauth/connection/provider-careful/.well-known/jwks.json",
        "id_token_encrypted_response_alg": "RSA-OAEP-256",
        "id_token_encrypted_response_enc": "A256GCM",
        "userinfo_signed_response_alg": "RS256",
        "userinfo_encrypted_response_alg": "RSA-OAEP",
        "userinfo_encrypted_response_enc": "A128CBC-HS256",
        "dpop_bound_access_tokens": True,
    }
    running = OidcProvider.start(node, tmp_path_factory.mktemp("oidc-provider"), [client, front, careful])
    yield running
    running.program.stop()


def sign_in_there(page: Page, provider: OidcProvider, login: str) -> None:
    """What a person does on the pages of oidc-provider."""
    page.wait_for_url(f"{provider.issuer}/interaction/*")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", "anything")
    page.click("button[type=submit]")
    page.wait_for_load_state()
    if "Authorize" in page.content():
        page.click("button[type=submit]")


def test_a_second_tenant_of_ours(
    page: Page, management: Management, application: Application, upstream: Upstream
) -> None:
    name = "tenant"
    made = connect(
        management,
        application,
        name,
        client_id=upstream.client["client_id"],
        client_secret=upstream.client["client_secret"],
        discovery_url=f"{upstream.issuer}.well-known/openid-configuration",
        scope="openid profile email",
    )
    assert made["options"]["issuer"] == upstream.issuer
    page.goto(application.authorize_url())
    page.click(f"#connection-{name}")
    page.wait_for_url(f"{upstream.issuer}u/login*")
    LoginPage(page).sign_in(upstream.user["email"], PASSWORD)
    page.wait_for_url(f"{application.redirect_uri}?*")
    claims = application.claims(application.redeem(page.url))
    assert claims["sub"] == f"oidc|{name}|{upstream.user['user_id']}"
    assert (claims["email"], claims["name"]) == (upstream.user["email"], "Jane of the other tenant")
    stored = management.call("GET", f"users/{claims['sub'].replace('|', '%7C')}")
    (identity,) = stored["identities"]
    assert (identity["provider"], identity["connection"], identity["isSocial"]) == ("oidc", name, False)
    assert identity["access_token"]
    page.goto(application.authorize_url(prompt="none"))
    assert "code" in unpack(page.url)
    bye = application.client["allowed_logout_urls"][0]
    query = urlencode({"client_id": application.client["client_id"], "returnTo": bye})
    page.goto(f"{application.product.base_url}/v2/logout?federated&{query}")
    page.wait_for_url(f"{bye}*")
    page.goto(application.authorize_url(connection=name))
    page.wait_for_url(f"{upstream.issuer}u/login*")  # signed out there too


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A page that may look for what pages of other products load, and finds nothing but this machine."""
    context = chromium.new_context()
    context.route(lambda url: "//localhost:" not in url, lambda route: route.abort())
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("kind", ["back_channel", "front_channel"])
def test_oidc_provider(
    tab: Page, management: Management, application: Application, provider: OidcProvider, kind: str
) -> None:
    name = f"provider-{kind.partition('_')[0]}"
    connect(
        management,
        application,
        name,
        type=kind,
        client_id="gatehouse" if kind == "back_channel" else "gatehouse-front",
        client_secret="provider-secret-0123456789" if kind == "back_channel" else None,
        discovery_url=f"{provider.issuer}/.well-known/openid-configuration",
    )
    tab.goto(application.authorize_url(connection=name, login_hint="ada"))
    sign_in_there(tab, provider, "ada")
    tab.wait_for_url(f"{application.redirect_uri}?*")
    claims = application.claims(application.redeem(tab.url))
    assert claims["sub"] == f"oidc|{name}|ada"
    if kind == "front_channel":  # it tells claims at its userinfo endpoint, where no access token leads
        return
    assert (claims["email"], claims["email_verified"]) == ("ada@op.example", True)
    assert (claims["name"], claims["locale"]) == ("Provider's ada", "fr")
    tab.goto(f"{provider.issuer}/session/end")
    tab.click("button[name=logout]")
    tab.wait_for_load_state()
    tab.goto(application.authorize_url(prompt="none"))
    assert unpack(tab.url)["error"] == "login_required", "the provider's logout token ended the session here"


def test_a_provider_that_takes_keys_encrypts_signs_and_binds(
    tab: Page, management: Management, application: Application, provider: OidcProvider
) -> None:
    name = "provider-careful"
    made = connect(
        management,
        application,
        name,
        client_id="gatehouse-careful",
        discovery_url=f"{provider.issuer}/.well-known/openid-configuration",
        token_endpoint_auth_method="private_key_jwt",
        token_endpoint_auth_signing_alg="PS256",
        token_endpoint_jwtca_aud_format="issuer",
        dpop_signing_alg="ES256",
    )
    for turned in (False, True):
        if turned:  # while the provider remembers the set from before
            management.call("POST", f"connections/{made['id']}/keys/rotate", {})
        tab.context.clear_cookies()
        tab.goto(application.authorize_url(connection=name, login_hint="ada"))
        sign_in_there(tab, provider, "ada")
        tab.wait_for_url(f"{application.redirect_uri}?*")
        claims = application.claims(application.redeem(tab.url))
        assert claims["sub"] == f"oidc|{name}|ada"
        assert (claims["email"], claims["name"]) == ("ada@op.example", "Provider's ada")


def test_a_broken_configuration_is_refused_when_it_is_saved(
    management: Management, application: Application, provider: OidcProvider
) -> None:
    wrong: dict[str, Any] = {
        "of the issuer": {
            "discovery_url": f"{provider.issuer}/.well-known/openid-configuration",
            "issuer": "https://another.example",
        },
        "cannot be read": {"discovery_url": "http://localhost:9/.well-known/openid-configuration"},
        "needs options.issuer": {"authorization_endpoint": f"{provider.issuer}/auth"},
    }
    for why, options in wrong.items():
        body = {"name": "broken", "strategy": "oidc", "options": {"client_id": "x", "client_secret": "y", **options}}
        answer: requests.Response = management.raw("POST", "connections", body)
        assert answer.status_code == 400, answer.text
        assert why in answer.json()["message"]
    assert management.call("GET", "connections", name="broken") == []
