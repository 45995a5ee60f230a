"""What a deployment takes: idle, and after very many have signed in (issue 7, finding 2; decision 0135)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
import requests

from tests.counterparts.application import Application
from tests.counterparts.http_login import HttpBrowser
from tests.counterparts.product import Product
from tests.counterparts.program import free_port
from tests.ops.deployment import Deployment
from tests.ops.processes import proportional_memory, tree

pytestmark = [pytest.mark.counterpart, pytest.mark.slow, pytest.mark.timeout(900)]
MIB = 1024 * 1024
IDLE, AFTER = 150 * MIB, 250 * MIB
"""Of one machine's `idp serve --with-worker`, while it has other things to do; docs/performance.md has the figures."""
AFTER_TWO, PEAK_TWO = 230 * MIB, 340 * MIB
"""Of the same as two commands, which took 253 and 364 before (SQLite, 300 sign-ins, load 24)."""
AT_ONCE = 16
REQUESTS, KEPT = 4000, 12 * MIB
"""What so many requests with a body may leave; they left 27 MiB when each stayed with granian's future of its body."""


def taken(deployment: Deployment, most: int) -> int:
    """What all processes take, once it is at most ``most``, or half a minute later."""
    deadline = time.monotonic() + 30
    while (now := proportional_memory(of(deployment))) > most and time.monotonic() < deadline:
        time.sleep(0.5)
    return now


def of(deployment: Deployment) -> list[int]:
    """Every process of its commands."""
    commands = [*(server.program for server in deployment.servers), *deployment.workers]
    return [pid for command in commands for pid in tree(command.pid)]


class Peak:
    """The most that a deployment took at any moment while the block ran, in bytes; looked at five times a second."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.most = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.2):
            with suppress(OSError):  # a process of the worker ended meanwhile
                self.most = max(self.most, proportional_memory(of(self._deployment)))


def test_requests_with_a_body_leave_nothing(tmp_path: Path) -> None:
    """With granian's own objects, which Python's collector does not look into (``test_reception`` plays them)."""
    deployment = Deployment.prepare(tmp_path, free_port(), {"WEB_CONCURRENCY": "1", "IDP_RATE_LIMITS": "off"})
    server = deployment.serve(deployment.public_port)

    def asks(times: int) -> int:
        with requests.Session() as client:
            for _ in range(times):
                answer = client.post(f"{server.base_url}/oauth/token", data={"grant_type": "nonsense"}, timeout=60)
                assert answer.status_code in {400, 403}, answer.text
        return proportional_memory(tree(server.program.pid))

    try:
        before = asks(500)
        after = asks(REQUESTS)
        print(f"{(after - before) / MIB:.1f} MiB more after {REQUESTS} requests")
        assert after - before <= KEPT
    finally:
        deployment.stop()


@pytest.mark.parametrize(("store", "sign_ins"), [("sqlite", 1000), ("postgresql", 300)])
def test_memory_after_very_many_sign_ins(
    store: str, sign_ins: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    deployment = prepared(store, tmp_path, request)
    product = deployment.product()
    deployment.serve(deployment.public_port, "--with-worker")
    try:
        idle = taken(deployment, IDLE)
        done = sign_in(deployment, product, sign_ins)
        after = taken(deployment, AFTER)
        print(f"{store}: idle {idle / MIB:.0f} MiB, after {done} sign-ins {after / MIB:.0f} MiB")
        assert idle <= IDLE
        assert after <= AFTER
    finally:
        deployment.stop()


@pytest.mark.parametrize(("store", "sign_ins"), [("sqlite", 300), ("postgresql", 200)])
def test_memory_of_two_commands(store: str, sign_ins: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """``idp serve`` and ``idp worker`` share nothing (decisions 0474, 0475): idle, while people sign in and mails
    leave, and once it is calm.
    """
    deployment = prepared(store, tmp_path, request)
    product = deployment.product()
    deployment.serve(deployment.public_port)
    worker = deployment.work()
    try:
        worker.wait_until(lambda: "worker started" in worker.log, what="look for work")
        idle = taken(deployment, IDLE)
        with Peak(deployment) as peak:
            done = sign_in(deployment, product, sign_ins)
        after = taken(deployment, AFTER_TWO)
        most = peak.most / MIB
        print(f"{store}: idle {idle / MIB:.0f} MiB, at most {most:.0f}, after {done} sign-ins {after / MIB:.0f} MiB")
        assert idle <= IDLE
        assert peak.most <= PEAK_TWO
        assert after <= AFTER_TWO
    finally:
        deployment.stop()


def prepared(store: str, folder: Path, request: pytest.FixtureRequest) -> Deployment:
    """A deployment with a database of that kind."""
    url = {} if store == "sqlite" else {"DATABASE_URL": request.getfixturevalue("postgres_url")}
    return Deployment.prepare(folder, free_port(), url)


def sign_in(deployment: Deployment, product: Product, times: int) -> int:
    """So many sign-ins, :data:`AT_ONCE`; answers how many."""
    application = Application.register(product, product.management(), "http://localhost:9")
    user = product.management().create_user(connection=product.connection)

    def signs_in(_: int) -> int:
        browser = HttpBrowser()
        try:
            application.redeem(browser.sign_in(application, user))
        except (AssertionError, requests.RequestException):  # told to come back: this machine does other things
            return 0
        finally:
            browser.close()
        return 1

    done = 0
    with ThreadPoolExecutor(AT_ONCE) as people:
        while done < times:
            now = sum(people.map(signs_in, range(min(100, times - done))))
            assert now, deployment.logs()[-3000:]
            done += now
    return done
