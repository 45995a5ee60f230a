"""Servers that do not answer, answer late, or answer garbage; and what is remembered of them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from connectors.contract import ConnectorError
from connectors.ldap import client, servers
from tests.connectors.ldap.conftest import Connect, slapd_options
from tests.counterparts.private_ca import PrivateAuthority
from tests.counterparts.program import free_port
from tests.counterparts.slapd import PASSWORD, PEOPLE, SERVICE, SERVICE_PASSWORD, PrivateSlapd
from tests.security.rows import row

Answer = Callable[[socket.socket, bytearray], None]


@contextmanager
def listening(answer: Answer) -> Iterator[tuple[str, bytearray]]:
    """A server of a test; the block gets its address, and what it was sent."""
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection, heard)

        threading.Thread(target=serve, daemon=True).start()
        yield f"ldap://127.0.0.1:{server.getsockname()[1]}", heard
        server.shutdown(socket.SHUT_RDWR)


def hear(connection: socket.socket, heard: bytearray) -> bytes:
    """One request; its message id, an INTEGER as it was encoded."""
    data = connection.recv(4_096)
    heard.extend(data)
    if len(data) < 8:
        return b"\x02\x01\x00"
    at = 2 if data[1] < 0x80 else 2 + (data[1] & 0x7F)
    return data[at : at + 2 + data[at + 1]]


def result(message: bytes, tag: int, code: int) -> bytes:
    """A response without texts."""
    content = message + bytes([tag, 7, 0x0A, 1, code, 4, 0, 4, 0])
    return bytes([0x30, len(content)]) + content


def fails(connect: Connect, url: str, **options: object) -> ConnectorError:
    plain = {"urls": [url], "bind_dn": SERVICE, "bind_password": SERVICE_PASSWORD, "base_dn": PEOPLE, **options}
    with pytest.raises(ConnectorError) as error:
        connect(directory_type="ldap", allow_plaintext=True, **{"start_tls": False, **plain}).login("jane", PASSWORD)
    return error.value


def test_nobody_there(connect: Connect) -> None:
    error = fails(connect, f"ldap://127.0.0.1:{free_port()}")
    assert (error.code, "127.0.0.1" in str(error.detail)) == ("temporarily_unavailable", True)


@row("P4")
def test_addresses_that_the_operator_does_not_allow(connect: Connect) -> None:
    error = fails(connect, "ldap://10.11.12.13")
    assert error.code == "temporarily_unavailable"
    assert "IDP_OUTBOUND_ALLOW" in str(error.detail)


@row("RL4")
def test_a_server_that_says_nothing_is_given_up(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """In less than five seconds: what is allowed says so, and that it is obeyed is seen with less."""
    assert servers.OPEN_S < 5
    assert servers.SILENT_S < 5
    monkeypatch.setattr(servers, "SILENT_S", 0.2)

    def silent(connection: socket.socket, heard: bytearray) -> None:
        hear(connection, heard)
        connection.recv(1)

    with listening(silent) as (url, _):
        error = fails(connect, url)
    assert error.code == "temporarily_unavailable"
    assert "timed out" in str(error.detail)


def test_a_server_that_dribbles_is_given_up(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def dribble(connection: socket.socket, heard: bytearray) -> None:
        hear(connection, heard)
        try:
            while True:
                connection.sendall(b"0")
        except OSError:
            return

    monkeypatch.setattr(servers, "OPEN_S", 0.3)
    with listening(dribble) as (url, _):
        assert fails(connect, url).code == "temporarily_unavailable"


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x84\x7f\xff\xff\xff",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x80\x00\x00",
        b"\x30\x05\x02\x01\x01\x61\x00",
        b"\x00" * 64,
        b"",
        result(b"\x02\x01\x63", 0x61, 0),
        result(b"\x02\x01\x01", 0x64, 0),
    ],
)
def test_garbage_is_no_answer(connect: Connect, garbage: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "SILENT_S", 0.2)

    def answer(connection: socket.socket, heard: bytearray) -> None:
        hear(connection, heard)
        connection.sendall(garbage)

    with listening(answer) as (url, _):
        assert fails(connect, url).code == "temporarily_unavailable"


def test_answers_have_a_size(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_BYTES", 10_000)

    def flood(connection: socket.socket, heard: bytearray) -> None:
        hear(connection, heard)
        try:
            connection.sendall(b"\x30\x84\x00\xff\xff\xff" + b"\x04" * 1_000_000)
        except OSError:
            return

    with listening(flood) as (url, _):
        assert "too large" in str(fails(connect, url).detail)


@row("CU2")
@pytest.mark.parametrize("code", [2, 52, 1])
def test_a_server_without_starttls_is_told_no_password(connect: Connect, code: int) -> None:
    def refuse(connection: socket.socket, heard: bytearray) -> None:
        connection.sendall(result(hear(connection, heard), 0x78, code))
        connection.settimeout(1)
        hear(connection, heard)

    with listening(refuse) as (url, heard):
        error = fails(connect, url, start_tls=True)
        assert "StartTLS was refused" in str(error.detail)
    assert b"1.3.6.1.4.1.1466.20037" in heard
    assert SERVICE_PASSWORD.encode() not in heard
    assert PASSWORD.encode() not in heard


@pytest.mark.counterpart
class TestSeveral:
    """A real server beside ones that are away."""

    def test_the_next_one_is_asked_and_the_first_rests(
        self, connect: Connect, slapd: PrivateSlapd, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[int] = []

        def busy(connection: socket.socket, heard: bytearray) -> None:
            asked.append(1)
            connection.sendall(result(hear(connection, heard), 0x78, 52))

        with listening(busy) as (url, _):
            corp = connect(**slapd_options(slapd, urls=[url, f"ldap://127.0.0.1:{slapd.port}"]))
            for _ in range(3):
                assert corp.login("jane", PASSWORD).profile["nickname"] == "jane"
            assert len(asked) == 1
            servers.remembered("con_test", next(iter(servers._remembered.values())).version, ()).close()
            assert corp.login("jane", PASSWORD)
            assert len(asked) == 1, "it is known to be down"
            now = time.monotonic()
            monkeypatch.setattr(servers.time, "monotonic", lambda: now + servers.DOWN_S + 1)
            servers.remembered("con_test", next(iter(servers._remembered.values())).version, ()).close()
            assert corp.login("jane", PASSWORD)
            assert len(asked) == 2

    def test_connections_are_kept_and_no_more_than_a_few(self, connect: Connect, slapd: PrivateSlapd) -> None:
        corp = connect(**slapd_options(slapd))
        barrier = threading.Barrier(8)

        def sign_in() -> None:
            barrier.wait()
            corp.login("jane", PASSWORD)

        threads = [threading.Thread(target=sign_in) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        (known,) = servers._remembered.values()
        assert 1 <= len(known._idle) <= servers.KEPT
        before = len(known._idle)
        corp.login("jane", PASSWORD)
        assert len(known._idle) == before

    def test_a_kept_connection_that_broke_is_replaced(self, connect: Connect, slapd: PrivateSlapd) -> None:
        corp = connect(**slapd_options(slapd))
        corp.login("jane", PASSWORD)
        (known,) = servers._remembered.values()
        (idle,) = known._idle
        idle.directory._line.socket.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
        assert corp.login("jane", PASSWORD).profile["nickname"] == "jane"
        assert known._down == {}

    def test_other_options_are_other_connections(self, connect: Connect, slapd: PrivateSlapd) -> None:
        connect(**slapd_options(slapd)).login("jane", PASSWORD)
        with pytest.raises(ConnectorError):
            connect(**slapd_options(slapd, ca=PrivateAuthority.make().pem)).login("jane", PASSWORD)
