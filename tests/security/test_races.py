"""Group R: the same one-time thing used at the same moment by several processes; one write in the database decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.directory.users.service import linking
from idp.foundation.tenancy.work import Work
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.racing import at_once
from tests.world.world import Person, World

pytestmark = pytest.mark.usefixtures("patient")
RACERS = 6
ROUNDS = 3


def spread(processes: Sequence[World]) -> list[World]:
    return [processes[number % len(processes)] for number in range(RACERS)]


@row("R1", "B2")
@on_both_stores
def test_a_code_is_redeemed_once(processes: Sequence[World], jane: Person) -> None:
    world = processes[0]
    app, browser = world.client(), world.browser()
    for _ in range(ROUNDS):
        attempt = app.begin(browser)
        if browser.left_for is None:
            browser.submit(username=jane.email, password=jane.password)
        answer = browser.answer
        racers = [replace(attempt, app=replace(app, world=each)) for each in spread(processes)]
        answers = at_once([partial(racer.redeem, answer) for racer in racers])
        assert sorted(each.status_code for each in answers) == [200] + [400] * (RACERS - 1)
        assert {each.get_json()["error"] for each in answers if each.status_code == 400} == {"invalid_grant"}
        won = next(each.get_json() for each in answers if each.status_code == 200)
        assert app.userinfo(won["access_token"]).status_code == 401


@row("R2", "F2")
@on_both_stores
def test_a_refresh_token_is_exchanged_once(processes: Sequence[World], jane: Person) -> None:
    world = processes[0]
    app = world.client("spa")
    for _ in range(ROUNDS):
        token = app.sign_in(world.browser(), jane, scope="openid offline_access").refresh_token
        racers = [replace(app, world=each) for each in spread(processes)]
        answers = at_once([partial(racer.refresh, token) for racer in racers])
        assert sorted(each.status_code for each in answers) == [200] + [400] * (RACERS - 1)
        won = next(each.get_json() for each in answers if each.status_code == 200)
        assert app.refresh(won["refresh_token"]).get_json()["error"] == "invalid_grant"


@row("F2")
@on_both_stores
def test_inside_the_leeway_every_racer_stays_in_one_family(processes: Sequence[World], jane: Person) -> None:
    world = processes[0]
    leeway = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 30}
    app = world.client("spa", refresh_token=leeway)
    token = app.sign_in(world.browser(), jane, scope="openid offline_access").refresh_token
    racers = [replace(app, world=each) for each in spread(processes)]
    answers = at_once([partial(racer.refresh, token) for racer in racers])
    assert [each.status_code for each in answers] == [200] * RACERS
    app.call("/oauth/revoke", token=answers[0].get_json()["refresh_token"])
    for each in answers:
        assert app.refresh(each.get_json()["refresh_token"]).get_json()["error"] == "invalid_grant"


@row("R3", "J1")
@on_both_stores
def test_signing_up_twice_makes_one_account(processes: Sequence[World]) -> None:
    world = processes[0]
    for number in range(ROUNDS):
        email = f"twin{number}@example.com"
        browsers = [signing_up(each) for each in spread(processes)]
        at_once([partial(browser.submit, email=email, password="a long Passphrase 4") for browser in browsers])
        assert sum(browser.left_for is not None for browser in browsers) == 1
        assert rows_of(world, email) == (1, 1, 1)


def signing_up(world: World) -> Browser:
    browser = world.browser()
    world.client().begin(browser, screen_hint="signup")
    return browser


def rows_of(world: World, email: str) -> tuple[int, ...]:
    """Users, accounts and identities of that address."""
    with world.platform.db.reading(world.tenant) as session:
        user_ids = select(User.user_id).where(User.email == email)
        statements = (
            select(func.count()).select_from(User).where(User.email == email),
            select(func.count()).select_from(DatabaseAccount).where(DatabaseAccount.email == email),
            select(func.count()).select_from(Identity).where(Identity.user_id.in_(user_ids)),
        )
        return tuple(int(session.scalar(statement) or 0) for statement in statements)


@row("R3")
@on_both_stores
def test_creating_a_user_twice_by_the_api_makes_one(processes: Sequence[World]) -> None:
    callers = [each.management() for each in spread(processes)]
    for number in range(ROUNDS):
        body = {
            "connection": "Username-Password-Authentication",
            "email": f"api{number}@example.com",
            "password": "a long Passphrase 4",
        }
        answers = at_once([partial(caller, "POST", "/users", body) for caller in callers])
        assert sorted(each.status_code for each in answers) == [201] + [409] * (RACERS - 1)
        assert rows_of(processes[0], body["email"]) == (1, 1, 1)


@row("R4", "M1")
@on_both_stores
def test_a_reset_link_sets_one_password(processes: Sequence[World], jane: Person) -> None:
    world = processes[0]
    link = world.management().post("/tickets/password-change", {"user_id": jane.user_id})["ticket"]
    browsers = [each.browser().open(link) for each in spread(processes)]
    passwords = [f"the new Passphrase of {number}" for number in range(RACERS)]
    at_once([partial(browser.submit, password=password) for browser, password in zip(browsers, passwords, strict=True)])
    assert sorted(browser.status for browser in browsers) == [200] + [400] * (RACERS - 1)
    assert [opens(world, jane, password) for password in passwords] == [browser.status == 200 for browser in browsers]


@row("R4", "N2")
@on_both_stores
def test_a_dead_account_is_taken_back_once(processes: Sequence[World]) -> None:
    """Two links of one account, of two networks, used at once: one password is set, and nobody waits for ever."""
    world = processes[0]
    for number in range(ROUNDS):
        person = world.user(f"unproven{number}@example.com", verified=False)
        for address in ("192.0.2.1", "192.0.2.2"):
            asking = world.browser(address=address)
            world.client().begin(asking, screen_hint="reset-password")
            asking.submit(username=person.email)
        links = [link for mail in world.mails(person.email) for link in mail.links if "/u/reset-verify" in link]
        assert len(links) == 2
        browsers = [each.browser().open(links[place % 2]) for place, each in enumerate(spread(processes))]
        passwords = [f"the new Passphrase of {place}" for place in range(RACERS)]
        at_once([partial(browser.submit, password=each) for browser, each in zip(browsers, passwords, strict=True)])
        statuses = [browser.status for browser in browsers]
        assert statuses.count(200) == 1, statuses
        assert set(statuses) <= {200, 400}, statuses


@row("R9")
@on_both_stores
def test_an_account_is_linked_to_one_owner(processes: Sequence[World]) -> None:
    world = processes[0]
    callers = [each.management() for each in spread(processes)]
    for number in range(ROUNDS):
        owners = [world.user(f"owner{number}.{place}@example.com") for place in range(RACERS)]
        taken = world.user(f"taken{number}@example.com")
        body = {"provider": "auth0", "user_id": taken.account_id}
        paths = [f"/users/{quote(owner.user_id, safe='')}/identities" for owner in owners]
        answers = at_once([partial(caller, "POST", path, body) for caller, path in zip(callers, paths, strict=True)])
        assert sorted(each.status_code for each in answers) == [201] + [409] * (RACERS - 1)
        with world.platform.db.reading(world.tenant) as session:
            rows = session.scalars(select(Identity).where(Identity.identity_user_id == taken.account_id)).all()
        assert [row.position for row in rows] == [1]


@row("R9")
@pytest.mark.parametrize("store", [pytest.param("postgresql", marks=pytest.mark.counterpart)], indirect=True)
def test_an_account_that_is_linked_between_looking_and_locking_is_taken(
    processes: Sequence[World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its user is gone by then: that is the other's doing, and no reason to say that the caller's own is not there."""
    world, elsewhere = processes[0], processes[1]
    first, second, taken = (world.user(f"{name}@example.com") for name in ("first", "second", "taken"))
    body = {"provider": "auth0", "user_id": taken.account_id}
    look = linking._by_name

    def overtaken(work: Work, members: Mapping[str, Any]) -> Identity:
        found = look(work, members)
        monkeypatch.setattr(linking, "_by_name", look)
        elsewhere.management().post(f"/users/{quote(first.user_id, safe='')}/identities", body)
        return found

    monkeypatch.setattr(linking, "_by_name", overtaken)
    answer = world.management()("POST", f"/users/{quote(second.user_id, safe='')}/identities", body)
    assert answer.status_code == 409, answer.get_json()


