"""A double of SQL Server: it speaks TDS 7.4 (MS-TDS) and keeps its tables in SQLite, as the schema ``dbo``.

No SQL Server can be had where the tests run. What other clients make of it is tested beside it
(``tests/connectors/test_sql_server.py``: tedious of npm and FreeTDS), so that it is no invention of whoever wrote the
product's side.
"""

import socket
import socketserver
import sqlite3
import ssl
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BATCH, RPC, REPLY, ATTENTION, LOGIN, PRELOGIN = 1, 3, 4, 6, 16, 18
NO_TLS, TLS = 2, 1
COLLATION = bytes.fromhex("0904d00034")
"""Latin1_General_CI_AS."""
ERROR, INFO, LOGIN_ACK, ENV_CHANGE, COLUMNS, ROW = 0xAA, 0xAB, 0xAD, 0xE3, 0x81, 0xD1
DONE, DONE_PROC, DONE_IN_PROC, RETURN_STATUS = 0xFD, 0xFE, 0xFF, 0x79
COUNTED, FAILED, CANCELLED = 0x10, 0x02, 0x20
TAKEN, NO_SUCH_TABLE, WRONG_LOGIN = 2627, 208, 18456
NVARCHAR, VARCHAR, VARBINARY, INTN, BITN, FLOATN = 0xE7, 0xA7, 0xA5, 0x26, 0x68, 0x6D
GUID, NULL16 = 0x24, 0xFFFF


class Gone(Exception):
    """The client is."""


@dataclass
class SqlServerDouble:
    """Where it listens. ``seen`` are the statements that came, with the values beside them."""

    port: int
    user: str
    password: str
    tables: sqlite3.Connection
    tls: ssl.SSLContext | None = None
    route: tuple[str, int] | None = None
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """For the product."""
        encrypt = "true" if self.tls else "false"
        return f"mssql://{self.user}:{self.password}@127.0.0.1:{self.port}/people?encrypt={encrypt}"


@contextmanager
def sql_server(
    schema: Sequence[str] = (),
    *,
    certificate: tuple[Path, Path] | None = None,
    route: tuple[str, int] | None = None,
) -> Iterator[SqlServerDouble]:
    """One that runs meanwhile. With ``route`` it sends whoever has signed in to another server, as Azure's do."""
    tables = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    tables.execute("ATTACH ':memory:' AS dbo")
    tables.create_function("SCOPE_IDENTITY", 0, lambda: tables.execute("SELECT last_insert_rowid()").fetchone()[0])
    for statement in schema:
        tables.execute(statement)
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(*certificate)
    double = SqlServerDouble(0, "reader", "Secret-9-reader", tables, context, route)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                _Session(self.request, double).serve()
            except (Gone, OSError):
                return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        double.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()
            tables.close()


