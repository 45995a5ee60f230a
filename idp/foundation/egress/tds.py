"""Databases of SQL Server's protocol (MS-TDS), through the same guard as HTTP, with python-tds.

Its ``connect`` looks up names, follows a server that names another one, tries again by itself, and tells the server
this machine's name and network card: none of that happens here. What it reads and writes goes through a socket of the
guard, and TLS, which TDS shakes hands for inside its own packets, is the standard library's.
"""

from __future__ import annotations

import ssl
import struct
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from idp.foundation.db.slow_work import slow_work
from idp.foundation.egress.deadline import Deadline, TooMuch
from idp.foundation.egress.guard import Refused, Unreachable
from idp.foundation.egress.sql import (
    MOST_BYTES,
    MOST_ROWS,
    Database,
    Found,
    Place,
    SqlError,
    collected,
    one_line,
    pieces,
)
from idp.foundation.settings import Settings

_ON, _NOT_SUPPORTED, _REQUIRED = 1, 2, 3
"""Values of ENCRYPTION in PRELOGIN (MS-TDS 2.2.6.5)."""
_PRELOGIN, _ENCRYPTION, _END = 18, 1, 0xFF
_TOKEN = struct.Struct(">BHH")
_UNREADABLE = (OSError, TypeError, ValueError, LookupError, RuntimeError, AssertionError, AttributeError, struct.error)
"""What the library raises beside its own errors for bytes that are no TDS."""


def opened(settings: Settings, place: Place, addresses: Sequence[str], deadline: Deadline) -> Database:
    """A connection to the first of the addresses that answers. Raises Refused, Unreachable."""
    try:
        import pytds
        from pytds.connection import NonMarsConnection
        from pytds.row_strategies import tuple_row_strategy
        from pytds.tds_socket import _TdsSocket
    except ImportError as error:
        raise Refused("the driver of SQL Server is not installed: pip install python-tds") from error
    deadline.allow(MOST_BYTES)
    login = _login(place)
    try:
        line = deadline.connect(addresses, place.port)
    except OSError as error:
        raise Unreachable(f"{place.host}: {error}") from error
    try:
        there = _TdsSocket(line, login, row_strategy=tuple_row_strategy, autocommit=True)
        there.main_session.parse_prelogin = _Prelogin(there.main_session, place, _context(settings, place, deadline))
        _stays(there.login())
        return _SqlServer(NonMarsConnection(pooling=False, key=None, tds_socket=there), pytds, deadline)
    except (pytds.Error, *_UNREADABLE) as error:
        line.close()
        raise Unreachable(f"{place.host}: {_words(error)}") from error
    except BaseException:
        line.close()
        raise


def _stays(route: Any) -> None:
    """Raises Refused where the server names another one."""
    if route is not None:
        raise Refused("the server names another one that is to be asked: name that one")


def _login(place: Place) -> Any:
    """What is said of us (LOGIN7): who asks, and nothing of this machine."""
    from pytds import tds_base

    login = tds_base._TdsLogin()  # noqa: SLF001 - its own connect() fills it in the same way, with what must not leave
    login.client_host_name = login.app_name = login.library = "Gatehouse"
    login.server_name, login.port, login.database = place.host, place.port, place.database
    login.user_name, login.password = place.user, place.password
    login.client_lcid, login.client_tz = 0x409, UTC
    login.option_flag2 = tds_base.TDS_ODBC_ON
    login.bytes_to_unicode = True
    login.enc_flag = _NOT_SUPPORTED if place.tls is False else _ON
    return login


def _context(settings: Settings, place: Place, deadline: Deadline) -> ssl.SSLContext | None:
    """How TLS is checked; None where none is wanted."""
    if place.tls is False:
        return None
    context = deadline.tls(settings.outbound_ca, web=False)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # TDS 7 has no place for what TLS 1.3 says after the handshake
    if not place.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class _Prelogin:
    """What follows the server's first answer: TLS, or its refusal. Takes the place of the library's own."""

    def __init__(self, session: Any, place: Place, context: ssl.SSLContext | None) -> None:
        self._session, self._place, self._context = session, place, context

    def __call__(self, *, octets: bytes, login: Any) -> None:
        """Raises Unreachable where one side wants TLS and the other has none."""
        said = _encryption(octets)
        login.server_enc_flag = said
        wanted = said in {_ON, _REQUIRED}
        if wanted and self._context is None:
            raise Unreachable(f"{self._place.host} wants TLS")
        if not wanted and self._context is not None:
            raise Unreachable(f"{self._place.host} has no TLS")
        if self._context is not None:
            self._secure(self._context)

    def _secure(self, context: ssl.SSLContext) -> None:
        session = self._session
        reader, writer = session._reader, session._writer  # noqa: SLF001 - as its own handshake does
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname=self._place.host)
        done = False
        while not done:
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            said = outgoing.read()
            if said:
                writer.begin_packet(_PRELOGIN)
                writer.write(said)
                writer.flush()
            if not done:
                reader.begin_response()
                while not reader.stream_finished():
                    incoming.write(reader.recv(4_096))
        secured = _Secured(session.conn.sock, tls, incoming, outgoing)
        session.conn.sock = reader._transport = writer._transport = secured  # noqa: SLF001


