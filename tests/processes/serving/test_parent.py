"""The parent of the web processes: it replaces the dead for ever, and nothing outlives it."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
import requests

from idp.foundation.settings import Settings
from idp.processes import serving
from idp.processes.serving import STOP_WITHIN_S, Server, listen
from tests.counterparts.private_ca import PrivateAuthority
from tests.counterparts.program import accepts, free_port
from tests.ops.deployment import Deployment, alive
from tests.ops.processes import children

pytestmark = [pytest.mark.slow]


def eventually(question: Callable[[], bool], *, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """One ``idp serve`` with two processes on SQLite."""
    running = Deployment.prepare(tmp_path, free_port(), {})
    running.product()
    running.serve(running.public_port)
    yield running
    running.stop()


def test_killing_the_same_place_again_and_again(deployment: Deployment) -> None:
    server = deployment.servers[0]
    for _ in range(5):
        victim = children(server.program.pid)[-1]
        os.kill(victim, signal.SIGKILL)
        assert eventually(
            lambda gone=victim: gone not in children(server.program.pid) and len(children(server.program.pid)) == 2
        )
        assert server.answers(), "the other process and the shared socket go on"
    assert server.program.process.poll() is None


def test_both_at_once(deployment: Deployment) -> None:
    server = deployment.servers[0]
    killed = time.monotonic()
    for victim in children(server.program.pid):
        os.kill(victim, signal.SIGKILL)
    assert eventually(server.answers)
    took = time.monotonic() - killed
    print(f"answering again {took:.2f} s after both web processes were killed")
    assert took < 10


def test_workers_end_with_their_parent_and_the_port_is_free_again(deployment: Deployment) -> None:
    server = deployment.servers[0]
    workers = children(server.program.pid)
    os.kill(server.program.pid, signal.SIGKILL)
    server.program.process.wait(10)
    assert eventually(lambda: not any(alive(pid) for pid in workers))
    assert not accepts(server.port)
    deployment.servers.clear()
    assert deployment.serve(server.port).answers()


def test_a_stop_ends_a_worker_that_is_only_starting(deployment: Deployment) -> None:
    server = deployment.servers[0]
    for victim in children(server.program.pid):
        os.kill(victim, signal.SIGKILL)
    assert eventually(server.answers), "one of the two is there again, the other is on its way"
    server.program.process.send_signal(signal.SIGTERM)
    assert server.program.process.wait(STOP_WITHIN_S - 2) == 0, "ended by itself, not by force"


def test_a_certificate_that_is_gone_ends_no_process(tmp_path: Path) -> None:
    """The parent has read it: whoever takes a dead one's place serves with that, and the other port as ever."""
    authority, port = PrivateAuthority.make(), free_port()
    certificate, key = authority.server(tmp_path, ["localhost"])
    (tmp_path / "ca.pem").write_text(authority.pem)
    env = {"IDP_MTLS_PORT": str(port), "IDP_MTLS_CERTIFICATE": str(certificate), "IDP_MTLS_KEY": str(key)}
    deployment = Deployment.prepare(tmp_path, free_port(), {**env, "WEB_CONCURRENCY": "1"})

    def with_certificates() -> int:
        return requests.get(f"https://localhost:{port}/readyz", verify=str(tmp_path / "ca.pem"), timeout=5).status_code

    try:
        deployment.product()
        server = deployment.serve(deployment.public_port)
        (victim,) = children(server.program.pid)
        certificate.unlink()
        key.write_text("half a")
        os.kill(victim, signal.SIGKILL)
        assert eventually(lambda: victim not in children(server.program.pid) and server.answers())
        (successor,) = children(server.program.pid)
        assert with_certificates() == 200
        assert eventually(lambda: "IDP_MTLS_PORT can't be read" in deployment.logs())
        assert children(server.program.pid) == [successor]
    finally:
        deployment.stop()


def test_the_parent_looks_after_what_workers_begin_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "LOOK_S", 0.01)
    with listen("127.0.0.1", 0) as listener:
        way = mock.Mock(look=mock.Mock(side_effect=lambda: way.look.call_count < 3 or server.main_loop_interrupt.set()))
        server = Server(listener, Settings.from_env({}, create_key=False), 1, None, way)
        giving_up = threading.Timer(20, server.main_loop_interrupt.set)
        giving_up.start()
        server._wait()
        giving_up.cancel()
    assert way.look.call_count == 3


def test_a_worker_that_had_just_died_makes_no_failure_of_a_stop() -> None:
    with listen("127.0.0.1", 0) as listener:
        server = Server(listener, Settings.from_env({}, create_key=False), 1, None)
        server._init_shared_socket()
        server._start_ipc()  # type: ignore[no-untyped-call]
        server.interrupt_children.append(0)  # nobody has looked since
        server.shutdown()


def test_a_request_that_was_begun_is_finished(deployment: Deployment) -> None:
    server = deployment.servers[0]
    session = requests.Session()
    assert session.get(f"{server.base_url}/healthz", timeout=5).status_code == 200
    server.program.process.send_signal(signal.SIGTERM)
    assert server.program.process.wait(25) == 0
    assert not accepts(server.port)


UNFINISHED = {
    "idle": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "half a body": b"POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc",
    "half a head": b"GET /healthz HTTP/1.1\r\nHos",
    "nothing": b"",
}


def test_a_stop_waits_for_nobody_who_does_not_finish(deployment: Deployment) -> None:
    server = deployment.servers[0]
    senders = [
        (socket.create_connection(("127.0.0.1", server.port)), data) for data in UNFINISHED.values() for _ in range(5)
    ]
    for sender, data in senders:
        sender.sendall(data)
    assert server.answers()
    server.program.process.send_signal(signal.SIGTERM)
    assert server.program.process.wait(STOP_WITHIN_S - 2) == 0, "ended by itself, not by force"
    for sender, _ in senders:
        sender.close()
    assert not accepts(server.port)
