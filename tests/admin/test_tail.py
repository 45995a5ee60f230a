"""The end of the log, as it is written (spec/dashboard.md, line 32)."""

from __future__ import annotations

from idp.tenant.audit import log
from idp.tenant.members.log_types import MemberLog
from tests.admin.conftest import Desk
from tests.world.counting import statements
from tests.world.world import Person, World

TAIL = "/admin/monitoring/tail"


def ids(desk: Desk) -> list[str]:
    return [str(each) for each in desk.tree.xpath("//table[@id='tail']//tr[@data-row]/@id")]


def more(desk: Desk) -> str:
    return str(desk.one("tail").get("data-tail"))


def write(world: World, amount: int) -> None:
    with world.platform.work(world.tenant) as work, work.transaction():
        for number in range(amount):
            log.write(work, MemberLog.LIFTED, user_id=f"auth0|{number}")


def test_line_32_a_sign_in_is_the_next_answer_and_nothing_is_204(world: World, desk: Desk, jane: Person) -> None:
    desk.open(TAIL)
    seen, next_ = ids(desk), more(desk)
    assert desk.open(next_).status == 204
    world.client().sign_in(world.browser(), jane)
    desk.open(next_)
    assert set(ids(desk)).isdisjoint(seen)
    assert "User signed in" in desk.say("tail")
    assert desk.open(more(desk)).status == 204


def test_line_32_five_hundred_entries_come_without_gap_or_repeat(world: World, desk: Desk) -> None:
    next_ = more(desk.open(TAIL))
    found: list[str] = []
    for part in (170, 330):
        write(world, part)
        while desk.open(next_).status == 200:
            found += reversed(ids(desk))
            next_ = more(desk)
    ours = [row.log_id for row in reversed(world.logs("ladm"))]
    assert len(ours) == 500
    assert [each for each in found if each in set(ours)] == sorted(ours)
    assert len(found) == len(set(found))


def test_line_32_nothing_of_another_tenant(world: World, desk: Desk) -> None:
    other = world.other_tenant("other", "http://other.example.test/")
    next_ = more(desk.open(TAIL))
    write(other, 3)
    assert desk.open(next_).status == 204


def test_line_32_without_scripts_the_page_is_asked_for_again(world: World, desk: Desk) -> None:
    desk.open(TAIL)
    assert '<noscript><meta http-equiv="refresh" content="5; url=' in desk.html
    write(world, 2)
    assert len(set(ids(desk.open(TAIL)))) == len(ids(desk))
    desk.open(f"{TAIL}?q=user_id%3A%22auth0%7C1%22")
    assert len(ids(desk)) == 1, "narrowed as the list is"
    assert desk.open(f"{TAIL}?q=%3A%5B").has("tail-q-problem")


def test_line_4_an_answer_of_the_tail_costs_three_statements(world: World, desk: Desk) -> None:
    next_ = more(desk.open(TAIL))
    with statements(world.platform) as ran:
        desk.open(next_)
    assert len(ran) <= 3, ran
