"""Databases of others, through the same guard as HTTP: PostgreSQL with psycopg, MySQL and MariaDB with PyMySQL,
SQL Server with python-tds (:mod:`.tds`).

The address is checked first and the driver connects to it alone; one deadline covers connecting and every query. Values
are passed beside the statement. Statements of PostgreSQL name them ``$1``, the others ``?``.
"""

from __future__ import annotations

import datetime as dt
import decimal
import ssl
import struct
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from idp.foundation.db.slow_work import slow_work
from idp.foundation.egress import guard
from idp.foundation.egress.deadline import CONNECT_S, Deadline, TooMuch, metered
from idp.foundation.egress.guard import EgressError, Refused, Unreachable
from idp.foundation.settings import Settings

TOTAL_S = 10.0
"""From the look-up of the name to the last row of the last query."""
MOST_ROWS = 1_000
MOST_CHARS = 1_000_000
"""Of all values of an answer together."""
MOST_BYTES = 8 * 1024 * 1024
"""Of an answer on its way here: drivers read it whole before its rows can be counted."""
Kind = Literal["postgresql", "mysql", "mssql"]
PORTS: Mapping[Kind, int] = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}
_SCHEMES: Mapping[str, Kind] = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mssql": "mssql",
    "sqlserver": "mssql",
}
_UNENCRYPTED = {"disable", "allow", "prefer", "false"}
TAKEN = frozenset({"23505", "1062", "2601", "2627"})
"""Codes of a statement that a unique key refused."""
LARGEST_NUMBER = 2**53 - 1


class SqlError(EgressError):
    """The database refused a statement; ``code`` is its own (SQLSTATE, or the number of MySQL and SQL Server)."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Place:
    """A database and who asks. ``tls`` None takes it where the server has it; ``verify`` checks its certificate."""

    kind: Kind
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    database: str = ""
    tls: bool | None = None
    verify: bool = True


@dataclass(frozen=True)
class Found:
    """What a statement brought: rows by column, how many it was about, and the id that MySQL gave a new row."""

    rows: list[dict[str, Any]]
    fields: list[str]
    count: int
    last_id: int | None = None


class Database(Protocol):
    """An open connection."""

    def query(self, statement: str, values: Sequence[Any]) -> Found:
        """Run one statement, committed at once. Raises SqlError, Unreachable."""

    def close(self) -> None:
        """End it."""


def place_of(url: str) -> Place:
    """The place that a URL names (``postgres://user:password@host:5432/database?sslmode=require``). Raises Refused."""
    try:
        parts = urlsplit(url)
        kind, port = _SCHEMES[parts.scheme], parts.port
    except (ValueError, KeyError) as error:
        raise Refused("not the URL of a PostgreSQL, MySQL or SQL Server database") from error
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    mode = query.get("sslmode") or query.get("ssl-mode") or query.get("ssl") or query.get("encrypt")
    return Place(
        kind=kind,
        host=unquote(parts.hostname or query.get("host", "")),
        port=port or PORTS[kind],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.lstrip("/")),
        tls=None if mode is None else mode.lower() not in _UNENCRYPTED,
        verify=mode not in {"require", "no-verify"} and query.get("trustServerCertificate") != "true",
    )


@slow_work("a call of a foreign database")
def open_database(settings: Settings, place: Place, *, seconds: float = TOTAL_S) -> Database:
    """Connect. Raises Refused, Unreachable, SqlError."""
    deadline = Deadline(seconds, idle=seconds)
    addresses = guard.check_server(place.host, place.port, settings.outbound_allow, _resolver(deadline))
    return _OPENED[place.kind](settings, place, addresses, deadline)


def _resolver(deadline: Deadline) -> guard.Resolver:
    return lambda host, port: guard.resolve(host, port, deadline)


