"""What a deployment takes: idle, and after very many have signed in (issue 7, finding 2; decision 0135)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.counterparts.application import Application
from tests.counterparts.http_login import HttpBrowser
from tests.counterparts.program import free_port
from tests.ops.deployment import Deployment
from tests.ops.processes import proportional_memory, tree

pytestmark = [pytest.mark.counterpart, pytest.mark.slow, pytest.mark.timeout(900)]
MIB = 1024 * 1024
IDLE, AFTER = 150 * MIB, 250 * MIB
"""Of one machine's `idp serve --with-worker`, while it has other things to do; docs/performance.md has the figures."""
AT_ONCE = 16
REQUESTS, KEPT = 4000, 12 * MIB
"""What so many requests with a body may leave; they left 27 MiB when each stayed with granian's future of its body."""


def taken(deployment: Deployment, most: int) -> int:
    """What all processes take, once it is at most ``most``, or half a minute later."""
    pids = tree(deployment.servers[0].program.pid)
    deadline = time.monotonic() + 30
    while (now := proportional_memory(pids)) > most and time.monotonic() < deadline:
        time.sleep(0.5)
    return now


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
    url = {} if store == "sqlite" else {"DATABASE_URL": request.getfixturevalue("postgres_url")}
    deployment = Deployment.prepare(tmp_path, free_port(), url)
    product = deployment.product()
    deployment.serve(deployment.public_port, "--with-worker")
    try:
        idle = taken(deployment, IDLE)
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
            while done < sign_ins:
                now = sum(people.map(signs_in, range(min(100, sign_ins - done))))
                assert now, deployment.logs()[-3000:]
                done += now
        after = taken(deployment, AFTER)
        print(f"{store}: idle {idle / MIB:.0f} MiB, after {done} sign-ins {after / MIB:.0f} MiB")
        assert idle <= IDLE
        assert after <= AFTER
    finally:
        deployment.stop()
