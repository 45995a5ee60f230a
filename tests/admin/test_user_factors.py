"""Factors, passkeys and trusted browsers of a user on the dashboard."""

from __future__ import annotations

from idp.signin.factors import service
from tests.admin.administrators import Hire
from tests.admin.administrators import enter as enter_as
from tests.admin.conftest import Desk
from tests.world import factors
from tests.world.world import World


def tab(user_id: str, part: str = "authentication") -> str:
    return f"/admin/users/{user_id.replace('|', '%7C')}/{part}"


def test_factors_are_listed_removed_and_reset(world: World, desk: Desk) -> None:
    person = world.user("ann@example.com")
    factors.demand(world, "otp", "recovery-code", policy="")
    factors.enrol(world, person)
    desk.open(tab(person.user_id))
    assert "Authenticator app" in desk.say("users-factors")
    desk.press("users-recovery-code")
    code = desk.say("once-recovery_code")
    assert len(code) >= 20
    assert code not in desk.open(tab(person.user_id)).html
    assert "Recovery code" in desk.say("users-factors")
    desk.press("users-factor-1")
    assert "Removed" in desk.say("notice")
    factors.enrol(world, person)
    desk.open(tab(person.user_id)).follow("users-reset-factors")
    desk.press("users-confirm")
    assert desk.has("users-no-factors")
    assert len(world.mails(person.email)) >= 2, "they are told"


def test_a_link_to_enrol_is_shown_once(world: World, desk: Desk) -> None:
    person = world.user("ann@example.com")
    factors.demand(world, "otp", policy="")
    desk.open(tab(person.user_id)).press("users-enrolment")
    link = desk.say("once-ticket_url")
    assert "/u/mfa/enroll?ticket=" in link
    assert link not in desk.open(tab(person.user_id)).html


def test_trusted_browsers_are_listed_and_forgotten(world: World, desk: Desk) -> None:
    person, app = world.user("ann@example.com"), world.client()
    factors.demand(world, "otp")
    seed = factors.enrol(world, person)
    theirs = world.browser()
    app.begin(theirs)
    theirs.submit(username=person.email, password=person.password)
    theirs.submit(code=factors.code_of(seed), rememberBrowser="true")
    factors.demand(world, "otp", policy="")
    desk.open(tab(person.user_id))
    assert "Firefox" in desk.say("users-browsers")
    desk.press("users-browsers-forget")
    assert not desk.has("users-browsers")


def test_line_20_nobody_takes_factors_of_an_administrator_with_more_rights(world: World, hire: Hire) -> None:
    owner, editor = hire("olga@example.com", "Owner"), hire("ed@example.com", "Editor - Users")
    factors.enrol(world, owner)
    theirs = Desk(world, enter_as(world.browser(), editor))
    theirs.open(tab(owner.user_id, "reset-factors"))
    if theirs.status == 200:
        theirs.press("users-confirm")
    assert theirs.status in {403, 422}
    with world.writing() as work:
        assert [each.type for each in service.of_user(work, owner.user_id)] == ["totp"]
