"""What receivers hear (CAEP 1.0) and of whom (docs/decisions/0379)."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from sqlalchemy import select

from idp.directory.users import service as users
from idp.foundation.kernel import clock
from idp.protocol.signals.models import SignalEvent, SignalSubject
from idp.signin.factors import service as factors
from tests.protocol.signals.conftest import GRANTS
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.factors import enrol
from tests.world.fixtures import on_both_stores
from tests.world.signals import CHANGED, REVOKED, Endpoint, Receiver, kinds, receiver, said, switch_on
from tests.world.world import Person, World


def named(world: World, person: Person) -> dict[str, str]:
    return {"format": "iss_sub", "iss": world.issuer, "sub": person.user_id}


def name(hears: Receiver, stream: dict[str, Any], subject: dict[str, Any], how: str = "add") -> int:
    return hears("POST", f"subjects/{how}", {"stream_id": stream["stream_id"], "subject": subject}).status_code


def new_password(world: World, person: Person) -> None:
    answer = world.caller().patch(f"/users/{person.user_id}", {"password": "another horse 9 Battery"})
    assert answer.status_code == 200, answer.text


def block(world: World, person: Person) -> None:
    assert world.caller().patch(f"/users/{person.user_id}", {"blocked": True}).status_code == 200


@on_both_stores
def test_signing_out_revokes_the_session(world: World, browser: Browser, jane: Person, hears: Receiver) -> None:
    stream = hears.stream()
    tokens = hears.app.sign_in(browser, jane)
    browser.open(f"/oidc/logout?id_token_hint={tokens.id_token}")
    [claims] = hears.heard(stream)
    user = named(world, jane)
    session = {"format": "opaque", "id": tokens.id_claims["sid"]}
    assert claims["sub_id"] == {"format": "complex", "user": user, "session": session}
    assert set(claims["events"]) == {REVOKED}
    event = said(claims)
    assert event["initiating_entity"] == "user"
    assert event["reason_admin"]["en"]
    assert abs(event["event_timestamp"] - clock.now()) < 60


def test_blocking_ends_every_session(world: World, browser: Browser, jane: Person, hears: Receiver) -> None:
    stream = hears.stream()
    hears.app.sign_in(browser, jane)
    block(world, jane)
    one, every = hears.heard(stream)
    assert one["sub_id"]["format"] == "complex"
    assert said(one)["initiating_entity"] == "admin"
    assert every["sub_id"] == named(world, jane)
    assert kinds([one, every]) == ["session-revoked", "session-revoked"]


def test_a_new_password_is_a_credential_change(world: World, browser: Browser, jane: Person, hears: Receiver) -> None:
    stream = hears.stream(CHANGED)
    hears.app.sign_in(browser, jane)
    new_password(world, jane)
    [claims] = hears.heard(stream)
    assert claims["sub_id"] == named(world, jane)
    event = said(claims)
    assert (event["credential_type"], event["change_type"]) == ("password", "update")
    assert event["reason_admin"]["en"]


def test_factors_are_credentials(world: World, browser: Browser, jane: Person, hears: Receiver) -> None:
    stream = hears.stream(CHANGED)
    hears.app.sign_in(browser, jane)
    enrol(world, jane)
    with world.writing() as work:
        factors.remove(work, jane.user_id)
    events = [said(each) for each in hears.heard(stream)]
    told = [(each["credential_type"], each["change_type"]) for each in events]
    assert ("app", "delete") in told


def test_only_what_was_asked_for_is_told(world: World, browser: Browser, jane: Person, hears: Receiver) -> None:
    stream = hears.stream(REVOKED)
    hears.app.sign_in(browser, jane)
    new_password(world, jane)
    assert set(kinds(hears.heard(stream))) == {"session-revoked"}


def test_receivers_hear_of_nobody_they_do_not_know(
    world: World, browser: Browser, jane: Person, hears: Receiver
) -> None:
    stream = hears.stream()
    other = receiver(world, world.client(name="Other", grant_types=GRANTS))
    theirs = other.stream()
    hears.app.sign_in(browser, jane)
    new_password(world, jane)
    block(world, jane)
    assert other.heard(theirs) == []
    assert hears.heard(stream) != []


def test_another_applications_session_is_not_told(
    world: World, browser: Browser, jane: Person, hears: Receiver
) -> None:
    stream = hears.stream(REVOKED)
    hears.app.sign_in(browser, jane)
    elsewhere = world.browser()
    other = world.client(name="Other")
    tokens = other.sign_in(elsewhere, jane)
    elsewhere.open(f"/oidc/logout?id_token_hint={tokens.id_token}")
    assert hears.heard(stream) == []


def test_whoever_was_added_is_told_of(world: World, jane: Person, hears: Receiver) -> None:
    machine = receiver(world, world.client("m2m", grant_types=["client_credentials"]))
    stream = machine.stream()
    assert name(machine, stream, {"format": "complex", "user": named(world, jane)}) == 200
    new_password(world, jane)
    assert kinds(machine.heard(stream)) == ["session-revoked", "credential-change"]
    assert name(machine, stream, named(world, jane), "remove") == 204
    new_password(world, jane)
    assert machine.heard(stream) == []


def test_whoever_was_removed_is_not_told_of(world: World, browser: Browser, jane: Person, hears: Receiver) -> None:
    stream = hears.stream()
    hears.app.sign_in(browser, jane)
    assert name(hears, stream, named(world, jane), "remove") == 204
    new_password(world, jane)
    assert hears.heard(stream) == []
    assert name(hears, stream, named(world, jane)) == 200
    new_password(world, jane)
    assert hears.heard(stream) != []


def test_others_add_nobody_whom_they_do_not_know(world: World, browser: Browser, jane: Person, hears: Receiver) -> None:
    app = world.client(name="Theirs", is_first_party=False, grant_types=GRANTS)
    others = receiver(world, app)
    stream = others.stream()
    assert name(others, stream, named(world, jane)) == 200, "whether there is anybody is not told"
    assert name(others, stream, {"format": "email", "email": jane.email}) == 200
    assert name(others, stream, {"format": "opaque", "id": stream["stream_id"]}) == 200
    assert name(others, stream, {**named(world, jane), "sub": "auth0|nobody"}) == 200
    new_password(world, jane)
    assert others.heard(stream) == []
    with world.platform.db.reading(world.tenant) as session:
        assert session.scalars(select(SignalSubject)).all() == []


BAD_SUBJECTS: list[dict[str, Any]] = [
    {},
    {"format": "did", "url": "did:example:1"},
    {"format": "iss_sub"},
    {"format": "iss_sub", "iss": "https://id.example.test/", "sub": ""},
    {"format": "email", "email": 7},
    {"format": "complex", "device": {"format": "opaque", "id": "1"}},
]


@pytest.mark.parametrize("subject", BAD_SUBJECTS, ids=range(len(BAD_SUBJECTS)))
def test_subjects_that_cannot_be_read(hears: Receiver, subject: dict[str, Any]) -> None:
    stream = hears.stream()
    assert (name(hears, stream, subject), name(hears, stream, subject, "remove")) == (400, 400)


def test_a_stream_may_name_people_by_address(world: World, browser: Browser, jane: Person, hears: Receiver) -> None:
    stream = hears.stream(CHANGED, format="email")
    assert name(hears, stream, {"format": "email", "email": jane.email.upper()}) == 200
    new_password(world, jane)
    [claims] = hears.heard(stream)
    assert claims["sub_id"] == {"format": "email", "email": jane.email}
    others = receiver(world, world.client(is_first_party=False, grant_types=GRANTS))
    assert others("POST", "streams", {"events_requested": [CHANGED], "format": "email"}).status_code == 400


def test_pairwise_receivers_know_people_by_their_own_names(world: World, browser: Browser, jane: Person) -> None:
    switch_on(world)
    app = world.client(grant_types=GRANTS, subject_type="pairwise")
    hears = receiver(world, app)
    assert hears("POST", "streams", {"events_requested": [CHANGED], "format": "email"}).status_code == 400
    stream = hears.stream(CHANGED)
    theirs = app.sign_in(browser, jane).id_claims["sub"]
    assert theirs != jane.user_id
    new_password(world, jane)
    [claims] = hears.heard(stream)
    assert claims["sub_id"] == {"format": "iss_sub", "iss": world.issuer, "sub": theirs}
    assert name(hears, stream, named(world, jane), "remove") == 204, "an id is nobody's name here"
    new_password(world, jane)
    assert len(hears.heard(stream)) == 1
    assert name(hears, stream, {**named(world, jane), "sub": theirs}, "remove") == 204
    new_password(world, jane)
    assert hears.heard(stream) == []


@on_both_stores
def test_whoever_is_deleted_is_told_of_and_forgotten(
    world: World, browser: Browser, jane: Person, hears: Receiver
) -> None:
    stream = hears.stream()
    hears.app.sign_in(browser, jane)
    assert name(hears, stream, named(world, jane)) == 200
    new_password(world, jane)
    assert world.caller().delete(f"/users/{jane.user_id}").status_code == 204
    with world.platform.db.reading(world.tenant) as session:
        assert session.scalars(select(SignalSubject)).all() == []
        assert {each.user_id for each in session.scalars(select(SignalEvent))} == {None}
    heard = hears.heard(stream)
    assert {said(each)["reason_admin"]["en"] for each in heard} == {"The account was deleted."}
    assert named(world, jane) in [each["sub_id"] for each in heard]


def test_nothing_is_told_of_what_was_rolled_back(world: World, browser: Browser, jane: Person, hears: Receiver) -> None:
    stream = hears.stream()
    hears.app.sign_in(browser, jane)
    with contextlib.suppress(ZeroDivisionError), world.writing() as work:
        users.update(work, jane.user_id, {"blocked": True})
        assert 1 / 0
    assert hears.heard(stream) == []


def test_without_streams_nothing_is_asked(world: World, browser: Browser, jane: Person, app: Application) -> None:
    app.sign_in(browser, jane)
    block(world, jane)
    with world.platform.db.reading(world.tenant) as session:
        assert session.scalars(select(SignalEvent)).all() == []


def test_administrators_see_and_hold_streams(world: World, hears: Receiver, there: Endpoint) -> None:
    stream = hears.pushed_to(there)
    path = f"/shared-signals/streams/{stream['stream_id']}"
    caller = world.caller()
    answer = caller.get("/shared-signals/streams")
    assert answer.status_code == 200, answer.text
    [listed] = answer.get_json()
    assert (listed["id"], listed["status"], listed["endpoint_url"]) == (stream["stream_id"], "enabled", there.url)
    assert caller.patch(path, {"status": "paused"}).get_json()["held_by"] == "administrator"
    resumed = hears("POST", "status", {"stream_id": stream["stream_id"], "status": "enabled"})
    assert resumed.status_code == 403
    world.work()
    told = [hears.verified(each) for each in there.sets]
    assert [said(each)["status"] for each in told] == ["paused"]
    assert caller.post(f"{path}/verification").status_code == 204
    assert caller.patch(path, {"status": "enabled"}).get_json()["status"] == "enabled"
    world.work()
    told = [hears.verified(each) for each in there.sets]
    assert kinds(told) == ["stream-updated", "verification", "stream-updated"]
    assert caller.delete(path).status_code == 204
    assert hears("GET", "streams").get_json() == []
    assert world.caller("read:users").get("/shared-signals/streams").status_code == 403
