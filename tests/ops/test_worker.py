"""A real worker process among receivers and mail servers as they really are: slow ones, silent ones, moody ones."""

from __future__ import annotations

import http.server
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import select

from idp.foundation.queue import outbox
from idp.foundation.queue.models import OutboxItem
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.logout import backchannel
from idp.signin.login import reset
from idp.tenant.mail import service as mail
from tests.counterparts.moody_smtp import MoodySmtp
from tests.counterparts.product import product_environment
from tests.counterparts.program import Program
from tests.foundation.egress import slow
from tests.foundation.egress.slow import serving
from tests.ops.deployment import alive
from tests.ops.processes import children, tree
from tests.world.fixtures import on_both_stores
from tests.world.templates import SECRET_KEY, TWO_TENANTS, Template
from tests.world.world import Person, World

pytestmark = [pytest.mark.counterpart, pytest.mark.slow, pytest.mark.timeout(180)]
Start = Callable[..., Program]


@pytest.fixture
def template() -> Template:
    """Somebody else shares the worker."""
    return TWO_TENANTS


@pytest.fixture
def smtp() -> Iterator[MoodySmtp]:
    """The deployment's mail server."""
    made = MoodySmtp().start()
    yield made
    made.stop()


@pytest.fixture
def start(world: World, smtp: MoodySmtp, tmp_path: Path) -> Iterator[Start]:
    """Starts ``idp worker`` on the world's database."""
    started: list[Program] = []

    def begin() -> Program:
        settings = world.platform.settings
        env = product_environment(
            DATABASE_URL=settings.database_url,
            IDP_PUBLIC_URL=settings.public_url,
            IDP_SECRET_KEY=SECRET_KEY,
            SMTP_URL=smtp.url,
        )
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(Program.start([sys.executable, "-m", "idp", "worker"], log_path=log, env=env, cwd=tmp_path))
        return started[-1]

    yield begin
    for program in started:
        program.stop()


class Application(http.server.BaseHTTPRequestHandler):
    """An application that takes logout tokens, at once."""

    took: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.took.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def application() -> Iterator[str]:
    """Its URL."""
    Application.took.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def logout_token(work: Work, client_id: str, user: Person, url: str) -> None:
    """One of those that the end of a session puts into the outbox."""
    payload = {"client_id": client_id, "url": url, "sub": user.user_id, "sid": "s"}
    outbox.put(work, backchannel.TASK, payload, receiver=url.split("/")[2])


def send_mail(work: Work, to: str) -> None:
    mail.send(work, "reset_email", to, "en", email=to, url="https://id.example.test/x", expires_in=60)


def outbox_of(world: World) -> list[OutboxItem]:
    with world.platform.db.reading(world.tenant) as session:
        return list(session.scalars(select(OutboxItem)))


