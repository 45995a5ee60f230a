"""The authentication profile (spec/dashboard.md, "Pages", authentication/profile; lines 1, 10, 18, 39)."""

from __future__ import annotations

import pytest

from idp.foundation.web.i18n import EVERYWHERE
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.world import World

PROFILE = "/admin/authentication/profile"


def test_the_identifier_is_asked_for_first_from_the_next_page_on(world: World, desk: Desk) -> None:
    desk.open(PROFILE)
    assert desk.fields("profile-save")["identifier_first"] == "false"
    desk.press("profile-save", identifier_first="true")
    assert (desk.status, "Saved." in desk.text) == (200, True)
    assert world.management().get("/prompts")["identifier_first"] is True
    assert desk.fields("profile-save")["identifier_first"] == "true"
    visitor = world.browser()
    world.client().begin(visitor)
    assert visitor.path == "/u/login/identifier"
    desk.press("profile-save", identifier_first="false")
    assert world.management().get("/prompts")["identifier_first"] is False


def test_devices_stand_in_for_passwords_by_one_choice(world: World, desk: Desk) -> None:
    desk.open(PROFILE).press("profile-save", identifier_first="device")
    kept = world.management().get("/prompts")
    assert (kept["identifier_first"], kept["webauthn_platform_first_factor"]) == (True, True)
    assert desk.fields("profile-save")["identifier_first"] == "device"
    (frame,) = desk.tree.xpath("//iframe")
    assert "screen=login%2Fdevice&" in frame.get("src")
    shown = desk.open(frame.get("src"))
    assert "Use this device" in shown.text
    desk.open(PROFILE).press("profile-save", identifier_first="true")
    kept = world.management().get("/prompts")
    assert (kept["identifier_first"], kept["webauthn_platform_first_factor"]) == (True, False)


def test_line_10_the_history_says_who_changed_it(desk: Desk) -> None:
    desk.open(PROFILE).press("profile-save", identifier_first="true")
    desk.open("/admin/branding/look").press("look-save", colors__primary="#0a7d62")
    told = desk.open(f"{PROFILE}/history").text
    assert ("identifier_first" in told, "primary" in told) == (True, False)
    told = desk.open("/admin/branding/look/history").text
    assert ("identifier_first" in told, "primary" in told) == (False, True), "each its own part of the tenant's row"


def test_line_39_the_preview_is_the_page_that_it_begins_with(world: World, desk: Desk) -> None:
    desk.open(PROFILE)
    (frame,) = desk.tree.xpath("//iframe")
    assert frame.get("sandbox") == ""
    assert "screen=login&" in frame.get("src")
    desk.follow("preview-true")
    (frame,) = desk.tree.xpath("//iframe")
    assert "screen=login%2Fidentifier&" in frame.get("src")
    assert desk.open(frame.get("src")).status == 200
    assert world.management().get("/prompts")["identifier_first"] is False, "looking changes nothing"


def test_databases_say_whether_devices_stand_in_for_passwords(world: World, desk: Desk) -> None:
    assert "Passkeys on" in desk.open(PROFILE).say("profile-databases")
    (found,) = [each for each in world.management().get("/connections") if each["strategy"] == "auth0"]
    methods = {**(found["options"].get("authentication_methods") or {}), "passkey": {"enabled": False}}
    options = {**found["options"], "authentication_methods": methods}
    world.management().patch(f"/connections/{found['id']}", {"options": options})
    assert "Passkeys off" in desk.open(PROFILE).say("profile-databases")


def test_line_18_who_may_not_change_it(world: World, hire: Hire) -> None:
    viewer = Desk(world, enter(world.browser(), hire("vera@example.com", "Viewer - Config"), PROFILE))
    assert viewer.status == 200
    assert not viewer.has("profile-save")
    people = Desk(world, enter(world.browser(), hire("pat@example.com", "Viewer - Users"), PROFILE))
    assert people.status == 403


@pytest.mark.parametrize("language", EVERYWHERE)
def test_line_1_in_every_language(desk: Desk, language: str) -> None:
    desk.open(f"{PROFILE}?language={language}")
    assert (desk.status, desk.tree.get("lang")) == (200, language)