@row("R9")
@on_both_stores
def test_accounts_linked_to_one_another_at_once_leave_nobody_without_a_user(processes: Sequence[World]) -> None:
    """Of a ring of links at most those are made whose owners are still there."""
    world = processes[0]
    callers = [each.management() for each in spread(processes)]
    for number in range(ROUNDS):
        people = [world.user(f"ring{number}.{place}@example.com") for place in range(RACERS)]
        bodies = [{"provider": "auth0", "user_id": each.account_id} for each in [*people[1:], people[0]]]
        paths = [f"/users/{quote(each.user_id, safe='')}/identities" for each in people]
        calls = [partial(caller, "POST", path, body) for caller, path, body in zip(callers, paths, bodies, strict=True)]
        assert {each.status_code for each in at_once(calls)} <= {201, 400, 404, 409}
        with world.platform.db.reading(world.tenant) as session:
            owners = set(session.scalars(select(Identity.user_id)))
            assert owners <= set(session.scalars(select(User.user_id)))


def opens(world: World, person: Person, password: str) -> bool:
    browser = world.browser(address=f"198.51.100.{abs(hash(password)) % 200}")
    world.client().begin(browser)
    browser.submit(username=person.email, password=password)
    return browser.left_for is not None


@row("R4")
@on_both_stores
def test_blocking_and_refreshing_at_once_leaves_nothing_that_works(processes: Sequence[World], jane: Person) -> None:
    world = processes[0]
    app = world.client("spa")
    token = app.sign_in(world.browser(), jane, scope="openid offline_access").refresh_token
    management = world.management()
    moved = replace(app, world=processes[1])
    answers = at_once(
        [
            partial(moved.refresh, token),
            partial(management, "PATCH", f"/users/{quote(jane.user_id, safe='')}", {"blocked": True}),
        ]
    )
    assert answers[1].status_code == 200
    if answers[0].status_code == 200:
        won = answers[0].get_json()
        assert app.refresh(won["refresh_token"]).status_code in {400, 403}
        assert app.userinfo(won["access_token"]).status_code == 401