class _Secured:
    """The connection from then on."""

    def __init__(self, line: Any, tls: ssl.SSLObject, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
        self._line, self._tls, self._incoming, self._outgoing = line, tls, incoming, outgoing

    def sendall(self, data: bytes | bytearray, _flags: int = 0) -> None:
        """As a socket does."""
        self._tls.write(bytes(data))
        self._line.sendall(self._outgoing.read())

    def recv(self, size: int) -> bytes:
        """As a socket does."""
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                chunk = self._line.recv(65_536)
                if not chunk:
                    return b""
                self._incoming.write(chunk)

    def recv_into(self, buffer: bytearray | memoryview, size: int = 0, _flags: int = 0) -> int:
        """As a socket does."""
        found = self.recv(size or len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def gettimeout(self) -> None:
        """The deadline knows."""

    def settimeout(self, _timeout: float | None) -> None:
        """The deadline knows."""

    def close(self) -> None:
        """As a socket does."""
        self._line.close()


class _SqlServer:
    def __init__(self, connection: Any, pytds: Any, deadline: Deadline) -> None:
        self._connection, self._pytds, self._deadline = connection, pytds, deadline

    @slow_work("a call of a foreign database")
    def query(self, statement: str, values: Sequence[Any]) -> Found:
        """See :class:`idp.foundation.egress.sql.Database`. The rows are those of the first statement that has any."""
        written, count = for_pytds(statement)
        if count != len(values):
            raise SqlError(f"the statement has {count} places for values, and {len(values)} were given")
        self._deadline.allow(MOST_BYTES)
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(written, tuple(map(self._sent, values)))
                about = max(0, cursor.rowcount)
                while not cursor.description and cursor.nextset():
                    about = about or max(0, cursor.rowcount)
                fields = [column[0] for column in cursor.description or ()]
                rows = cursor.fetchmany(MOST_ROWS + 1) if fields else []
                return collected(rows, fields, len(rows) if fields else about)
        except TooMuch as error:
            raise SqlError(f"the answer is larger than {MOST_BYTES} bytes") from error
        except self._pytds.DatabaseError as error:
            if self._deadline.over:
                raise Unreachable("the database took too long") from error
            raise SqlError(_words(error), str(error.msg_no or "")) from error
        except (self._pytds.Error, *_UNREADABLE) as error:
            raise Unreachable(f"the database does not answer: {one_line(error)}") from error

    def close(self) -> None:
        """See :class:`idp.foundation.egress.sql.Database`."""
        self._connection.close()

    def _sent(self, value: Any) -> Any:
        """Bytes stay bytes; the library takes bare ones for a text."""
        return self._pytds.Binary(value) if isinstance(value, bytes) else value


def for_pytds(statement: str) -> tuple[str, int]:
    """The statement with python-tds's marks for values, and how many there are."""
    parts, count = [], 0
    for text, inside in pieces(statement, "mssql"):
        doubled = text.replace("%", "%%")
        if not inside:
            count += doubled.count("?")
            doubled = doubled.replace("?", "%s")
        parts.append(doubled)
    return "".join(parts), count


def _words(error: BaseException) -> str:
    """What the server said, else what the library says."""
    return " ".join(str(getattr(error, "text", None) or one_line(error)).split())[:300]


def _encryption(octets: bytes) -> int:
    """What the server's PRELOGIN says of TLS. Raises LookupError, struct.error for one that is none."""
    at = 0
    while octets[at] != _END:
        kind, offset, size = _TOKEN.unpack_from(octets, at)
        if kind == _ENCRYPTION and size:
            return int(octets[offset])
        at += _TOKEN.size
    return _NOT_SUPPORTED
