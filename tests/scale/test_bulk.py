"""Ten thousand people at once (spec/dashboard.md, line 17): the dashboard and real workers on Postgres, one of which is
killed in the middle.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from idp.directory.users.models import User
from idp.tenant.audit.models import LogEntry
from tests.admin.conftest import Desk
from tests.counterparts.product import product_environment
from tests.counterparts.program import Program
from tests.scale.dashboard import administrator
from tests.scale.fill import Amounts, fill
from tests.world.templates import SECRET_KEY
from tests.world.world import World

pytestmark = [pytest.mark.counterpart, pytest.mark.slow, pytest.mark.timeout(3600)]
PEOPLE = int(os.environ.get("GATEHOUSE_TEST_MANY", "1500"))
USERS = "/admin/users"
EVERYBODY = "_exists_:given_name"
"""The crowd; whoever the installation made has no given name."""
Start = Callable[[], Program]


@pytest.fixture(params=["postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


@pytest.fixture
def start(world: World, tmp_path: Path) -> Iterator[Start]:
    """Starts ``idp worker`` on the world's database."""
    started: list[Program] = []

    def begin() -> Program:
        settings = world.platform.settings
        env = product_environment(
            DATABASE_URL=settings.database_url, IDP_PUBLIC_URL=settings.public_url, IDP_SECRET_KEY=SECRET_KEY
        )
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(Program.start([sys.executable, "-m", "idp", "worker"], log_path=log, env=env, cwd=tmp_path))
        return started[-1]

    yield begin
    for program in started:
        program.stop()


@pytest.fixture
def desk(world: World) -> Desk:
    fill(world, Amounts(users=PEOPLE, sessions=0, tokens=0, logs=0))
    return Desk(world, administrator(world))


def many(desk: Desk, action: str) -> str:
    """Ask for everybody who is found, and answer the address of the job."""
    desk.open(f"{USERS}?q={EVERYBODY}").press("users-bulk-go", action=action, all="true")
    assert desk.say("bulk-count").endswith(f"{PEOPLE:,}"), "counted before anything is done"
    desk.press("bulk-confirm")
    return desk.url.partition("?")[0]


def done(desk: Desk, job: str) -> int:
    """How many, as its page says."""
    desk.open(job)
    return sum(int(desk.say(f"jobs-{name}").replace(",", "")) for name in ("inserted", "updated", "failed"))


def until(condition: Callable[[], bool], seconds: float = 3000, pause: float = 0.5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(pause)


def amount(world: World, *conditions: object) -> int:
    with world.platform.db.reading(world.tenant) as session:
        return int(session.scalar(select(func.count()).select_from(User).where(*conditions)) or 0)  # type: ignore[arg-type]


def changes(world: World) -> dict[str, int]:
    """How many entries the log has of each person whom an administrator changed at the dashboard."""
    with world.platform.db.reading(world.tenant) as session:
        mine = LogEntry.type == "sapi", LogEntry.object.like("users/%"), LogEntry.user_agent.is_not(None)
        times = func.count()
        found = session.execute(select(LogEntry.object, times).where(*mine).group_by(LogEntry.object))
        return {str(name): int(amount) for name, amount in found}


def test_line_17_ten_thousand_people_survive_a_killed_worker_and_stop_when_cancelled(
    world: World, desk: Desk, start: Start
) -> None:
    blocked_before = amount(world, User.blocked.is_(True))
    job = many(desk, "block")
    assert done(desk, job) == 0
    worker = start()
    until(lambda: done(desk, job) >= 200)
    worker.process.send_signal(signal.SIGKILL)
    worker.process.wait(10)
    reached = done(desk, job)
    assert 200 <= reached < PEOPLE, "progress, and the end is far"
    assert 0 < int(desk.say("jobs-percentage").removesuffix(" %")) < 100
    second = start()
    until(lambda: done(desk, job) == PEOPLE, pause=5)
    until(lambda: desk.open(job).say("jobs-state") == "Done")
    assert amount(world, User.blocked.is_(True)) == PEOPLE
    assert [desk.say(f"jobs-{name}") for name in ("updated", "failed")] == [str(blocked_before), "0"]
    found = changes(world)
    assert {name: times for name, times in found.items() if times > 1} == {}, "nothing is done twice"
    assert len(found) >= PEOPLE - blocked_before

    back = many(desk, "unblock")
    until(lambda: done(desk, back) >= 100)
    desk.open(back).press("jobs-cancel")
    until(lambda: desk.open(back).say("jobs-state") == "Cancelled")
    stopped = done(desk, back)
    time.sleep(2)
    assert done(desk, back) == stopped
    assert amount(world, User.blocked.is_(True)) == PEOPLE - stopped
    assert second.process.poll() is None
