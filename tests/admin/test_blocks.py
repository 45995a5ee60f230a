"""Who is locked out, looked up and let in again on the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk, asked
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import World

BLOCKS = "/admin/security/blocks"
Guess = Callable[[str, int], None]


@pytest.fixture
def guess(world: World) -> Guess:
    """Types a wrong password for a name, so many times."""

    def guess(name: str, times: int) -> None:
        app = world.client()
        for _ in range(times):
            browser = world.browser()
            app.begin(browser)
            browser.submit(username=name, password="wrong again")

    return guess


def test_whoever_is_locked_out_is_listed_and_let_in_again(world: World, desk: Desk, guess: Guess) -> None:
    desk.open(BLOCKS)
    assert (desk.status, desk.has("blocks-nobody"), desk.has("blocks-no-network")) == (200, True, True)
    world.user("ann@example.com")
    guess("ann@example.com", 11)
    guess("nobody@example.com", 3)
    desk.open(BLOCKS)
    assert desk.rows() == ["ann@example.com"]
    assert "10" in desk.say("blocks-locked")
    desk.press("blocks-unlock-1")
    assert ("Let in again" in desk.say("notice"), desk.has("blocks-nobody")) == (True, True)
    assert world.logs("ublkdu")
    assert any("/user-blocks" in str(each.rest) for each in world.logs("sapi"))
    assert (world.caller().get("/anomaly/blocks/users").json or {}) == {"blocked_for": []}


def test_anybody_is_looked_up_by_name_or_address(world: World, desk: Desk, guess: Guess) -> None:
    world.user("ann@example.com")
    guess("ann@example.com", 11)
    desk.open(f"{BLOCKS}?q=Ann@example.com")
    assert desk.say("blocks-found-state") == "Locked out"
    desk.press("blocks-unlock-found")
    assert desk.say("blocks-found-state") == "Not locked out"
    assert desk.open(f"{BLOCKS}?q=203.0.113.9").say("blocks-found-state") == "Not locked out"
    hostile = desk.open(f"{BLOCKS}?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert (hostile.status, "<script>alert" in hostile.html) == (200, False)


@pytest.fixture
def patient(world: World) -> World:
    """A tenant that keeps a network out after its third failure."""
    stage = {"pre-login": {"max_attempts": 3, "rate": 864_000}}
    world.caller().patch("/attack-protection/suspicious-ip-throttling", {"stage": stage})
    return world


def test_an_address_that_tries_too_much_is_listed_and_let_in_again(patient: World, desk: Desk, guess: Guess) -> None:
    for number in range(4):
        guess(f"person{number}@example.com", 1)
    (kept,) = (patient.caller().get("/anomaly/blocks/ips").json or {})["networks"]
    assert kept["stage"] == "pre-login"
    desk.open(BLOCKS)
    assert kept["network"] in desk.say("blocks-networks")
    assert desk.open(f"{BLOCKS}?q={kept['network']}").say("blocks-found-state") == "Locked out"
    desk.open(BLOCKS).press("blocks-lift-1")
    assert (desk.has("blocks-no-network"), "all of its tries" in desk.say("notice")) == (True, True)


def test_blocks_end_by_themselves_and_with_the_shield(world: World, desk: Desk, guess: Guess, clock: Clock) -> None:
    world.user("ann@example.com")
    guess("ann@example.com", 11)
    path = "/attack-protection/brute-force-protection"
    world.caller().patch(path, {"shields": ["user_notification"]})
    assert world.caller().get("/anomaly/blocks/users").json == {"blocked_for": []}
    world.caller().patch(path, {"shields": ["block", "user_notification"]})
    assert len((world.caller().get("/anomaly/blocks/users").json or {})["blocked_for"]) == 1
    clock.forward(days=31)
    assert world.caller().get("/anomaly/blocks/users").json == {"blocked_for": []}


def test_line_4_statements_do_not_grow_with_who_is_locked_out(
    world: World, desk: Desk, guess: Guess, monkeypatch: Any
) -> None:
    world.user("ann@example.com")
    guess("ann@example.com", 11)
    desk.open(BLOCKS)
    with asked(world, monkeypatch) as said:
        desk.open(BLOCKS)
    assert len(said) <= 6, said


def test_line_18_a_viewer_lets_nobody_in(world: World, browser: Browser, hire: Hire, guess: Guess) -> None:
    world.user("ann@example.com")
    guess("ann@example.com", 11)
    desk = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Users"), BLOCKS))
    assert (desk.rows(), desk.has("blocks-unlock-1")) == (["ann@example.com"], False)
    token = {"csrf": str(desk.tree.xpath("//input[@name='csrf']/@value")[0])}
    desk.browser.open(BLOCKS, site="same-origin", method="POST", form={**token, "identifier": "ann@example.com"})
    assert desk.status == 403
    assert desk.open(BLOCKS).rows() == ["ann@example.com"]
    others = Desk(world, enter(world.browser(), hire("ed@example.com", "Viewer - Config"), "/admin"))
    assert others.open(BLOCKS).status == 403