def _postgresql(settings: Settings, place: Place, addresses: Sequence[str], deadline: Deadline) -> Database:
    try:
        import psycopg
    except ImportError as error:
        raise Refused("the driver of PostgreSQL is not installed") from error
    mode = {None: "prefer", False: "disable", True: "verify-full" if place.verify else "require"}[place.tls]

    class Hurried(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                measured = metered(self.pgconn.socket, gen, MOST_BYTES)
                return super().wait(measured, interval=interval, timeout=deadline.left())
            except BaseException as error:
                if deadline.over or isinstance(error, TooMuch):
                    self.pgconn.finish()
                raise

    try:
        connection = Hurried.connect(
            host=place.host,
            hostaddr=",".join(addresses[:1]),
            port=place.port,
            user=place.user or None,
            password=place.password or None,
            dbname=place.database or None,
            sslmode=mode,
            sslrootcert=(settings.outbound_ca or "system") if mode == "verify-full" else None,
            connect_timeout=int(CONNECT_S),
            application_name="Gatehouse",
            gssencmode="disable",
            autocommit=True,
            prepare_threshold=None,
        )
    except psycopg.Error as error:
        raise Unreachable(f"{place.host}: {one_line(error)}") from error
    return _Postgres(connection, psycopg, deadline)


class _Postgres:
    def __init__(self, connection: Any, psycopg: Any, deadline: Deadline) -> None:
        self._connection, self._psycopg, self._deadline = connection, psycopg, deadline

    @slow_work("a call of a foreign database")
    def query(self, statement: str, values: Sequence[Any]) -> Found:
        """See :class:`Database`."""
        try:
            with self._psycopg.RawCursor(self._connection) as cursor:
                cursor.execute(statement, list(values) or None)
                fields = [column.name for column in cursor.description or ()]
                rows = cursor.fetchmany(MOST_ROWS + 1) if fields else []
                return collected(rows, fields, max(0, cursor.rowcount))
        except self._psycopg.Error as error:
            if self._deadline.over or error.sqlstate is None:
                raise Unreachable(f"the database does not answer: {one_line(error)}") from error
            raise SqlError(one_line(error), error.sqlstate) from error
        except TimeoutError as error:
            raise Unreachable("the database took too long") from error
        except TooMuch as error:
            raise SqlError(f"the answer is larger than {MOST_BYTES} bytes") from error

    def close(self) -> None:
        """See :class:`Database`."""
        self._connection.close()


def _mysql(settings: Settings, place: Place, addresses: Sequence[str], deadline: Deadline) -> Database:
    try:
        import pymysql
        import pymysql.constants.CLIENT
    except ImportError as error:
        raise Refused("the driver of MySQL is not installed") from error
    context = deadline.tls(settings.outbound_ca, web=False) if place.tls else None
    if context is not None and not place.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    connection = pymysql.connect(
        host=place.host,
        port=place.port,
        user=place.user,
        password=place.password,
        database=place.database or None,
        charset="utf8mb4",
        ssl=context,
        ssl_disabled=context is None,
        autocommit=True,
        local_infile=False,
        defer_connect=True,
        program_name="Gatehouse",
        client_flag=pymysql.constants.CLIENT.FOUND_ROWS,
    )
    deadline.allow(MOST_BYTES)
    try:
        connection.connect(deadline.connect(addresses, place.port))
    except (pymysql.Error, OSError, ValueError, LookupError, RuntimeError, AssertionError, struct.error) as error:
        raise Unreachable(f"{place.host}: {one_line(error)}") from error
    return _MySql(connection, pymysql, deadline)


class _MySql:
    def __init__(self, connection: Any, pymysql: Any, deadline: Deadline) -> None:
        self._connection, self._pymysql, self._deadline = connection, pymysql, deadline

    @slow_work("a call of a foreign database")
    def query(self, statement: str, values: Sequence[Any]) -> Found:
        """See :class:`Database`."""
        written, count = for_pymysql(statement)
        if count != len(values):
            raise SqlError(f"the statement has {count} places for values, and {len(values)} were given")
        self._deadline.allow(MOST_BYTES)
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(written, tuple(values))
                fields = [column[0] for column in cursor.description or ()]
                rows = cursor.fetchmany(MOST_ROWS + 1) if fields else []
                return collected(rows, fields, max(0, cursor.rowcount), cursor.lastrowid or 0)
        except self._pymysql.Error as error:
            code = str(error.args[0]) if error.args else ""
            if self._deadline.over or code in {"2006", "2013"}:
                raise Unreachable(f"the database does not answer: {one_line(error)}") from error
            raise SqlError(one_line(error), code) from error
        except (OSError, TypeError, ValueError, LookupError, RuntimeError, AssertionError, struct.error) as error:
            raise Unreachable(f"the database does not answer: {one_line(error)}") from error  # nor as MySQL does

    def close(self) -> None:
        """See :class:`Database`."""
        if self._connection.open:
            self._connection.close()


def _mssql(settings: Settings, place: Place, addresses: Sequence[str], deadline: Deadline) -> Database:
    from idp.foundation.egress import tds

    return tds.opened(settings, place, addresses, deadline)


_OPENED: Mapping[Kind, Callable[[Settings, Place, Sequence[str], Deadline], Database]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mssql": _mssql,
}


def for_pymysql(statement: str) -> tuple[str, int]:
    """The statement with PyMySQL's marks for values, and how many there are."""
    parts, count = [], 0
    for text, inside in pieces(statement, "mysql"):
        doubled = text.replace("%", "%%")
        if not inside:
            count += doubled.count("?")
            doubled = doubled.replace("?", "%s")
        parts.append(doubled)
    return "".join(parts), count


def pieces(statement: str, kind: Kind) -> Iterator[tuple[str, bool]]:
    """The statement in pieces: True for what stands in quotes or is a comment, in which no mark means a value. In
    literals of MySQL a backslash takes away what the next character means.
    """
    ends = {"'": "'", '"': '"', "`": "`", "--": "\n", "/*": "*/"}
    if kind == "mssql":
        ends = {**ends, "[": "]"}
    start = at = 0
    while at < len(statement):
        opening = next((mark for mark in ends if statement.startswith(mark, at)), None)
        if opening is None:
            at += 1
            continue
        yield statement[start:at], False
        escapes = kind == "mysql" and opening in {"'", '"'}
        found = _end_of(statement, ends[opening], at + len(opening), escapes=escapes)
        start, at = at, len(statement) if found < 0 else found + len(ends[opening])
        yield statement[start:at], True
        start = at
    yield statement[start:], False


def _end_of(statement: str, closing: str, at: int, *, escapes: bool) -> int:
    while escapes and at < len(statement) and statement[at] != closing:
        at += 2 if statement[at] == "\\" else 1
    return statement.find(closing, at)


def collected(rows: Sequence[Any], fields: list[str], count: int, last_id: int | None = None) -> Found:
    """The answer, as JSON has its values. Raises SqlError where it is too large."""
    if len(rows) > MOST_ROWS:
        raise SqlError(f"the answer has more than {MOST_ROWS} rows")
    read = [{name: _plain(value) for name, value in zip(fields, row, strict=True)} for row in rows]
    if sum(len(str(value)) for row in read for value in row.values()) > MOST_CHARS:
        raise SqlError(f"the answer is larger than {MOST_CHARS} characters")
    return Found(read, fields, count, last_id)


_AS_TEXT: Mapping[type, Callable[[Any], Any]] = {
    dt.datetime: lambda value: value.isoformat(),
    dt.date: lambda value: value.isoformat(),
    dt.time: lambda value: value.isoformat(),
    dt.timedelta: str,
    decimal.Decimal: str,
    uuid.UUID: str,
}


def _plain(value: Any) -> Any:
    """A value as JSON has it; bytes stay bytes. Numbers that JavaScript cannot hold become texts."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_NUMBER:
        return str(value)
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | int | float | bytes | dict):
        return value
    return _AS_TEXT.get(type(value), str)(value)


def one_line(error: BaseException) -> str:
    """What it says, for logs."""
    text = str(error.args[-1]) if error.args else type(error).__name__
    return " ".join(text.split())[:300]
