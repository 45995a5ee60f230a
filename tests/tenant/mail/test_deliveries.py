"""What became of mails and text messages: told, tried again, capped, and nothing of what they said (decision 0408)."""

from __future__ import annotations

import threading
from urllib.parse import quote

import pytest
from sqlalchemy import select

from idp.foundation.kernel import clock
from idp.foundation.queue.models import OutboxItem
from idp.foundation.queue.store import KEEP_TRYING_MS, PROBE_AFTER_MS
from idp.foundation.queue.tasks import GiveUp, Outage, TryLater
from idp.tenant.mail import deliveries, delivery
from idp.tenant.mail.models import Delivery
from tests.world.fixtures import on_both_stores
from tests.world.world import Person, World

LINK = "https://id.example.test/u/reset?ticket=very-secret"


class Server:
    """What stands in for the mail server: it raises what is next, then takes everything."""

    def __init__(self) -> None:
        self.raises: list[Exception] = []
        self.taken = 0

    def __call__(self, *_args: object) -> None:
        if self.raises:
            raise self.raises.pop(0)
        self.taken += 1


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(delivery, "hand_over", made)
    return made


def ask(world: World, person: Person) -> None:
    answer = world.caller().post("/tickets/password-change", {"user_id": person.user_id})
    assert answer.status_code == 201
    sent = world.caller().post("/jobs/verification-email", {"user_id": person.user_id})
    assert sent.status_code == 201, sent.json


def kept(world: World) -> list[Delivery]:
    with world.platform.db.reading(world.tenant) as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


@on_both_stores
def test_a_mail_is_told_from_waiting_to_sent(world: World, jane: Person, server: Server, store: str) -> None:
    ask(world, jane)
    (waiting,) = kept(world)
    assert (waiting.state, waiting.attempts, waiting.channel, waiting.template, waiting.recipient, waiting.user_id) == (
        "queued",
        0,
        "email",
        "verify_email",
        jane.email,
        jane.user_id,
    )
    server.raises = [TryLater(f"451 greylisted: {LINK}")]
    world.work()
    (tried,) = kept(world)
    assert (tried.state, tried.attempts, tried.reason) == ("retrying", 1, "451 greylisted: […]")
    answer = world.caller().post(f"/deliveries/{tried.id}/retry")
    assert (answer.status_code, answer.json["state"]) == (202, "queued")
    world.work()
    (sent,) = kept(world)
    assert (sent.state, sent.attempts, sent.reason, server.taken) == ("sent", 2, None, 1)
    again = world.caller().post(f"/deliveries/{sent.id}/retry")
    assert (again.status_code, again.json["errorCode"]) == (409, "delivery_not_failed")


def test_what_was_given_up_is_sent_when_somebody_says_so(world: World, jane: Person, server: Server) -> None:
    ask(world, jane)
    server.raises = [GiveUp("550 no such user")]
    world.work()
    (failed,) = kept(world)
    assert (failed.state, failed.reason) == ("failed", "550 no such user")
    with world.writing() as work:
        deliveries.again(work, failed.id)
    with world.writing() as work, pytest.raises(Exception, match="could not be sent"):
        deliveries.again(work, failed.id)
    world.work()
    assert ([each.state for each in kept(world)], server.taken) == (["sent"], 1)


def test_what_is_kept_nowhere_any_more_is_not_sent(world: World, jane: Person, server: Server) -> None:
    ask(world, jane)
    server.raises = [GiveUp("550 no")]
    world.work()
    with world.writing() as work:
        work.rows.execute(OutboxItem.__table__.delete())
    answer = world.caller().post(f"/deliveries/{kept(world)[0].id}/retry")
    assert (answer.status_code, answer.json["errorCode"]) == (409, "delivery_gone")
    assert kept(world)[0].state == "failed"


def test_an_outage_waits_for_ever_and_another_failure_a_week(
    world: World, jane: Person, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(world, jane)
    later = clock.now_ms() + KEEP_TRYING_MS + 1_000
    monkeypatch.setattr(clock, "now_ms", lambda: later)
    server.raises = [Outage("no server")]
    world.work()
    assert [each.state for each in kept(world)] == ["retrying"]
    monkeypatch.setattr(clock, "now_ms", lambda: later + PROBE_AFTER_MS + 1)
    server.raises = [TryLater("421 busy")]
    world.work()
    assert [(each.state, each.attempts) for each in kept(world)] == [("failed", 2)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"refused {LINK} twice\r\n {LINK}", "refused […] twice […]"),
        ("bad text: 123456 is your code", "bad text: […] is your code"),
        ("x" * 2_000, "x" * deliveries.MOST_REASON),
    ],
)
def test_words_of_providers_are_told_without_what_they_repeat(said: str, told: str) -> None:
    assert deliveries.without_contents(said, "123456") == told


def test_nothing_of_a_mail_is_kept_or_shown(world: World, jane: Person, server: Server) -> None:
    ask(world, jane)
    world.work()
    shown = world.caller().get("/deliveries", user_id=jane.user_id).json
    assert isinstance(shown, list)
    assert set(shown[0]) == {
        "id",
        "channel",
        "template",
        "recipient",
        "user_id",
        "state",
        "trial",
        "attempts",
        "reason",
        "created_at",
        "changed_at",
    }
    assert "ticket" not in str([vars(each) for each in kept(world)])


def test_rights(world: World, jane: Person, server: Server) -> None:
    ask(world, jane)
    (row,) = kept(world)
    assert world.caller("read:users").get("/deliveries").status_code == 403
    assert world.caller("read:logs").get(f"/deliveries/{row.id}").status_code == 200
    assert world.caller("read:logs").post(f"/deliveries/{row.id}/retry").status_code == 403
    assert world.caller().get("/deliveries/00000").status_code == 404


def test_lists_are_narrowed(world: World, jane: Person, server: Server) -> None:
    ask(world, jane)
    ask(world, world.user("ann@example.com"))
    api = world.caller()
    assert len(api.get("/deliveries").json) == 2
    assert [each["recipient"] for each in api.get("/deliveries", recipient="Ann@Example.com").json] == [
        "ann@example.com"
    ]
    assert api.get("/deliveries", state="failed").json == []
    assert len(api.get("/deliveries", state="queued", user_id=jane.user_id).json) == 1


def test_who_is_deleted_takes_what_is_told_along(world: World, jane: Person, server: Server) -> None:
    ask(world, jane)
    ask(world, world.user("ann@example.com"))
    assert world.caller().delete(f"/users/{quote(jane.user_id)}").status_code == 204
    assert [each.recipient for each in kept(world)] == ["ann@example.com"]


def test_the_newest_are_kept(world: World, jane: Person, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        ask(world, jane)
    newest = [each.id for each in kept(world)][1:]
    monkeypatch.setattr(deliveries, "MOST", 2)
    assert deliveries.trim(world.platform, world.tenant, threading.Event()) == 1
    assert [each.id for each in kept(world)] == newest
    assert deliveries.trim(world.platform, world.tenant, threading.Event()) == 0


def test_another_tenants_are_not_there(world: World, jane: Person, server: Server) -> None:
    ask(world, jane)
    other = world.other_tenant("other", "https://other.test/")
    assert other.caller().get("/deliveries").json == []
    assert other.caller().get(f"/deliveries/{kept(world)[0].id}").status_code == 404
