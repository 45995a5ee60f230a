"""No more than 200 refresh tokens of a user at a client but for a few; the oldest make room, however many sign in at
once.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import func, insert, select

from idp.foundation.kernel import clock
from idp.protocol.tokens import families, room
from idp.protocol.tokens.models import Authorization
from tests.world.application import Application, Tokens
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Person, World

OFFLINE = "openid offline_access"


@pytest.fixture
def app(world: World) -> Application:
    return world.client()


@pytest.fixture
def everybody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether there is room: one in sixteen does otherwise."""
    monkeypatch.setattr(room, "EVERY", 1)


def families_of(
    world: World, person: Person, app: Application, amount: int, first: int = 0, **members: object
) -> list[str]:
    """Refresh tokens from before, the oldest first."""
    now = clock.now_ms()
    rows = [
        {
            "tenant_id": world.tenant,
            "id": f"rlp_{number:019d}",
            "client_id": app.client_id,
            "user_id": person.user_id,
            "scope": OFFLINE,
            "request": {},
            "offline": True,
            "rotating": True,
            "generation": 1,
            "created_at": now - 10_000 + number,
            "code_used_at": now,
            "purge_at": now,
            **members,
        }
        for number in range(first, first + amount)
    ]
    with world.platform.db.engine.begin() as connection:
        connection.execute(insert(Authorization), rows)
    return [str(each["id"]) for each in rows]


def live(world: World) -> set[str]:
    with world.platform.db.reading(world.tenant) as rows:
        return {row.id for row in rows.scalars(families.live())}


@pytest.mark.usefixtures("everybody_looks")
@on_both_stores
def test_the_oldest_make_room(world: World, jane: Person, app: Application) -> None:
    before = families_of(world, jane, app, room.MOST_PER_CLIENT)
    browser = world.browser()
    tokens = [app.sign_in(browser, jane, scope=OFFLINE) for _ in range(3)]
    assert len(live(world)) == room.MOST_PER_CLIENT
    assert live(world) & set(before) == set(before[3:])
    assert [each.refreshed().userinfo().status_code for each in tokens] == [200] * 3


def test_who_does_not_look_leaves_it_to_the_next(
    world: World, jane: Person, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = families_of(world, jane, app, room.MOST_PER_CLIENT + 3)
    draws = iter([5, 1, 0])
    monkeypatch.setattr(room.secrets, "randbelow", lambda most: next(draws) if most == room.EVERY else 0)
    browser = world.browser()
    kept = []
    for _ in range(3):
        app.sign_in(browser, jane, scope=OFFLINE)
        kept.append(len(live(world)))
    assert kept == [room.MOST_PER_CLIENT + 4, room.MOST_PER_CLIENT + 5, room.MOST_PER_CLIENT]
    assert live(world) & set(before) == set(before[6:])


@pytest.mark.usefixtures("everybody_looks")
def test_what_is_no_refresh_token_takes_no_place(world: World, jane: Person, app: Application) -> None:
    other = world.client()
    kept = families_of(world, jane, other, room.MOST_PER_CLIENT)
    browser = world.browser()
    for scope in ("openid", OFFLINE):
        app.sign_in(browser, jane, scope=scope)
    app.begin(browser, scope=OFFLINE, prompt="none")  # a code that nobody redeems
    assert len(live(world)) == room.MOST_PER_CLIENT + 1
    other.sign_in(browser, jane, scope="openid")
    assert set(kept) < live(world)


@pytest.mark.usefixtures("everybody_looks")
def test_those_that_are_over_are_not_counted(world: World, jane: Person, app: Application) -> None:
    now = clock.now_ms()
    ended = families_of(world, jane, app, room.MOST_PER_CLIENT, live_until=now - 1, idle_expires_at=now - 1)
    first = app.sign_in(world.browser(), jane, scope=OFFLINE)
    assert first.refreshed()
    with world.platform.db.reading(world.tenant) as rows:
        assert rows.scalar(select(func.count()).select_from(Authorization)) == len(ended) + 1


@pytest.mark.usefixtures("patient", "everybody_looks")
@on_both_stores
def test_who_signs_in_at_once_is_counted(world: World, jane: Person, app: Application) -> None:
    families_of(world, jane, app, room.MOST_PER_CLIENT - 3)
    browser = world.browser()
    app.sign_in(browser, jane, scope="openid")
    attempts = []
    for _ in range(12):
        attempt = app.begin(browser, scope=OFFLINE, prompt="none")
        attempts.append(partial(attempt.tokens, browser.answer))
    with ThreadPoolExecutor(len(attempts)) as pool:
        tokens: list[Tokens] = [each.result() for each in [pool.submit(attempt) for attempt in attempts]]
    assert len(live(world)) == room.MOST_PER_CLIENT
    assert all(each.userinfo().status_code == 200 for each in tokens)


def test_a_spent_token_is_recognized_for_as_long_as_its_family_lives(world: World, jane: Person, clock: Clock) -> None:
    endless = {"rotation_type": "rotating", "expiration_type": "non-expiring"}
    app = world.client(refresh_token=endless)
    first = app.sign_in(world.browser(), jane, scope=OFFLINE)
    newest = first.refreshed()
    for _ in range(3):
        clock.forward(days=200)
        newest = newest.refreshed()
    assert app.refresh(first.refresh_token).get_json()["error"] == "invalid_grant"
    assert app.refresh(newest.refresh_token).get_json()["error"] == "invalid_grant"
    assert [entry.type for entry in world.logs("ferrt")] == ["ferrt"]


def test_a_token_that_stays_the_same_lives_for_as_long_as_it_is_used(world: World, jane: Person, clock: Clock) -> None:
    idle = {
        "rotation_type": "non-rotating",
        "expiration_type": "expiring",
        "idle_token_lifetime": 86_400,
        "token_lifetime": 864_000,
    }
    app = world.client(refresh_token=idle)
    tokens = app.sign_in(world.browser(), jane, scope=OFFLINE)
    for _ in range(9):
        clock.forward(hours=23)
        assert app.refresh(tokens.refresh_token).status_code == 200
    clock.forward(hours=25)
    assert app.refresh(tokens.refresh_token).status_code == 400