class _Session:
    """One connection."""

    def __init__(self, line: socket.socket, double: SqlServerDouble) -> None:
        self._line, self._double = line, double
        self._secured: tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO] | None = None

    def serve(self) -> None:
        """From the first packet to the last."""
        self._receive(PRELOGIN)
        wants = TLS if self._double.tls else NO_TLS
        head = b"\x00" + struct.pack(">HH", 16, 6) + b"\x01" + struct.pack(">HH", 22, 1) + b"\x04"
        head += struct.pack(">HH", 23, 1) + b"\xff"
        self._send(REPLY, head + b"\x0f\x00\x07\xd0\x00\x00" + bytes([wants]) + b"\x00")
        if self._double.tls:
            self._shake_hands(self._double.tls)
        if not self._sign_in(self._receive(LOGIN)):
            return
        while True:
            kind, body = self._packet()
            if kind == ATTENTION:
                self._send(REPLY, _done(DONE, CANCELLED, 0))
                continue
            (headers,) = struct.unpack_from("<I", body)
            if kind == BATCH:
                self._send(REPLY, self._run(body[headers:].decode("utf-16-le"), {}, rpc=False))
            elif kind == RPC:
                statement, values = _call(body[headers:])
                self._send(REPLY, self._run(statement, values, rpc=True))
            else:
                raise Gone

    # ---- packets
    def _receive(self, wanted: int) -> bytes:
        kind, body = self._packet()
        if kind != wanted:
            raise Gone
        return body

    def _packet(self) -> tuple[int, bytes]:
        body, last, kind = b"", False, 0
        while not last:
            kind, status, size = struct.unpack(">BBH", self._exactly(4))
            self._exactly(4)
            body += self._exactly(size - 8)
            last = bool(status & 1)
        return kind, body

    def _send(self, kind: int, body: bytes) -> None:
        parts = [body[at : at + 4_088] for at in range(0, len(body), 4_088)] or [b""]
        for number, part in enumerate(parts, 1):
            head = struct.pack(">BBHHBB", kind, number == len(parts), len(part) + 8, 0, number % 256, 0)
            self._write(head + part)

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            part = self._read(size - len(found))
            if not part:
                raise Gone
            found += part
        return found

    def _read(self, size: int) -> bytes:
        if self._secured is None:
            return self._line.recv(size)
        tls, incoming, _ = self._secured
        while True:
            try:
                return tls.read(size)
            except ssl.SSLWantReadError:
                raw = self._line.recv(65_536)
                if not raw:
                    raise Gone from None
                incoming.write(raw)

    def _write(self, data: bytes) -> None:
        if self._secured is None:
            self._line.sendall(data)
            return
        tls, _, outgoing = self._secured
        tls.write(data)
        self._line.sendall(outgoing.read())

    def _shake_hands(self, context: ssl.SSLContext) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        done = False
        while not done:
            incoming.write(self._receive(PRELOGIN))
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            except ssl.SSLError:
                raise Gone from None
            said = outgoing.read()
            if said:
                self._send(PRELOGIN, said)
        self._secured = (tls, incoming, outgoing)

    # ---- signing in
    def _sign_in(self, body: bytes) -> bool:
        texts = []
        for number in range(9):  # host, user, password, application, server, extension, library, language, database
            offset, length = struct.unpack_from("<HH", body, 36 + 4 * number)
            texts.append(body[offset : offset + 2 * length])
        clear = bytes(((each ^ 0xA5) >> 4 | (each ^ 0xA5) << 4) & 0xFF for each in texts[2])
        user, password = texts[1].decode("utf-16-le"), clear.decode("utf-16-le")
        self._double.said.append(" ".join(texts[each].decode("utf-16-le") for each in (0, 3, 6)))
        if (user, password) != (self._double.user, self._double.password):
            self._send(REPLY, _error(WRONG_LOGIN, f"Login failed for user '{user}'.") + _done(DONE, FAILED, 0))
            return False
        database = texts[8].decode("utf-16-le") or "people"
        answer = _changed(1, _b_text(database) + _b_text("master")) + _changed(4, _b_text("4096") + _b_text("4096"))
        name = "Double".encode("utf-16-le")
        ack = b"\x01\x74\x00\x00\x04" + bytes([len(name) // 2]) + name + b"\x0f\x00\x07\xd0"
        answer += bytes([LOGIN_ACK]) + struct.pack("<H", len(ack)) + ack
        if self._double.route is not None:
            host, port = self._double.route
            where = b"\x00" + struct.pack("<HH", port, len(host)) + host.encode("utf-16-le")
            answer += _changed(20, struct.pack("<H", len(where)) + where + b"\x00\x00")
        self._send(REPLY, answer + _done(DONE, 0, 0))
        return True

    # ---- statements
    def _run(self, text: str, values: dict[str, Any], *, rpc: bool) -> bytes:
        end, each = (DONE_PROC, DONE_IN_PROC) if rpc else (DONE, DONE)
        if text.lstrip().lower().startswith(("set ", "use ")):
            return _done(DONE, 0, 0)
        with self._double.lock:
            self._double.seen.append((text, values))
            answer = b""
            parts = [part for part in text.split(";") if part.strip()]
            try:
                for number, part in enumerate(parts, 1):
                    cursor = self._double.tables.execute(part, {name: values.get(name) for name in _names(part)})
                    rows = cursor.fetchall() if cursor.description else []
                    count = len(rows) if cursor.description else max(0, cursor.rowcount)
                    answer += _rows([column[0] for column in cursor.description or ()], rows)
                    more = 0 if number == len(parts) and not rpc else 1
                    answer += _done(each, COUNTED | more, count)
            except sqlite3.IntegrityError as error:
                return answer + _error(TAKEN, f"Violation of UNIQUE KEY constraint. {error}") + _done(end, FAILED, 0)
            except sqlite3.Error as error:
                return answer + _error(NO_SUCH_TABLE, str(error)) + _done(end, FAILED, 0)
        return answer + (bytes([RETURN_STATUS]) + bytes(4) + _done(DONE_PROC, 0, 0) if rpc else b"")


def _names(statement: str) -> list[str]:
    """The values that a statement names, without the mark."""
    found = []
    for part in statement.split("@")[1:]:
        name = ""
        for character in part:
            if not (character.isalnum() or character == "_"):
                break
            name += character
        found.append(name)
    return found


def _b_text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("utf-16-le")


def _changed(kind: int, body: bytes) -> bytes:
    return bytes([ENV_CHANGE]) + struct.pack("<HB", len(body) + 1, kind) + body


def _error(number: int, text: str) -> bytes:
    body = struct.pack("<IBBH", number, 1, 14, len(text)) + text.encode("utf-16-le") + _b_text("double")
    body += _b_text("") + struct.pack("<I", 1)
    return bytes([ERROR]) + struct.pack("<H", len(body)) + body


def _done(token: int, status: int, count: int) -> bytes:
    return struct.pack("<BHHQ", token, status, 0xC1, count)


def _rows(names: list[str], rows: list[Any]) -> bytes:
    if not names:
        return b""
    kinds = [_kind([row[at] for row in rows]) for at in range(len(names))]
    head = bytes([COLUMNS]) + struct.pack("<H", len(names))
    for name, kind in zip(names, kinds, strict=True):
        info = {NVARCHAR: b"\x40\x1f" + COLLATION, VARBINARY: b"\x40\x1f"}.get(kind, b"\x08")
        head += struct.pack("<IH", 0, 0x09) + bytes([kind]) + info + _b_text(name)
    return head + b"".join(bytes([ROW]) + b"".join(map(_value, kinds, row)) for row in rows)


def _kind(values: list[Any]) -> int:
    known = {int: INTN, float: FLOATN, bytes: VARBINARY}
    return next((known[type(each)] for each in values if type(each) in known), NVARCHAR)


def _value(kind: int, value: Any) -> bytes:
    if kind in {INTN, FLOATN}:
        return b"\x00" if value is None else b"\x08" + struct.pack("<q" if kind == INTN else "<d", value)
    if value is None:
        return struct.pack("<H", NULL16)
    raw = value if isinstance(value, bytes) else str(value).encode("utf-16-le")
    return struct.pack("<H", len(raw)) + raw


def _call(body: bytes) -> tuple[str, dict[str, Any]]:
    """A call of ``sp_executesql``: the statement, and its values by name. Raises Gone for another procedure."""
    marker, procedure = struct.unpack_from("<HH", body)
    at = 6
    if marker != 0xFFFF:
        name = body[2 : 2 + 2 * marker].decode("utf-16-le")
        at, procedure = 4 + 2 * marker, 10 if name == "sp_executesql" else 0
    if procedure != 10:
        raise Gone
    found: list[tuple[str, Any]] = []
    while at < len(body):
        size = body[at]
        name = body[at + 1 : at + 1 + 2 * size].decode("utf-16-le")
        value, at = _parameter(body, at + 2 + 2 * size)
        found.append((name.lstrip("@"), value))
    return str(found[0][1]), dict(found[2:])


def _parameter(body: bytes, at: int) -> tuple[Any, int]:
    kind = body[at]
    if kind in {NVARCHAR, VARCHAR, VARBINARY}:
        (most,) = struct.unpack_from("<H", body, at + 1)
        at += 3 if kind == VARBINARY else 8
        raw, at = _whole(body, at) if most == NULL16 else _short(body, at)
        if raw is None or kind == VARBINARY:
            return raw, at
        return raw.decode("utf-16-le" if kind == NVARCHAR else "cp1252"), at
    size = body[at + 2]
    raw, end = body[at + 3 : at + 3 + size], at + 3 + size
    if size == 0:
        return None, end
    if kind == FLOATN:
        return struct.unpack("<d" if size == 8 else "<f", raw)[0], end
    if kind in {INTN, BITN}:
        return int.from_bytes(raw, "little", signed=kind == INTN), end
    raise Gone


def _short(body: bytes, at: int) -> tuple[bytes | None, int]:
    (size,) = struct.unpack_from("<H", body, at)
    return (None, at + 2) if size == NULL16 else (body[at + 2 : at + 2 + size], at + 2 + size)


def _whole(body: bytes, at: int) -> tuple[bytes | None, int]:
    """Values of any length come in pieces (PLP)."""
    (total,) = struct.unpack_from("<Q", body, at)
    at, found = at + 8, b""
    if total == 2**64 - 1:
        return None, at
    while True:
        (size,) = struct.unpack_from("<I", body, at)
        at += 4
        if size == 0:
            return found, at
        found, at = found + body[at : at + size], at + size
