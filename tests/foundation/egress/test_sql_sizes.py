"""Answers of foreign databases that have no end: drivers read them whole, so they are measured on their way here."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.foundation.egress import sql
from idp.foundation.egress.deadline import Deadline, TooMuch
from tests.world.templates import settings_for

ROW = b"x" * 60_000
MOST_SENT = 100 * sql.MOST_BYTES


def message(kind: bytes, body: bytes) -> bytes:
    """A message of PostgreSQL's protocol."""
    return kind + struct.pack("!I", len(body) + 4) + body


class EndlessPostgres:
    """A server that lets everybody in and answers the first statement with rows, until nobody listens."""

    def __init__(self) -> None:
        self.sent = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[-1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """No more of it."""
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        line, _ = self._listener.accept()
        with line:
            line.recv(65_536)
            ready = message(b"Z", b"I")
            line.sendall(message(b"R", struct.pack("!I", 0)) + message(b"S", b"client_encoding\0UTF8\0") + ready)
            line.recv(65_536)
            column = b"x\0" + struct.pack("!IhIhih", 0, 0, 25, -1, -1, 0)
            line.sendall(message(b"T", struct.pack("!h", 1) + column))
            row = message(b"D", struct.pack("!hI", 1, len(ROW)) + ROW)
            try:
                while self.sent < MOST_SENT:
                    line.sendall(row)
                    self.sent += len(row)
            except OSError:
                return


@pytest.fixture
def endless() -> Iterator[EndlessPostgres]:
    made = EndlessPostgres()
    yield made
    made.close()


def test_postgresql_is_not_listened_to_beyond_the_limit(endless: EndlessPostgres, tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path}/idp.db", tmp_path)
    place = sql.Place(kind="postgresql", host="127.0.0.1", port=endless.port, user="u", tls=False)
    database = sql.open_database(settings, place)
    with pytest.raises(sql.SqlError, match="larger than"):
        database.query("SELECT x", [])
    database.close()
    endless.close()
    assert endless.sent < MOST_SENT / 2


def test_sockets_of_a_deadline_take_in_no_more_than_is_allowed() -> None:
    """PyMySQL reads from such a socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    deadline = Deadline(5)
    with listener, deadline.connect(["127.0.0.1"], listener.getsockname()[-1]) as line:
        other, _ = listener.accept()
        with other:
            other.sendall(b"x" * 30)
            deadline.allow(15)
            assert len(line.recv(10)) == 10
            with pytest.raises(TooMuch):
                line.recv_into(bytearray(10))
            deadline.allow(10)
            assert len(line.recv(10)) == 10


def test_a_backslash_ends_no_literal_of_mysql_before_its_quote() -> None:
    """A value would stand inside the literal otherwise, with quotes of its own that end it."""
    written = r"SELECT 'it\'s ?' FROM t WHERE a = ? AND b = 'x\\' AND c = ?"
    assert sql.for_pymysql(written) == (r"SELECT 'it\'s ?' FROM t WHERE a = %s AND b = 'x\\' AND c = %s", 2)