def eventually(condition: Callable[[], bool], worker: Program, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, worker.log
        time.sleep(0.05)


def events(worker: Program, *names: str) -> list[str]:
    """The worker's lines about these events, in their order."""
    return [line for line in worker.log.splitlines() if any(f'"{name}"' in line for name in names)]


@on_both_stores
def test_slow_receivers_delay_nobody_but_themselves(
    world: World,
    jane: Person,
    smtp: MoodySmtp,
    application: str,
    start: Start,
    store: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slow, "PAUSE_S", 0.3)
    other = world.second_tenant()
    client_id, others_client = world.client().client_id, other.client().client_id
    with ExitStack() as stack:
        drips = [f"http://localhost:{stack.enter_context(serving(slow.drips_headers))}/out" for _ in range(4)]
        mute = f"http://localhost:{stack.enter_context(serving(slow.silent))}/out"
        with world.context() as work:
            for url in (*drips, mute) * 3:
                logout_token(work, client_id, jane, url)
            logout_token(work, client_id, jane, f"{application}/own")
        with other.context() as work:
            logout_token(work, others_client, jane, f"{application}/other")
            send_mail(work, "ben@example.com")
        with world.context() as work:
            send_mail(work, "jane@example.com")
        worker = start()
        eventually(lambda: len(events(worker, "task failed")) >= 5, worker)
        lines = events(worker, "task done", "task failed")
        mails = [position for position, line in enumerate(lines) if "mail.send" in line]
        first_failure = next(position for position, line in enumerate(lines) if "task failed" in line)
        assert len(mails) == 2
        assert max(mails) < first_failure
        eventually(lambda: sorted(Application.took) == ["/other", "/own"], worker)
        failed = events(worker, "task failed")
        assert all("backchannel_logout.send" in line for line in failed)
        assert any("longer than 8 s" in line for line in failed)
        assert "Traceback" not in worker.log


@on_both_stores
def test_a_mail_that_the_server_hangs_up_on_backs_off_alone(
    world: World, smtp: MoodySmtp, start: Start, store: str
) -> None:
    smtp.mood = lambda command, to: "hang up" if command == "BODY" and to.startswith("bad") else "take"
    good = [f"good-{number}@example.com" for number in range(8)]
    with world.context() as work:
        for to in ("bad-1@example.com", *good[:4], "bad-2@example.com", *good[4:]):
            send_mail(work, to)
    worker = start()
    eventually(lambda: sorted(smtp.taken) == good and len(events(worker, "task failed")) == 2, worker)
    assert sorted(to for to in smtp.tried if to.startswith("bad")) == ["bad-1@example.com", "bad-2@example.com"]
    waiting = [row for row in outbox_of(world) if not row.done_at]
    assert [row.attempts for row in waiting] == [1, 1]
    assert all("TryLater" in str(row.failure) for row in waiting)


def test_a_silent_mail_server_holds_no_logout_token(
    world: World, jane: Person, smtp: MoodySmtp, application: str, start: Start
) -> None:
    smtp.mood = lambda _command, _to: "silent"
    client_id = world.client().client_id
    with world.context() as work:
        for number in range(20):
            send_mail(work, f"person-{number}@example.com")
        for number in range(8):
            logout_token(work, client_id, jane, f"{application}/{number}")
    worker = start()
    eventually(lambda: len(Application.took) == 8, worker)
    assert events(worker, "task failed") == []


@pytest.mark.parametrize("round_", range(3))
def test_everything_that_waits_for_a_worker_is_done_at_its_first_attempt(
    world: World, jane: Person, smtp: MoodySmtp, application: str, start: Start, round_: int
) -> None:
    """Handlers are loaded while eight of each kind want them at once."""
    client_id = world.client().client_id
    connection = world.connection_id
    with world.context() as work:
        for number in range(8):
            logout_token(work, client_id, jane, f"{application}/{number}")
            payload = {"connection_id": connection, "identifier": jane.email, "client_id": None, "locale": "en"}
            outbox.put(work, reset.TASK, payload)
            send_mail(work, f"person-{number}@example.com")
    worker = start()
    eventually(lambda: all(row.done_at for row in outbox_of(world)), worker)
    assert events(worker, "task failed", "task raised", "task given up") == []
    assert {(row.attempts, row.failure) for row in outbox_of(world)} == {(1, None)}


def test_reset_mails_asked_for_close_together_leave_a_warm_worker_at_once(
    world: World, jane: Person, smtp: MoodySmtp, start: Start
) -> None:
    worker = start()
    eventually(lambda: "worker started" in worker.log, worker)
    askers = [threading.Thread(target=ask_for_reset, args=(world, jane)) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    eventually(lambda: "jane@example.com" in smtp.taken, worker, seconds=20)
    eventually(lambda: len([line for line in events(worker, "task done") if reset.TASK in line]) == 8, worker)
    assert events(worker, "task failed") == []


def ask_for_reset(world: World, jane: Person) -> None:
    payload = {"connection_id": world.connection_id, "identifier": jane.email, "client_id": None, "locale": "en"}
    with world.context() as work:
        outbox.put(work, reset.TASK, payload)


def test_a_worker_in_the_middle_of_slow_calls_stops_in_time(world: World, smtp: MoodySmtp, start: Start) -> None:
    heard = threading.Event()

    def silent(command: str, _to: str) -> str:
        if command == "CONNECT":
            heard.set()
        return "silent"

    smtp.mood = silent
    with world.context() as work:
        send_mail(work, "jane@example.com")
    worker = start()
    assert heard.wait(30)
    begun = time.monotonic()
    assert worker.stop(seconds=20) == 0
    assert time.monotonic() - begun < 15
    (row,) = outbox_of(world)
    assert (row.done_at, row.locked_until) == (None, 0)


@on_both_stores
def test_it_is_one_small_process_until_there_is_something_to_do(
    world: World, smtp: MoodySmtp, start: Start, store: str
) -> None:
    """And both end together, however the first one ends (decision 0475)."""
    worker = start()
    eventually(lambda: len(events(worker, "worker started")) == 1, worker)
    assert tree(worker.pid) == [worker.pid]
    with world.context() as work:
        send_mail(work, "jane@example.com")
    eventually(lambda: smtp.taken == ["jane@example.com"], worker)
    (child,) = children(worker.pid)
    assert alive(child)
    assert worker.stop(signal.SIGTERM) == 0
    assert not alive(child)
    assert len(events(worker, "worker stopped")) == 1
    with world.context() as work:
        send_mail(work, "ben@example.com")
    again = start()
    eventually(lambda: len(smtp.taken) == 2, again)
    (child,) = children(again.pid)
    again.stop(signal.SIGKILL)
    eventually(lambda: not alive(child), again)


def test_a_process_that_dies_at_its_work_ends_the_command(world: World, smtp: MoodySmtp, start: Start) -> None:
    """Whoever runs it starts it anew."""
    smtp.mood = lambda _command, _to: "silent"
    with world.context() as work:
        send_mail(work, "jane@example.com")
    worker = start()
    eventually(lambda: bool(smtp.tried) or bool(children(worker.pid)), worker)
    eventually(lambda: len(events(worker, "worker started")) == 1 and bool(children(worker.pid)), worker)
    os.kill(children(worker.pid)[0], signal.SIGKILL)
    assert worker.process.wait(60) != 0
    assert len(events(worker, "the process that does the work ended unexpectedly")) == 1
