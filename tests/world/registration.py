"""Clients that register themselves (RFC 7591, 7592)."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.world import Person, World

REDIRECT = "https://rp.example.test/callback"


def switch_on(world: World, **rules: Any) -> None:
    """The tenant lets clients register, by these rules."""
    body: dict[str, Any] = {"flags": {"enable_dynamic_client_registration": True}}
    world.management().patch("/tenants/settings", {**body, "client_registration": rules})


def register(world: World, token: str | None = None, **members: Any) -> TestResponse:
    """Register a client; None leaves a member out."""
    document = {"redirect_uris": [REDIRECT], "client_name": "Weather", **members}
    body = {name: value for name, value in document.items() if value is not None}
    return call(world, "POST", "/oidc/register", token, body)


def call(world: World, method: str, path: str, token: str | None = None, body: Any = None) -> TestResponse:
    """A call of whoever has that token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    kwargs = {} if body is None else {"json": body}
    return world.app.test_client().open(path, method=method, headers=headers, base_url=world.issuer, **kwargs)


def error(response: TestResponse, status: int = 400) -> str:
    """The error of an answer, which nobody may keep."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.headers["Cache-Control"] == "no-store"
    return str(response.get_json()["error"])


def discovery(world: World) -> dict[str, Any]:
    """What the provider says of itself."""
    found = world.app.test_client().get("/.well-known/openid-configuration", base_url=world.issuer)
    return dict(found.get_json())


def known(world: World, made: dict[str, Any]) -> bool:
    """Whether the client is there."""
    return bool(world.management()("GET", f"/clients/{made['client_id']}").status_code == 200)


def of(world: World, made: dict[str, Any]) -> Application:
    """The application that such a client is."""
    return Application(
        world, made["client_id"], made.get("client_secret"), REDIRECT, made["token_endpoint_auth_method"]
    )


def allow(browser: Browser, person: Person) -> None:
    """Sign in and agree."""
    browser.submit(username=person.email, password=person.password)
    assert browser.path == "/u/consent"
    browser.submit("accept")
