"""From where, and with what, administrators get in (spec/dashboard.md, lines 22 and 24)."""

from __future__ import annotations

import pytest

from idp.admin import access
from idp.foundation.kernel.actor import CLI, Actor
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.world import Person, World

ACCESS = "/admin/settings/access"


def store(world: World, **members: object) -> None:
    """As the operator would, without the guards of the page."""
    with world.platform.work(world.tenant, actor=Actor(channel=CLI), orm=True) as work, work.transaction():
        access.settings_service.change(work, access.PART, members)


def test_line_22_a_list_without_the_own_address_is_refused(world: World, desk: Desk) -> None:
    desk.open(ACCESS).press("access-save", allowed_ips="203.0.113.0/24")
    desk.press("access-confirm") if desk.has("access-confirm") else None
    assert desk.status == 422
    assert "198.51.100.7" in desk.say("problems")
    assert world.logs("sapi") == []
    desk.open(ACCESS).press("access-save", allowed_ips="203.0.113.0/24\nnobody")
    desk.press("access-confirm") if desk.has("access-confirm") else None
    assert "is no address" in desk.say("problems")
    desk.open(ACCESS).press("access-save", allowed_ips="203.0.113.0/24\n198.51.100.0/24").press("access-confirm")
    assert desk.has("notice")
    assert desk.open(ACCESS).status == 200


def test_line_22_nobody_comes_in_from_elsewhere_and_the_operator_lifts_it(
    world: World, desk: Desk, owner: Person
) -> None:
    desk.open(ACCESS)
    store(world, allowed_ips=["203.0.113.0/24"])
    for address in ("/admin", ACCESS, "/admin/users"):
        assert desk.open(address).status == 403, address
        assert not desk.has("nav")
    assert world.browser().open("/admin").status == 403, "whoever is not signed in is not asked to"
    with world.platform.work(world.tenant, actor=Actor(channel=CLI), orm=True) as work, work.transaction():
        assert access.lift(work)
        assert not access.lift(work)
    assert desk.open("/admin").status == 200
    assert world.logs("ladm")


def test_line_22_the_list_is_an_owners(world: World, browser: Browser, hire: Hire) -> None:
    desk = Desk(world, enter(browser, hire("adam@example.com", "Admin"), ACCESS))
    assert desk.status == 200
    assert not desk.has("access-save")
    form = {"csrf": str(desk.tree.xpath("//input[@name='csrf']/@value")[0]), "allowed_ips": "127.0.0.1"}
    browser.open(f"{ACCESS}/settings", method="POST", site="same-origin", form=form)
    assert browser.status == 403


def test_line_24_an_administrator_without_a_factor_enrols_before_any_page(
    world: World, desk: Desk, owner: Person
) -> None:
    desk.open(ACCESS).press("access-save", mfa_required="always")
    desk.press("access-confirm") if desk.has("access-confirm") else None
    assert desk.status == 422
    assert "switch one on first" in desk.say("problems"), "or nobody could come in"
    assert world.management()("PUT", "/guardian/factors/otp", json={"enabled": True}).status_code == 200
    desk.open(ACCESS).press("access-save", mfa_required="always").press("access-confirm")
    other = world.browser()
    enter(other, owner, "/admin/users")
    assert other.path.startswith("/u/mfa"), other.path
    for address in ("/admin", "/admin/users", ACCESS):
        other.open(address)
        assert other.path.startswith("/u/"), "and no page is shown to who goes around it"
    desk.open("/admin/users")
    assert desk.browser.path.startswith("/u/mfa"), "nor to who was in already"


@pytest.mark.parametrize("said", ["in_production", "never"])
def test_line_24_in_development_nobody_is_asked_unless_somebody_said_so(
    world: World, browser: Browser, owner: Person, said: str
) -> None:
    assert world.management()("PUT", "/guardian/factors/otp", json={"enabled": True}).status_code == 200
    store(world, mfa_required=said)
    assert enter(browser, owner).path == "/admin"
