"""What is done with many people at once (spec/dashboard.md, line 17)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from idp.admin import batches
from idp.admin.desk import bulk
from idp.directory.bulk import limits
from idp.foundation.kernel.actor import CLI, Actor
from idp.foundation.kernel.errors import Conflict
from idp.tenant.members import service as members
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.outbox import work_off
from tests.world.world import Person, World

USERS, JOBS = "/admin/users", "/admin/monitoring/jobs"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is the worker's, however few."""
    monkeypatch.setattr(batches, "AT_ONCE", 0)


def crew(world: World, amount: int) -> list[Person]:
    return [world.user(f"crew{number:02}@example.com") for number in range(amount)]


def ticked(*people: Person) -> dict[str, str]:
    return {f"row.{each.user_id}": "on" for each in people}


def sent(desk: Desk, action: str, *people: Person, **more: str) -> Desk:
    """Tick these people on the list, and go on to the page that asks."""
    return desk.open(USERS).press("users-bulk-go", action=action, **ticked(*people), **more)


def blocked(world: World) -> set[str]:
    found = world.caller().get("/users", q="blocked:true", per_page="100").json or []
    return {str(each["email"]) for each in found}


def numbers(desk: Desk) -> tuple[str, str, str]:
    return desk.say("jobs-inserted"), desk.say("jobs-updated"), desk.say("jobs-failed")


def test_line_17_ticked_rows_are_counted_done_and_taken_back(world: World, desk: Desk) -> None:
    first, second, third = crew(world, 3)
    world.caller().patch(f"/users/{third.user_id}", {"blocked": True})
    sent(desk, "block", first, second, third)
    assert desk.status == 422
    assert desk.say("bulk-count").endswith("3")
    assert blocked(world) == {third.email}, "nothing was done yet"
    desk.press("bulk-confirm")
    assert desk.url.startswith(JOBS)
    assert numbers(desk) == ("2", "1", "0")
    assert blocked(world) == {first.email, second.email, third.email}
    desk.press("jobs-undo")
    assert numbers(desk) == ("2", "0", "0")
    assert blocked(world) == {third.email}, "who was blocked before still is"
    entries = [row for row in world.logs("sapi") if row.object == f"users/{first.user_id}"]
    assert [each.rest["details"]["changes"]["blocked"]["new"] for each in entries] == [True, False]
    assert {each.rest["details"]["request"]["channel"] for each in entries} == {"dashboard"}


