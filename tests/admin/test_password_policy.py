"""The tab *Password policy* of a connection (spec/dashboard.md, "authentication"; spec/account-lifecycle.md)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.admin.conftest import Desk
from tests.world.world import World


def tab(world: World) -> str:
    return f"/admin/authentication/connections/{world.connection_id}/passwords"


def options(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.management().get(f"/connections/{world.connection_id}")["options"]
    return found


def test_the_policy_is_a_form_and_what_it_means_stands_above_it(world: World, desk: Desk) -> None:
    before = options(world)
    desk.open(tab(world)).press(
        "connections-save",
        options__passwordPolicy="excellent",
        options__password_complexity_options__min_length="12",
        options__password_history__enable="true",
        options__password_history__size="3",
        options__password_no_personal_info__enable="true",
        options__password_dictionary__dictionary="gatehouse-2026!\n Orchard-house-7 ",
    )
    assert desk.has("review-title"), "who gets in is decided by it: old and new are shown first"
    assert options(world) == before
    desk.press("connections-confirm")
    now = options(world)
    assert (now["passwordPolicy"], now["password_complexity_options"]) == ("excellent", {"min_length": 12})
    assert now["password_history"] == {**before["password_history"], "enable": True, "size": 3}
    assert now["password_dictionary"]["dictionary"] == ["gatehouse-2026!", "Orchard-house-7"]
    assert {name for name in before if now[name] != before[name]} <= {
        "passwordPolicy",
        "password_complexity_options",
        "password_history",
        "password_no_personal_info",
        "password_dictionary",
    }
    assert "At least 12 characters" in desk.say("policy-lines")
    assert "No more than 2 identical characters in a row" in desk.say("policy-lines")
    for words in ("guessed first", "2 words of your own list", "known of the person", "last 3 passwords"):
        assert words in desk.say("policy-further"), words
    changes = [each.rest["details"].get("changes", {}) for each in world.logs("sapi")]
    changed = [change for entry in changes for name, change in entry.items() if "passwordPolicy" in name]
    assert changed == [{"old": "good", "new": "excellent"}]


@pytest.mark.parametrize(
    ("password", "about", "said"),
    [
        ("Orchard-Lantern-71", {}, "It would be taken."),
        ("Zx1!q", {}, "it breaks a rule above"),
        ("Password1!", {}, "it is a common password"),
        ("Orchard-house-7", {}, "it is a common password, or one of your own words"),
        ("Jane.Doe-Lantern-71", {"tried_email": "jane.doe@example.com"}, "it holds what is known of the person"),
        ("Xx1!" + "é" * 700, {}, "it is longer than 1,024 bytes"),
    ],
)
def test_a_password_is_tried_by_what_decides_it_at_sign_up(
    world: World, desk: Desk, password: str, about: dict[str, str], said: str
) -> None:
    """And the sign-up API says the same of it."""
    mine = {"password_no_personal_info": {"enable": True}, "password_dictionary": {"dictionary": ["Orchard-house-7"]}}
    sent = {"options": {**options(world), **mine}}
    assert world.management()("PATCH", f"/connections/{world.connection_id}", sent).status_code == 200
    entries = len(world.logs())
    desk.open(tab(world)).press("policy-try", tried_password=password, **about)
    assert (desk.status, len(world.logs())) == (200, entries), "it is logged nowhere"
    assert said in desk.say("policy-verdict")
    assert desk.one("tried-password").get("value") is None
    assert password not in desk.url
    body = {"connection": "Username-Password-Authentication", "password": password}
    body["email"] = about.get("tried_email", "somebody@example.com")
    body["client_id"] = world.client().client_id
    made = world.send("POST", "/dbconnections/signup", json=body)
    assert (made.status_code == 200) == ("taken" in said)


def test_what_cannot_be_saved_or_tried_is_said_at_its_field(world: World, desk: Desk) -> None:
    desk.open(tab(world)).press("policy-try")
    assert (desk.status, desk.say("tried-problem")) == (422, "Type a password first.")
    before = options(world)
    desk.open(tab(world)).press("connections-save", options__password_complexity_options__min_length="200")
    desk.press("connections-confirm")
    assert desk.status == 422
    assert "128" in desk.say("field-options-password-complexity-options-min-length-problem")
    assert options(world) == before


def test_a_connection_without_passwords_has_no_such_tab(world: World, desk: Desk) -> None:
    made = world.management()("POST", "/connections", {"name": "mail", "strategy": "email"}).json
    address = f"/admin/authentication/connections/{made['id']}"
    assert not desk.open(address).has("tab-passwords")
    assert desk.open(f"{address}/passwords").status == 404
