"""New clients can be signed in to at once, and one that cannot says so."""

from __future__ import annotations

import json

import pytest

from tests.world.browser import Browser
from tests.world.fixtures import OpenWorld
from tests.world.world import CALLBACK, Person, World

MEMBERS = {"name": "My shop", "app_type": "regular_web", "callbacks": [CALLBACK]}


def created(world: World) -> str:
    return str((world.caller().post("/clients", MEMBERS).json or {})["client_id"])


def enabled(world: World, client_id: str) -> set[str]:
    answer = world.caller("read:connections").get(f"/clients/{client_id}/connections").json or {}
    return {each["id"] for each in answer["connections"]}


def test_a_new_client_may_use_every_connection_of_the_tenant(world: World, browser: Browser, jane: Person) -> None:
    more = world.connection("more")
    client_id = created(world)
    assert enabled(world, client_id) == {world.connection_id, more}
    later = world.connection("later")
    assert later not in enabled(world, client_id)
    app = world.client()
    app.client_id = client_id
    app.secret = world.management().post(f"/clients/{client_id}/rotate-secret", {})["client_secret"]
    assert app.sign_in(browser, jane).id_claims["sub"] == jane.user_id


@pytest.mark.parametrize("flag", [True, False])
def test_the_tenant_may_choose_for_each_client_itself(world: World, flag: bool) -> None:
    api = world.caller()
    assert (api.get("/tenants/settings").json or {})["flags"]["enable_client_connections"] is True
    assert api.patch("/tenants/settings", {"flags": {"enable_client_connections": flag}}).status_code == 200
    assert enabled(world, created(world)) == ({world.connection_id} if flag else set())


def test_the_systems_clients_are_signed_in_to_by_nobody(world: World) -> None:
    for each in world.caller().get("/clients").json:
        if each["client_id"] == world.machine or each["global"]:
            assert enabled(world, each["client_id"]) == set()


def without_connections(world: World) -> str:
    world.settings(flags={"enable_client_connections": False})
    return created(world)


def test_in_development_the_page_names_the_call_that_changes_it(world: World, browser: Browser) -> None:
    client_id = without_connections(world)
    app = world.client()
    app.client_id = client_id
    app.begin(browser)
    shown = browser.shown
    assert browser.status == 400
    assert "No way to sign in yet" in shown.text
    assert "My shop" in shown.text
    assert "access_denied" in shown.text
    call = f"PATCH /api/v2/connections/{world.connection_id}/clients"
    assert call in shown.text
    body = json.loads(shown.text.partition(call)[2].partition("]")[0].strip() + "]")
    path = call.partition("/api/v2")[2]
    assert world.caller()("PATCH", path, json=body).status_code == 204
    app.begin(browser)
    assert browser.path == "/u/login"


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "ar", "ja"])
def test_in_production_it_says_so_and_no_more(open_world: OpenWorld, language: str) -> None:
    world = open_world(IDP_ENV="production", SMTP_URL="smtp://127.0.0.1:1")
    client_id = without_connections(world)
    app = world.client()
    app.client_id = client_id
    browser = world.browser(language=language)
    app.begin(browser)
    assert browser.status == 400
    assert "My shop" in browser.shown.text
    assert "/api/v2" not in browser.shown.text