def test_line_17_everything_found_is_done_by_the_worker_with_progress(
    world: World, desk: Desk, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew(world, 12)
    monkeypatch.setattr(batches, "PIECE", 5)
    monkeypatch.setattr(limits, "SLICE_S", -1.0)  # each turn of the worker does one
    desk.open(f"{USERS}?rows=10&q=email%3Acrew*")
    desk.press("users-bulk-go", action="block", all="true")
    assert desk.say("bulk-count").endswith("12"), "the count is that of all pages"
    world.user("crew99@example.com")
    desk.press("bulk-confirm")
    assert (desk.say("jobs-state"), desk.say("jobs-percentage")) == ("Waiting", "0 %")
    assert '<noscript><meta http-equiv="refresh"' in desk.html
    assert len(blocked(world)) == 0
    work_off(world.platform)
    desk.open(desk.url)
    assert (desk.say("jobs-state"), numbers(desk)) == ("Done", ("12", "0", "0"))
    assert "crew99@example.com" not in blocked(world), "who came after it was asked for"
    assert [row.type for row in world.logs("sbulk")] == ["sbulk"]


def test_line_17_a_worker_that_dies_is_followed_by_another_and_nothing_is_done_twice(
    world: World, desk: Desk, later: None, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crew(world, 6)
    sent(desk, "block", *people).press("bulk-confirm")
    call, calls = batches.operations.call, []

    def dies(*arguments: object, **more: object) -> object:
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return call(*arguments, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(batches.operations, "call", dies)
        with pytest.raises(KeyboardInterrupt):
            work_off(world.platform)
    desk.open(desk.url)
    assert desk.say("jobs-state") == "Running"
    assert desk.say("jobs-inserted") == "3"
    clock.forward(minutes=1)  # the row's lease is over
    work_off(world.platform)
    desk.open(desk.url)
    assert (desk.say("jobs-state"), numbers(desk)) == ("Done", ("6", "0", "0"))
    assert len(world.logs("sapi")) == 6


def test_line_17_a_cancelled_job_does_no_more(
    world: World, desk: Desk, later: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crew(world, 4)
    sent(desk, "block", *people).press("bulk-confirm")
    job = desk.url.partition("?")[0]
    desk.press("jobs-cancel")
    work_off(world.platform)
    desk.open(job)
    assert (desk.say("jobs-state"), numbers(desk)) == ("Cancelled", ("0", "0", "0"))
    assert blocked(world) == set()
    assert world.logs("cjob")
    form = {"csrf": str(desk.tree.xpath("//input[@name='csrf']/@value")[0])}
    desk.browser.open(f"{job}/cancel", method="POST", site="same-origin", form=form)
    assert desk.status == 422


def test_line_17_failures_are_listed_downloaded_and_tried_again(world: World, desk: Desk) -> None:
    first, second = crew(world, 2)
    sent(desk, "block", first, second)
    world.caller().delete(f"/users/{second.user_id}")
    desk.press("bulk-confirm")
    assert numbers(desk) == ("1", "0", "1")
    assert second.user_id in desk.say("jobs-errors")
    job = desk.url.partition("?")[0]
    (line,) = desk.browser.request("GET", desk.world.issuer.rstrip("/") + f"{job}/errors").data.splitlines()
    assert json.loads(line)["user"]["id"] == second.user_id
    desk.press("jobs-retry")
    assert numbers(desk) == ("0", "0", "1")


def test_line_17_a_role_for_many(world: World, desk: Desk) -> None:
    first, second = crew(world, 2)
    role = (world.caller().post("/roles", {"name": "Captain"}).json or {})["id"]
    sent(desk, "role", first, second).press("bulk-confirm")
    assert (desk.status, desk.has("problems")) == (422, True), "no role was chosen"
    desk.press("bulk-confirm", value=role)
    assert numbers(desk) == ("2", "0", "0")
    assert [each["name"] for each in world.caller().get(f"/users/{first.user_id}/roles").json or ()] == ["Captain"]
    desk.press("jobs-undo")
    assert world.caller().get(f"/users/{first.user_id}/roles").json == []


def test_line_17_deleting_wants_the_number_and_a_fresh_sign_in(world: World, desk: Desk, clock: Clock) -> None:
    first, second = crew(world, 2)
    admin = world.installed["admin"]
    clock.forward(minutes=6)
    sent(desk, "delete", first, second)
    assert desk.browser.path == "/u/login"
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.say("bulk-count").endswith("2"), "what was ticked is still ticked"
    desk.press("bulk-confirm", desk__typed="3")
    assert (desk.status, desk.has("problems")) == (422, True)
    assert world.caller().get(f"/users/{first.user_id}").status_code == 200
    desk.press("bulk-confirm", desk__typed="2")
    assert numbers(desk) == ("2", "0", "0")
    assert world.caller().get(f"/users/{first.user_id}").status_code == 404


def test_line_17_thousands_are_kept_apart_and_typed_either_way(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (someone,) = crew(world, 1)
    monkeypatch.setattr(bulk._Selection, "amount", lambda _self: 1_204)
    monkeypatch.setattr(bulk, "begun", lambda *_: "job_0000000000000000")
    desk.open(f"{USERS}?language=de")
    desk.press("users-bulk-go", **{"action": "delete", f"row.{someone.user_id}": "on"})
    assert desk.say("bulk-count").endswith("1.204")
    for wrong in ("1.205", "12.04.1", "one"):
        assert (desk.press("bulk-confirm", desk__typed=wrong).status, desk.has("problems")) == (422, True)
    desk.press("bulk-confirm", desk__typed="1.204")
    assert desk.url.startswith(JOBS)


def test_line_17_trying_again_wants_what_the_first_time_wanted(
    world: World, desk: Desk, clock: Clock, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh sign-in, and an Owner for many."""
    people, admin = crew(world, 2), world.installed["admin"]
    call = batches.operations.call

    def refused(work: Any, handler: Any, *arguments: Any, **more: Any) -> Any:
        if handler.__name__ == "delete_user":
            raise Conflict("Not now.", "not_now")
        return call(work, handler, *arguments, **more)

    with monkeypatch.context() as patch:
        patch.setattr(batches.operations, "call", refused)
        sent(desk, "delete", *people).press("bulk-confirm", desk__typed="2")
    assert numbers(desk) == ("0", "0", "2")
    job = desk.url.partition("?")[0]
    clock.forward(minutes=6)
    desk.press("jobs-retry")
    assert desk.browser.path == "/u/login"
    assert world.caller().get(f"/users/{people[0].user_id}").status_code == 200
    desk.browser.submit(username=admin["email"], password=admin["password"])
    other = Desk(world, enter(world.browser(), hire("edith@example.com", "Editor - Users"), USERS))
    monkeypatch.setattr(limits, "MOST_DELETED", 1)
    form = {"csrf": str(other.tree.xpath("//input[@name='csrf']/@value")[0])}
    other.browser.open(f"{job}/retry", method="POST", site="same-origin", form=form)
    assert other.status in {403, 422}
    assert world.caller().get(f"/users/{people[0].user_id}").status_code == 200
    assert desk.browser.path == f"{job}/retry"
    desk.open(job).press("jobs-retry")
    assert numbers(desk) == ("2", "0", "0")


def test_line_17_many_are_deleted_by_an_owner_alone(
    world: World, browser: Browser, hire: Hire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_DELETED", 1)
    people = crew(world, 2)
    desk = Desk(world, enter(browser, hire("edith@example.com", "Editor - Users"), USERS))
    sent(desk, "delete", *people)
    assert desk.has("problems")
    desk.press("bulk-confirm", desk__typed="2")
    assert (desk.status, desk.has("problems")) == (422, True)
    assert world.caller().get(f"/users/{people[0].user_id}").status_code == 200


def test_line_21_the_last_owner_is_not_blocked_by_many(world: World, desk: Desk, jane: Person) -> None:
    admin = world.installed["admin"]["email"]
    (owner,) = world.caller().get("/users-by-email", email=admin).json or []
    desk.open(USERS).press("users-bulk-go", action="block", **ticked(jane), **{f"row.{owner['user_id']}": "on"})
    desk.press("bulk-confirm")
    assert numbers(desk) == ("1", "0", "1")
    assert "last Owner" in desk.say("jobs-errors")


@on_both_stores
def test_line_17_links_to_new_passwords_are_mailed_once(world: World, desk: Desk, clock: Clock) -> None:
    first, second = crew(world, 2)
    sent(desk, "reset-mail", first, second)
    assert (desk.say("bulk-count")[-1], world.mails()) == ("2", [])
    desk.press("bulk-confirm")
    assert numbers(desk) == ("2", "0", "0")
    work_off(world.platform)
    assert [len(world.mails(each.email)) for each in (first, second)] == [1, 1]
    link = next(each for each in world.mails(first.email)[0].text.split() if "/u/reset-verify?" in each)
    assert "For crew00@example.com" in world.browser().open(link).shown.text
    entries = world.logs("scpr")
    assert {row.user_id for row in entries} == {first.user_id, second.user_id}
    assert {row.rest["details"]["channel"] for row in entries} == {"dashboard"}
    sent(desk, "reset-mail", first).press("bulk-confirm")
    assert (numbers(desk), "a moment ago" in desk.say("jobs-errors")) == (("0", "0", "1"), True)
    clock.forward(minutes=11)
    desk.press("jobs-retry")
    work_off(world.platform)
    assert (numbers(desk), len(world.mails(first.email))) == (("1", "0", "0"), 2)


def test_line_20_no_link_is_mailed_to_who_has_more_rights(
    world: World, browser: Browser, hire: Hire, owner: Person, jane: Person
) -> None:
    desk = Desk(world, enter(browser, hire("edith@example.com", "Editor - Users"), USERS))
    sent(desk, "reset-mail", owner, jane).press("bulk-confirm")
    assert numbers(desk) == ("1", "0", "1")
    assert owner.user_id in desk.say("jobs-errors")
    work_off(world.platform)
    assert (len(world.mails(owner.email)), len(world.mails(jane.email))) == (0, 1)


def test_line_18_nobody_does_with_many_what_they_may_not_with_one(
    world: World, browser: Browser, hire: Hire, jane: Person
) -> None:
    desk = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Users"), USERS))
    assert not desk.has("users-bulk-go")
    csrf = str(desk.tree.xpath("//input[@name='csrf']/@value")[0])
    form = {"csrf": csrf, "action": "block", "desk.confirmed": "yes", **ticked(jane)}
    browser.open(f"{USERS}/{bulk.NAME}", method="POST", site="same-origin", form=form)
    assert browser.status == 403


def test_rights_are_those_of_the_moment(world: World, browser: Browser, hire: Hire, owner: Person, later: None) -> None:
    """Whoever was an administrator when they asked, and is none when it is done."""
    edith, people = hire("edith@example.com", "Editor - Users"), crew(world, 2)
    desk = Desk(world, enter(browser, edith, USERS))
    sent(desk, "block", *people).press("bulk-confirm")
    with world.platform.work(world.tenant, actor=Actor(channel=CLI), orm=True) as work, work.transaction():
        members.remove(work, edith.user_id)
    work_off(world.platform)
    assert blocked(world) == set()
    assert "no administrator" in Desk(world, enter(world.browser(), owner, desk.url)).say("jobs-failure")


def test_a_forged_post_begins_nothing(world: World, desk: Desk, jane: Person) -> None:
    sent(desk, "block", jane).press("bulk-confirm", site="cross-site")
    assert desk.status == 403
    assert blocked(world) == set()
