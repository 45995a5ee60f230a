"""What the shields saw, on the dashboard."""

from __future__ import annotations

import pytest

from idp.signin.login.log_types import LoginLog
from idp.tenant.audit import log
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk, asked
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import World

THREATS = "/admin/security/threats"


def fail(world: World, times: int) -> None:
    with world.writing() as work, work.transaction():
        for _ in range(times):
            log.write(work, LoginLog.WRONG_PASSWORD, "wrong")


def test_what_is_unusual_is_said_and_leads_to_its_entries(world: World, desk: Desk, clock: Clock) -> None:
    fail(world, 3)
    clock.forward(days=2)
    enter_again(world, desk)
    assert desk.open(THREATS).has("threats-usual")
    fail(world, 25)
    desk.open(THREATS)
    assert "wrong password" in desk.say("threats-unusual")
    row = desk.tree.xpath("//td[@id='threats-day-fp']/..")[0]
    assert [each.text_content().strip() for each in row.xpath("./td")[1:]] == ["25", "28"]
    desk.open(row.xpath(".//a[@class='to']/@href")[0])
    assert (desk.status, len(desk.rows())) == (200, 25), "the first page of them"
    clock.forward(days=15)
    enter_again(world, desk)
    assert desk.open(THREATS).say("threats-day-fp") == "0"


def enter_again(world: World, desk: Desk) -> None:
    admin = world.installed["admin"]
    desk.open("/admin")
    if desk.browser.path == "/u/login":
        desk.browser.submit(username=admin["email"], password=admin["password"])


def test_what_each_shield_does_stands_beside(world: World, desk: Desk) -> None:
    assert desk.open(THREATS).say("threats-shields").count("Blocks") >= 2
    world.caller().patch("/attack-protection/brute-force-protection", {"shields": ["user_notification"]})
    assert "Only watches" in desk.open(THREATS).say("threats-shields")
    world.caller().patch("/attack-protection/brute-force-protection", {"enabled": False})
    assert "Off" in desk.open(THREATS).say("threats-shields")


def test_line_4_counting_ends_and_asks_the_store_once(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(world, 1_005)
    desk.open(THREATS)
    assert desk.say("threats-day-fp") == "1,000+"
    with asked(world, monkeypatch) as said:
        desk.open(THREATS)
    assert len(said) <= 6, said


def test_line_18_threats_are_for_who_may_read_the_log(world: World, browser: Browser, hire: Hire) -> None:
    auditor = Desk(world, enter(browser, hire("audrey@example.com", "Auditor"), THREATS))
    assert (auditor.status, auditor.has("threats-shields")) == (200, False)
    viewer = Desk(world, enter(world.browser(), hire("vera@example.com", "Viewer - Config"), "/admin"))
    assert f'href="{THREATS}"' not in viewer.html
    assert viewer.open(THREATS).status == 403
