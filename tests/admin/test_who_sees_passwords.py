"""Who else sees people's passwords is changed after a fresh sign-in alone (docs/decisions/0422; spec/dashboard.md,
lines 14 and 23).
"""

from __future__ import annotations

import json

import pytest

from connectors.ldap.options import LdapOptions
from idp.directory.connections import strategies
from tests.admin.conftest import Desk
from tests.admin.test_connection_files import LDAP
from tests.admin.test_connection_scripts import options, tab
from tests.admin.test_fresh_documents import edited
from tests.world.fixtures import Clock
from tests.world.world import World

CONNECTIONS = "/admin/authentication/connections"
SCRIPT = "function login(a, b, cb) { cb(null, { user_id: '1' }); }"


def sign_in(world: World, desk: Desk) -> None:
    assert desk.browser.path == "/u/login", desk.text
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])


@pytest.mark.parametrize("more", [{}, {"do": "run", "arg.password": "a password of hers"}])
def test_line_23_a_script_is_saved_and_run_after_a_fresh_sign_in(
    world: World, desk: Desk, clock: Clock, more: dict[str, str]
) -> None:
    """The draft is there afterwards; a password that was typed for its run is not."""
    before = options(world)
    desk.open(tab(world, "verify"))
    clock.forward(minutes=6)
    desk.press("scripts-run" if more else "connections-save", source=SCRIPT, **more)
    sign_in(world, desk)
    assert options(world) == before
    assert desk.one("source").text_content() == SCRIPT
    assert desk.has("scripts-unsaved")
    assert "a password of hers" not in desk.html
    assert not desk.has("outcome")
    desk.press("connections-save")
    assert options(world)["customScripts"] == {"verify": SCRIPT}


@pytest.mark.parametrize("option", ["enabledDatabaseCustomization", "import_mode"])
def test_line_23_nor_is_a_database_of_ones_own_switched_on(world: World, desk: Desk, clock: Clock, option: str) -> None:
    """By its button, by the form of all options, and by the document."""
    before = options(world)
    place = f"{CONNECTIONS}/{world.connection_id}"
    desk.open(tab(world))
    clock.forward(minutes=6)
    desk.press("connections-customize", **{option: "true"})
    assert desk.browser.path == "/u/login"
    desk.open(f"{place}/options").press("connections-save", **{f"options.{option}": "on", "desk.confirmed": "yes"})
    assert desk.browser.path == "/u/login"
    desk.open(f"{place}/raw")
    edited(desk, "connections-save", options={**before, option: True})
    assert desk.browser.path == "/u/login"
    assert options(world) == before


def test_lines_14_and_23_nor_by_the_document(world: World, desk: Desk, clock: Clock) -> None:
    before = options(world)
    desk.open(f"{CONNECTIONS}/{world.connection_id}/raw")
    clock.forward(minutes=6)
    edited(desk, "connections-save", options={**before, "customScripts": {"login": SCRIPT}})
    assert desk.browser.path == "/u/login"
    desk.open(f"{CONNECTIONS}/{world.connection_id}/raw")
    edited(desk, "connections-save", options={**before, "requires_username": True})
    assert desk.say("notice") == "Saved.", "what needs no fresh sign-in is saved without one"
    assert "customScripts" not in options(world)


@pytest.mark.parametrize(("option", "value"), [("urls", "ldap://elsewhere.example"), ("allow_plaintext", "on")])
def test_line_23_a_directory_is_nowhere_else(world: World, desk: Desk, clock: Clock, option: str, value: str) -> None:
    made = world.management()("POST", "/connections", {"name": "corp", "strategy": "ad", "options": LDAP}).json
    desk.open(f"{CONNECTIONS}/{made['id']}/options")
    clock.forward(minutes=6)
    desk.press("connections-save", **{f"options.{option}": value})
    assert desk.browser.path == "/u/login"
    assert world.management().get(f"/connections/{made['id']}")["options"] == made["options"]


@pytest.mark.parametrize(
    ("kind", "typed", "asks"),
    [
        ("auth0", {}, False),
        ("auth0", {"options.enabledDatabaseCustomization": "on"}, True),
        ("auth0", {"options.custom_sql.url": "postgresql://db.example.com/people"}, True),
        ("auth0", {"options.custom_sql.login": "select 1"}, True),
        ("", {"strategy": "auth0", "options": json.dumps({"enabledDatabaseCustomization": True})}, True),
    ],
)
def test_line_23_a_new_connection_asks_where_it_says_who_sees_them(
    world: World, desk: Desk, clock: Clock, kind: str, typed: dict[str, str], asks: bool
) -> None:
    desk.open(f"{CONNECTIONS}/new?strategy={kind}")
    clock.forward(minutes=6)
    csrf = str(desk.tree.xpath("//input[@name='csrf']/@value")[0])
    there = f"{CONNECTIONS}/new?strategy={kind}"
    desk.browser.open(there, site="same-origin", method="POST", form={"csrf": csrf, "name": "fresh", **typed})
    assert (desk.browser.path == "/u/login") == asks, desk.text
    assert bool(world.management().get("/connections?name=fresh")) != asks


def test_every_option_that_is_named_is_one() -> None:
    for each in strategies.every():
        assert each.sees_passwords <= set(each.options.__struct_encode_fields__), each.name
        assert each.sees_passwords or each.options is not LdapOptions, each.name
