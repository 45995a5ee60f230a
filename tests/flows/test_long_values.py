"""Long values are refused or cut to size in words, never by a database that has no room for them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import Person, World

LONG = ["x" * 129, "x" * 256, "x" * 301, "x" * 700, "x" * 3000, "a\x00b", "\U0001f600" * 200]
OF_USERS = ("name", "nickname", "given_name", "family_name", "picture", "email", "username", "phone_number", "user_id")
OF_CLIENTS = ("name", "description", "logo_uri", "client_secret", "initiate_login_uri", "frontchannel_logout_uri")
PATHS = (
    "users",
    "clients",
    "resource-servers",
    "connections",
    "client-grants",
    "grants",
    "sessions",
    "refresh-tokens",
    "user-blocks",
    "logs",
)
QUERIES = (
    "users?q",
    "users-by-email?email",
    "user-blocks?identifier",
    "grants?user_id",
    "logs?q",
    "logs?from",
    "clients?fields",
    "connections?name",
    "client-grants?audience",
    "users?sort",
    "users?fields",
)


def bodies(text: str, user_id: str, client_id: str) -> list[tuple[str, str, Any]]:
    """Requests that put the text wherever text goes."""
    person = {
        "connection": "Username-Password-Authentication",
        "email": "q@example.com",
        "password": "correct horse 9 Battery",
    }
    made: list[tuple[str, str, Any]] = []
    for name in OF_USERS:
        made += [("POST", "/users", {**person, name: text}), ("PATCH", f"/users/{user_id}", {name: text})]
    for name in OF_CLIENTS:
        made += [("POST", "/clients", {"name": "x", name: text}), ("PATCH", f"/clients/{client_id}", {name: text})]
    return [
        *made,
        ("PATCH", f"/users/{user_id}", {"user_metadata": {"a": text}}),
        ("PATCH", f"/users/{user_id}", {"app_metadata": {text[:200]: "x"}}),
        ("PATCH", f"/clients/{client_id}", {"callbacks": [f"https://a.example/{text}"]}),
        ("PATCH", f"/clients/{client_id}", {"client_metadata": {text: "x"}}),
        ("POST", "/resource-servers", {"identifier": text}),
        (
            "POST",
            "/resource-servers",
            {"identifier": f"y{text[:500]}", "scopes": [{"value": text, "description": text}]},
        ),
        ("POST", "/connections", {"name": text, "strategy": "auth0"}),
        ("POST", "/connections", {"name": "z", "strategy": text}),
        ("POST", "/client-grants", {"client_id": text, "audience": text, "scope": [text]}),
        ("POST", "/tickets/password-change", {"user_id": text}),
        ("POST", "/tickets/password-change", {"user_id": user_id, "result_url": f"https://a.example/{text}"}),
        ("PATCH", "/tenants/settings", {"friendly_name": text}),
    ]


@pytest.mark.parametrize("text", LONG)
@on_both_stores
def test_the_management_api_has_words_for_every_value(world: World, jane: Person, text: str, store: str) -> None:
    management, app = world.management(), world.client()
    asked = bodies(text, jane.user_id, app.client_id)
    there = quote(text)
    asked += [(method, f"/{path}/{there}", None) for path in PATHS for method in ("GET", "DELETE")]
    asked += [("GET", f"/{query}={there}", None) for query in QUERIES]
    answers = [(method, path, management(method, path, body).status_code) for method, path, body in asked]
    assert [answer for answer in answers if answer[2] >= 500] == []


@pytest.mark.parametrize("text", LONG)
@on_both_stores
def test_pages_and_endpoints_have_words_for_every_value(world: World, browser: Browser, text: str, store: str) -> None:
    world.client().begin(browser)
    form = browser.shown.form("username")
    for path in ("/u/login", "/u/login/identifier", "/u/login/password", "/u/signup", "/u/reset-password/request"):
        fields = {**form.fields, "username": text, "email": text, "password": text, "action": "default"}
        browser.open(path, method="POST", form=fields, site="same-origin")
        assert browser.status < 500, path
    world.work()
    for path, sent in (
        (
            "/oauth/token",
            {"grant_type": "client_credentials", "client_id": text, "client_secret": text, "audience": text},
        ),
        ("/oauth/token", {"grant_type": "refresh_token", "client_id": text, "refresh_token": text}),
        ("/oauth/revoke", {"client_id": text, "token": text}),
        ("/oauth/introspect", {"client_id": text, "client_secret": text, "token": text}),
        ("/userinfo", {"access_token": text}),
    ):
        assert world.post(path, sent, headers={"User-Agent": "x" * 3000}).status_code < 500, path
    for path in (
        "/authorize?client_id=",
        "/oidc/logout?client_id=",
        "/v2/logout?client_id=",
        "/account?client=",
        "/u/unblock?ticket=",
    ):
        assert world.get(f"{path}{quote(text)}").status_code < 500, path
