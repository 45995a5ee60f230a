"""What became of mails and text messages, on the dashboard (decision 0408)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from idp.foundation.queue.tasks import GiveUp
from idp.tenant.mail import deliveries, delivery
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.world import Person, World

DELIVERIES = "/admin/branding/deliveries"


def queue(world: World, person: Person) -> None:
    sent = world.caller().post("/jobs/verification-email", {"user_id": person.user_id})
    assert sent.status_code == 201, sent.json


def test_a_mail_that_was_refused_is_found_and_sent(
    world: World, desk: Desk, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.open(DELIVERIES).text.count("Nothing was sent yet") == 1
    queue(world, jane)
    with monkeypatch.context() as broken:

        def refuse(*_args: object) -> None:
            raise GiveUp("the mail server refuses the recipient (550) <b>no</b>")

        broken.setattr(delivery, "hand_over", refuse)
        world.work()
    desk.open(f"/admin/users/{quote(jane.user_id)}/authentication").follow("users-deliveries")
    assert desk.rows() == [jane.email]
    assert ("Not sent" in desk.text, "Prove the address" in desk.text) == (True, True)
    assert "<b>no</b>" not in desk.html
    (link,) = desk.tree.xpath("//tr//a[@class='to']/@href")
    desk.open(link)
    assert (desk.say("deliveries-state"), "(550)" in desk.say("deliveries-reason")) == ("Not sent", True)
    desk.press("deliveries-retry")
    assert (desk.say("deliveries-state"), desk.one("deliveries-state").get("class")) == ("Waiting", "state")
    assert len(world.mails(jane.email)) == 1
    desk.open(link)
    assert (desk.say("deliveries-state"), desk.has("deliveries-retry")) == ("Sent", False)
    assert "ticket" not in desk.html + desk.open(f"{link}/raw").html
    assert [entry.data["details"]["request"]["channel"] for entry in world.logs("sapi")][-1] == "dashboard"


def test_lists_are_filtered_and_searched(world: World, desk: Desk, jane: Person) -> None:
    queue(world, jane)
    assert desk.open(f"{DELIVERIES}?q={quote(jane.email.upper())}").rows() == [jane.email]
    assert desk.open(f"{DELIVERIES}?q=nobody@example.com").rows() == []
    assert desk.open(f"{DELIVERIES}?state=queued").rows() == [jane.email]
    assert desk.open(f"{DELIVERIES}?state=failed").rows() == []


def test_line_18_who_sees_the_log_sees_them_and_sends_nothing(
    world: World, browser: Browser, hire: Hire, jane: Person
) -> None:
    queue(world, jane)
    with world.writing() as work:
        (row,) = [deliveries.get(work, each["id"]) for each in world.caller().get("/deliveries").json]
        deliveries.tried(work, row.id, deliveries.FAILED, "550 no")
    desk = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Users"), DELIVERIES))
    assert (desk.status, desk.rows()) == (200, [jane.email])
    desk.open(f"{DELIVERIES}/{row.id}")
    assert (desk.say("deliveries-state"), desk.has("deliveries-retry")) == ("Not sent", False)
    others = Desk(world, enter(world.browser(), hire("ed@example.com", "Viewer - Config"), "/admin"))
    assert f'href="{DELIVERIES}"' not in others.html
    assert others.open(DELIVERIES).status == 403


def test_trials_are_told_and_marked(world: World, desk: Desk, jane: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(world, jane)
    desk.open("/admin/branding/mailer").press("mailer-try", to="Ann@example.com")
    with monkeypatch.context() as broken:

        def refuse(*_args: object) -> None:
            raise GiveUp("the mail server refuses the recipient (550) https://id.example/u/x?ticket=1")

        broken.setattr(delivery, "hand_over", refuse)
        desk.open("/admin/branding/mailer").press("mailer-try", to="ben@example.com")
        assert desk.status == 422
    assert desk.open(DELIVERIES).rows() == ["ben@example.com", "ann@example.com", jane.email]
    assert desk.open(f"{DELIVERIES}?trial=trial").rows() == ["ben@example.com", "ann@example.com"]
    assert desk.open(f"{DELIVERIES}?trial=none").rows() == [jane.email]
    (link, _) = desk.open(f"{DELIVERIES}?trial=trial").tree.xpath("//tr//a[@class='to']/@href")
    desk.open(link)
    assert (desk.say("deliveries-trial"), desk.say("deliveries-state")) == ("Test", "Not sent")
    assert "550" in desk.say("deliveries-reason")
    assert "ticket" not in desk.html
    assert not desk.has("deliveries-retry"), "nothing of it is kept"
    api = world.caller()
    assert api.post(f"/deliveries/{link.rpartition('/')[2]}/retry", {}).status_code == 409
    told = [(each["recipient"], each["trial"]) for each in api.get("/deliveries", trial="true").json]
    assert told == [("ben@example.com", True), ("ann@example.com", True)]
