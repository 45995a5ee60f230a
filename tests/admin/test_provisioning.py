"""The tab *Provisioning* of a connection (spec/dashboard.md, lines 7, 12, 15 and 23)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.admin.administrators import Hire
from tests.admin.administrators import enter as enter_as
from tests.admin.conftest import Desk, enter
from tests.admin.test_tokens import rows_with
from tests.world.fixtures import Clock
from tests.world.world import World

LDAP = {"urls": ["ldaps://dc.example.test"], "base_dn": "dc=t", "bind_dn": "cn=r,dc=t", "bind_password": "a password"}


@pytest.fixture
def corp(world: World) -> str:
    """A connection to a directory; its id."""
    made = world.management()("POST", "/connections", {"name": "corp", "strategy": "ad", "options": LDAP})
    return str(made.json["id"])


def of(connection: str) -> str:
    return f"/admin/authentication/connections/{connection}/provisioning"


def stored(world: World, connection: str, more: str = "") -> Any:
    return world.management().get(f"/connections/{connection}/scim-configuration{more}")


def test_line_12_a_token_is_shown_once_and_opens_the_endpoint_that_is_shown(
    world: World, desk: Desk, corp: str, clock: Clock
) -> None:
    assert desk.open(of(corp)).has("scim-none")
    desk.press("connections-scim-on").press("connections-scim-token", days="30")
    token = desk.one("once-token").text_content()
    endpoint = desk.one("scim-endpoint").text_content().removeprefix(world.issuer.rstrip("/"))
    headers = {"Authorization": f"Bearer {token}"}
    assert world.send("GET", f"{endpoint}/Users", headers=headers).status_code == 200
    assert world.send("GET", f"{endpoint}/Groups", headers=headers).status_code == 403, "it may not"
    (listed,) = stored(world, corp, "/tokens")
    assert (len(listed["scopes"]), "valid_until" in listed) == (5, True)
    assert "last used" in desk.open(of(corp)).say("scim-tokens")
    assert token not in desk.html
    assert token not in json.dumps([each.data for each in world.logs()])
    assert not rows_with(world, token), "a digest is kept"
    clock.forward(minutes=6)
    desk.open(str(desk.one("connections-scim-revoke-1").get("href")))
    assert desk.browser.path.startswith("/u/login"), "a sign-in of the last five minutes is wanted"
    admin = world.installed["admin"]
    desk.browser.submit(password=admin["password"])
    assert listed["token_id"] in desk.text, "it leads back to the confirmation"
    desk.press("connections-confirm")
    assert (desk.say("notice"), stored(world, corp, "/tokens")) == ("The token is good for nothing any more.", [])
    assert world.send("GET", f"{endpoint}/Users", headers=headers).status_code == 401


def test_the_mapping_is_saved_with_old_and_new_in_the_history(world: World, desk: Desk, corp: str) -> None:
    desk.open(of(corp)).press("connections-scim-on")
    rules = [{"auth0": "nickname", "scim": "userName"}]
    desk.press("connections-save", user_id_attribute="userName", mapping=json.dumps(rules))
    assert desk.has("review-title")
    desk.press("connections-confirm")
    now = stored(world, corp)
    assert (now["user_id_attribute"], now["mapping"]) == ("userName", rules)
    changes = [
        each.rest["details"].get("changes", {}) for each in world.logs("sapi") if each.object == f"connections/{corp}"
    ]
    assert {"old": "externalId", "new": "userName"} in [each.get("scim.user_id_attribute") for each in changes]
    desk.open(of(corp)).press("connections-save", mapping=json.dumps([{"auth0": "user_id", "scim": "id"}]))
    desk.press("connections-confirm")
    assert desk.status == 422
    assert "user_id cannot be provisioned" in desk.text
    desk.open(of(corp)).follow("connections-scim-defaults").press("connections-confirm")
    assert stored(world, corp)["mapping"] == stored(world, corp, "/default-mapping")["mapping"]


def test_line_7_of_two_editors_the_second_is_told(world: World, desk: Desk, corp: str) -> None:
    desk.open(of(corp)).press("connections-scim-on")
    other = Desk(world, enter(world, world.browser(), of(corp)))
    other.press("connections-save", user_id_attribute="userName").press("connections-confirm")
    desk.press("connections-save", user_id_attribute="id")
    assert (desk.status, "userName" in desk.text) == (409, True)
    assert stored(world, corp)["user_id_attribute"] == "userName"


def test_what_stops_it_counts_what_goes(world: World, desk: Desk, corp: str) -> None:
    desk.open(of(corp)).press("connections-scim-on").press("connections-scim-token", without=_ticked())
    assert (desk.status, desk.say("scim-problem")) == (422, "Tick something that it may do.")
    desk.press("connections-scim-token", days="never")
    assert "valid_until" not in stored(world, corp, "/tokens")[0]
    desk.open(of(corp)).follow("connections-scim-off")
    assert "1 tokens" in desk.text
    desk.press("connections-confirm")
    assert desk.open(of(corp)).has("scim-none")


def _ticked() -> tuple[str, ...]:
    return tuple(f"scopes[{verb}:users]" for verb in ("get", "post", "put", "patch", "delete"))


def test_line_18_whoever_may_only_look_changes_nothing(world: World, desk: Desk, corp: str, hire: Hire) -> None:
    desk.open(of(corp)).press("connections-scim-on")
    page = Desk(world, enter_as(world.browser(), hire("vera@example.com", "Viewer - Config"), of(corp)))
    assert page.status == 200
    for button in ("connections-scim-token", "connections-scim-off", "connections-save"):
        assert not page.has(button), button
    assert page.open(of(corp).replace("provisioning", "scim-off")).status == 403


def test_connections_of_other_kinds_are_not_provisioned(world: World, desk: Desk) -> None:
    address = f"/admin/authentication/connections/{world.connection_id}"
    assert not desk.open(address).has("tab-provisioning")
    assert desk.open(f"{address}/provisioning").status == 404
