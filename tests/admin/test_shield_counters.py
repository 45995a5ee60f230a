"""Beside each shield stands how often it struck in a fortnight (spec/dashboard.md, security)."""

from __future__ import annotations

from typing import Any

import pytest

from idp.admin.shields import SAW
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.tenant.audit import log
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk, asked
from tests.admin.test_threats import enter_again
from tests.world.fixtures import Clock
from tests.world.world import World

SHIELDS = "/admin/security/shields"


def strike(world: World, kind: ProtectionLog, times: int) -> None:
    with world.writing() as work, work.transaction():
        for _ in range(times):
            log.write(work, kind)


def numbers(desk: Desk, kind: ProtectionLog) -> tuple[str, str]:
    return desk.say(f"threats-day-{kind.value}"), desk.say(f"threats-fortnight-{kind.value}")


@pytest.mark.parametrize("shield", SAW)
def test_a_shield_counts_its_own_strikes_and_leads_to_them(world: World, desk: Desk, shield: str) -> None:
    for number, kind in enumerate(SAW[shield]):
        strike(world, kind, number + 2)
    others = {kind for kinds in SAW.values() for kind in kinds} - set(SAW[shield])
    strike(world, next(iter(others)), 40)
    desk.open(f"{SHIELDS}/{shield}")
    for number, kind in enumerate(SAW[shield]):
        assert numbers(desk, kind) == (str(number + 2),) * 2
    assert not any(desk.has(f"threats-day-{each.value}") for each in others)
    assert desk.has("shields-save"), "its settings stand below"
    desk.open(str(desk.tree.xpath("//table[@id='shields-seen']//a[@class='to']/@href")[0]))
    assert (desk.status, len(desk.rows())) == (200, 2)


def test_counters_are_those_of_threats_and_end_after_a_fortnight(world: World, desk: Desk, clock: Clock) -> None:
    strike(world, ProtectionLog.BLOCKED, 3)
    clock.forward(days=13)
    enter_again(world, desk)
    strike(world, ProtectionLog.BLOCKED, 1)
    beside = numbers(desk.open(SHIELDS), ProtectionLog.BLOCKED)
    assert beside == ("1", "4") == numbers(desk.open("/admin/security/threats"), ProtectionLog.BLOCKED)
    clock.forward(days=2)
    enter_again(world, desk)
    assert numbers(desk.open(SHIELDS), ProtectionLog.BLOCKED) == ("0", "1")


def test_line_4_a_shield_stays_within_six_statements(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    strike(world, ProtectionLog.BLOCKED, 1_005)
    for tab in (*SAW, "captcha", "phone", "history"):
        desk.open(f"{SHIELDS}/{tab}")
        with asked(world, monkeypatch) as said:
            desk.open(f"{SHIELDS}/{tab}")
        assert desk.status == 200
        assert len(said) <= 6, (tab, said)
    assert numbers(desk.open(SHIELDS), ProtectionLog.BLOCKED) == ("1,000+", "1,000+")


def test_a_refused_form_keeps_them(world: World, desk: Desk) -> None:
    strike(world, ProtectionLog.NETWORK_BLOCKED, 2)
    typed: dict[str, Any] = {"stage__pre-login__max_attempts": "0"}
    desk.open(f"{SHIELDS}/suspicious-ip").press("shields-save", **typed)
    assert (desk.status, numbers(desk, ProtectionLog.NETWORK_BLOCKED)) == (422, ("2", "2"))


def test_who_may_not_read_the_log_sees_the_shields_alone(world: World, hire: Hire) -> None:
    viewer = Desk(world, enter(world.browser(), hire("vera@example.com", "Viewer - Config"), SHIELDS))
    assert (viewer.status, viewer.has("shields-seen"), viewer.has("shields-form")) == (200, False, True)
