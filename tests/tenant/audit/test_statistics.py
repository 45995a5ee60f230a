"""Statistics are counted as things happen, by whatever process, however many at once; what is counted is what the log
says.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from idp.foundation.kernel import clock as now
from idp.processes import purges
from idp.protocol.oauth.log_types import OAuthLog
from idp.signin.factors.log_types import FactorLog
from idp.signin.login.log_types import LoginLog
from idp.tenant.audit import log
from idp.tenant.audit.log import Batch
from idp.tenant.audit.models import DailyStatistics, LastActiveDay
from tests.world.fixtures import Clock, on_both_stores
from tests.world.management import Api
from tests.world.templates import BARE, Template
from tests.world.world import World

pytestmark = on_both_stores
WRITERS, EACH = 8, 12


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


@pytest.fixture
def api(world: World) -> Api:
    return world.caller()


def write(world: World, kind: LoginLog | OAuthLog | FactorLog, user_id: str | None = None) -> None:
    with world.context() as work:
        log.write(work, kind, user_id=user_id)


def numbers(api: Api) -> list[tuple[str, int, int]]:
    """(day, sign-ins, sign-ups)."""
    return [(row["date"][:10], row["logins"], row["signups"]) for row in api.get("/stats/daily").json]


def test_sign_ins_and_sign_ups_are_counted_by_day(world: World, clock: Clock, api: Api) -> None:
    first = now.iso(now.now_ms())[:10]
    write(world, LoginLog.SIGNED_UP, "auth0|1")
    write(world, LoginLog.SUCCESS, "auth0|1")
    write(world, LoginLog.WRONG_PASSWORD, "auth0|1")
    clock.forward(days=2)
    second = now.iso(now.now_ms())[:10]
    batch = Batch()
    with world.context() as work:
        batch.add(work, OAuthLog.SILENT_AUTH, user_id="auth0|1")
        batch.add(work, OAuthLog.SILENT_AUTH, user_id="auth0|2")
        batch.add(work, OAuthLog.CODE_EXCHANGED, user_id="auth0|3")
    batch.close()
    api = world.caller()
    assert numbers(api) == [(first, 1, 1), (second, 2, 0)]
    asked = api.get("/stats/daily", from_=first.replace("-", ""), to=first.replace("-", "")).json
    assert [row["date"][:10] for row in asked] == [first]


def test_people_failures_and_factors_are_counted_by_day(world: World, clock: Clock) -> None:
    for kind, user_id in (
        (LoginLog.SUCCESS, "auth0|1"),
        (LoginLog.SUCCESS, "auth0|1"),
        (LoginLog.SUCCESS, "auth0|2"),
        (LoginLog.WRONG_PASSWORD, "auth0|1"),
        (LoginLog.UNKNOWN_USER, None),
        (FactorLog.SUCCEEDED, "auth0|1"),
        (FactorLog.FAILED, "auth0|1"),
    ):
        write(world, kind, user_id)
    clock.forward(days=1)
    write(world, LoginLog.SUCCESS, "auth0|2")
    with world.platform.db.reading(world.tenant) as session:
        rows = session.scalars(select(DailyStatistics).order_by(DailyStatistics.day)).all()
    assert [(row.active, row.last_active, row.failures, row.factors) for row in rows] == [(2, 1, 2, 1), (1, 1, 0, 0)]


def test_active_users_are_people_not_sign_ins(world: World, clock: Clock, api: Api) -> None:
    for user_id in ("auth0|1", "auth0|1", "auth0|2"):
        write(world, LoginLog.SUCCESS, user_id)
    write(world, LoginLog.WRONG_PASSWORD, "auth0|3")
    assert api.get("/stats/active-users").json == 2
    clock.forward(days=20)
    write(world, LoginLog.SUCCESS, "auth0|2")
    write(world, LoginLog.SUCCESS, "auth0|4")
    assert world.caller().get("/stats/active-users").json == 3
    clock.forward(days=15)
    assert world.caller().get("/stats/active-users").json == 2, "the first was here 35 days ago"
    clock.forward(days=16)
    purges.purge(world.platform.db, threading.Event())
    write(world, LoginLog.SUCCESS, "auth0|2")
    assert world.caller().get("/stats/active-users").json == 1


def test_what_is_not_committed_is_not_counted(world: World, api: Api) -> None:
    def come_to_nothing() -> None:
        with world.context() as work, work.transaction():
            log.write(work, LoginLog.SUCCESS, user_id="auth0|1")
            raise RuntimeError("it comes to nothing")

    with pytest.raises(RuntimeError):
        come_to_nothing()
    assert (numbers(api), api.get("/stats/active-users").json) == ([], 0)


@pytest.fixture
def processes(world: World) -> Iterator[Sequence[World]]:
    """Three processes on one database."""
    further = [world.other_process() for _ in range(2)]
    yield [world, *further]
    for each in further:
        each.platform.db.dispose()


def test_many_at_once_are_all_counted(processes: Sequence[World], api: Api) -> None:
    """Some in a transaction of their own, some in batches; the same people at the same moments, and one of them is
    deleted meanwhile.
    """
    gone = processes[0].user("gone@example.com").user_id

    def run(number: int) -> None:
        world, batch = processes[number % len(processes)], Batch()
        for n in range(EACH):
            if n % 2:
                write(world, LoginLog.SUCCESS, f"auth0|{n % 5}")
            else:
                with world.context() as work:
                    batch.add(work, OAuthLog.SILENT_AUTH, user_id=gone)
                    batch.add(work, OAuthLog.SILENT_AUTH, user_id=f"auth0|{n % 7}")
                batch.flush()
            if number == 0 and n == EACH // 2:
                assert api.delete(f"/users/{gone}").status_code == 204
        batch.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(run, range(WRITERS)))
    ((_, logins, _),) = numbers(api)
    assert logins == WRITERS * (EACH // 2) * 3
    people = {f"auth0|{n % 5}" for n in range(1, EACH, 2)} | {f"auth0|{n % 7}" for n in range(0, EACH, 2)}
    assert api.get("/stats/active-users").json in {len(people) + 1, len(people) + 2}, "gone may have come after"


def test_nothing_says_when_a_deleted_person_was_active(world: World, api: Api) -> None:
    someone = world.user("someone@example.com")
    write(world, LoginLog.SUCCESS, someone.user_id)
    assert known(world) == {someone.user_id}
    assert api.delete(f"/users/{someone.user_id}").status_code == 204
    assert known(world) == set()
    assert api.get("/stats/active-users").json == 1, "somebody was"


def known(world: World) -> set[str]:
    with world.platform.db.reading(world.tenant) as session:
        return set(session.scalars(select(LastActiveDay.user_id)))
