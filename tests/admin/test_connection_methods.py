"""The tab *Methods* of a database connection (spec/dashboard.md, "authentication"; spec/login-factors.md)."""

from __future__ import annotations

from typing import Any

import pytest

from idp.signin.passkeys import enrolment
from idp.signin.webauthn import challenges, relying_party
from idp.signin.webauthn.ceremonies import Attestation
from tests.admin.administrators import Hire
from tests.admin.administrators import enter as enter_as
from tests.admin.conftest import Desk, enter
from tests.world.browser import Browser
from tests.world.world import Person, World

LENGTH = "options.attributes.username.validation.max_length"


def tab(world: World) -> str:
    return f"/admin/authentication/connections/{world.connection_id}/methods"


def options(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.management().get(f"/connections/{world.connection_id}")["options"]
    return found


def give_passkey(world: World, person: Person) -> None:
    with world.writing() as work:
        name = min(relying_party.names(work))
        made = enrolment.Made(
            Attestation("key", "", 0, "", True, True, True, ()),
            challenges.Challenge(challenges.ENROL, "", name, user_handle="x"),
        )
        enrolment.add(work, person.user_id, world.connection_id, person.account_id, made)


def test_a_method_is_switched_on_and_nothing_else_is_said(world: World, desk: Desk) -> None:
    before = options(world)
    desk.open(tab(world)).press("connections-save", options__authentication_methods__email_otp__enabled="true")
    assert desk.has("review-title"), "who gets in is decided by it: old and new are shown first"
    assert options(world) == before
    desk.press("connections-confirm")
    now = options(world)
    assert now["authentication_methods"]["email_otp"] == {"enabled": True}
    assert {name for name in now if now[name] != before.get(name)} == {"authentication_methods"}


def test_what_counts_is_what_is_saved_with_the_first_attribute(world: World, desk: Desk) -> None:
    """Sign-up goes on asking for an address although numbers have come to it."""
    desk.open(tab(world)).press(
        "connections-save",
        options__attributes__phone_number__identifier__active="true",
        options__attributes__phone_number__signup__status="optional",
    )
    desk.press("connections-confirm")
    now = options(world)["attributes"]
    assert now["phone_number"]["identifier"]["active"] is True
    assert (now["email"]["identifier"]["active"], now["email"]["signup"]["status"]) == (True, "required")
    assert now["username"]["identifier"]["active"] is False


def test_usernames_of_the_former_kind_become_an_attribute(world: World, desk: Desk) -> None:
    api = world.management()
    former = {**options(world), "requires_username": True, "validation": {"username": {"min": 3, "max": 20}}}
    api.patch(f"/connections/{world.connection_id}", {"options": former})
    desk.open(tab(world)).press("connections-save", options__attributes__username__validation__max_length="30")
    desk.press("connections-confirm")
    now = options(world)
    assert "requires_username" not in now
    assert now["attributes"]["username"]["validation"] == {"min_length": 3, "max_length": 30}
    assert now["attributes"]["username"]["signup"]["status"] == "required"


def test_nobody_is_left_without_a_way_to_sign_in(world: World, desk: Desk) -> None:
    before = options(world)
    desk.open(tab(world)).press(
        "connections-save",
        options__authentication_methods__password__enabled="",
        options__authentication_methods__passkey__enabled="",
    )
    desk.press("connections-confirm")
    assert "nobody could sign in" in desk.say("field-options-authentication-methods-password-enabled-problem")
    assert options(world) == before


def test_what_a_change_takes_along_is_counted_first(world: World, desk: Desk) -> None:
    """Somebody with an address alone, where only numbers are left."""
    desk.open(tab(world)).press(
        "connections-save",
        options__attributes__email__identifier__active="",
        options__attributes__phone_number__identifier__active="true",
    )
    assert "none of the ways left" in desk.say("connections-goes")


def test_whoever_has_a_passkey_alone_is_counted_when_passkeys_go(world: World, desk: Desk, jane: Person) -> None:
    """And nobody is who has another way, or had none before."""
    api, there = world.management(), world.connection_id
    methods = {"passkey": {"enabled": True}, "password": {"enabled": False}, "phone_otp": {"enabled": True}}
    attributes = {"email": {"identifier": {"active": False}}, "phone_number": {"identifier": {"active": True}}}
    wanted = {**options(world), "authentication_methods": methods, "attributes": attributes}
    api.patch(f"/connections/{there}", {"options": wanted})
    world.user("without@example.com")
    give_passkey(world, jane)
    desk.open(tab(world)).press("connections-save", options__authentication_methods__passkey__enabled="")
    goes = desk.say("connections-goes")
    assert goes.startswith("1 people who would have none of the ways left"), goes
    assert "administrators" not in goes


def test_administrators_are_told_that_they_shut_themselves_out(world: World, desk: Desk) -> None:
    desk.open(tab(world)).press(
        "connections-save",
        options__authentication_methods__password__enabled="",
        options__authentication_methods__passkey__enabled="true",
    )
    assert "1 administrators among them, perhaps yourself" in desk.say("connections-goes")
    assert "people who would have none" in desk.say("connections-goes")


def usernames(world: World, most: int) -> None:
    attributes = {
        "email": {"identifier": {"active": True}, "signup": {"status": "required"}},
        "username": {"identifier": {"active": True}, "validation": {"min_length": 2, "max_length": most}},
    }
    world.management().patch(
        f"/connections/{world.connection_id}", {"options": {**options(world), "attributes": attributes}}
    )


def test_of_two_editors_the_second_is_shown_both_values(world: World, desk: Desk) -> None:
    """Also where both confirm what they saw; what only the first changed stays."""
    usernames(world, 20)
    desk.open(tab(world))
    other = Desk(world, enter(world, world.browser(), tab(world)))
    other.press(
        "connections-save",
        options__attributes__username__validation__max_length="31",
        options__authentication_methods__email_otp__enabled="true",
    ).press("connections-confirm")
    theirs = options(world)
    assert theirs["attributes"]["username"]["validation"]["max_length"] == 31
    desk.press("connections-save", options__attributes__username__validation__max_length="42")
    assert desk.status == 409
    (row,) = [each for each in desk.tree.xpath("//table//tr[@class='contested']") if LENGTH in each.text_content()]
    assert [each.text_content().strip() for each in row.xpath("td")] == ["20", "31", "42"], "before, theirs, mine"
    assert options(world) == theirs
    desk.press("connections-overwrite")
    now = options(world)
    assert now["attributes"]["username"]["validation"] == {"min_length": 2, "max_length": 42}
    assert now["authentication_methods"]["email_otp"] == {"enabled": True}, "what only they changed stays"


def test_a_review_that_somebody_overtook_saves_nothing(world: World, desk: Desk) -> None:
    """Both saw old and new, and the other confirmed first."""
    usernames(world, 20)
    desk.open(tab(world)).press("connections-save", options__attributes__username__validation__max_length="42")
    assert desk.has("review-title")
    usernames(world, 31)
    desk.press("connections-confirm")
    assert (desk.status, desk.has("conflict-title")) == (409, True)
    assert options(world)["attributes"]["username"]["validation"]["max_length"] == 31


@pytest.mark.parametrize("role", ["Viewer - Config", "Demo"])
def test_who_only_looks_sees_what_counts_and_changes_nothing(
    world: World, browser: Browser, hire: Hire, role: str
) -> None:
    """The order of names has no buttons either; a form that is written by hand is refused."""
    usernames(world, 20)
    before = options(world)
    desk = Desk(world, enter_as(browser, hire("vera@example.com", role)))
    assert desk.open(tab(world)).status == 200
    (form,) = desk.tree.xpath("//form[@id='connections-form']")
    assert desk.one("field-" + LENGTH.lower().replace(".", "-").replace("_", "-")).get("value") == "20"
    inputs = form.xpath(".//input[not(@type='hidden')] | .//select | .//textarea")
    assert len(inputs) > 20
    assert [each.get("name") for each in inputs if each.get("disabled") is None] == []
    assert [each.get("id") for each in form.xpath(".//button")] == []
    token = {"csrf": str(desk.tree.xpath("//input[@name='csrf']/@value")[0])}
    version = str(desk.tree.xpath("//input[@name='desk.version']/@value")[0])
    typed = {LENGTH: "42", "desk.version": version, "desk.confirmed": "yes"}
    for more in ({}, {"desk.move": "options.precedence|email|out"}):
        desk.browser.open(tab(world), site="same-origin", method="POST", form={**token, **typed, **more})
        assert desk.status == 403
    assert options(world) == before
