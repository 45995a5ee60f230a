"""Compiled statements on Postgres: one call of libpq each, below psycopg's cursors.

A cursor of psycopg rewrites the text, guesses the types of the values (a small number and a large one are two prepared
statements), and polls the socket from Python; that costs more than many a statement does. Here each statement is
prepared once per connection under its own name, whatever its values are and whether or not a transaction was rolled
back. psycopg goes on to load the values of rows.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg._preparing import PrepareManager
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from idp.foundation.db.statement import Numbered, Statement

TEXT, BINARY = 0, 1
_GOOD: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)
_FORGOTTEN: Final = (errors.InvalidSqlStatementName, errors.FeatureNotSupported)
"""The server has another idea of a prepared statement: somebody discarded it, or a migration changed its columns."""


class KeepsPrepared(PrepareManager):
    """What psycopg prepared for the ORM stays when a transaction is rolled back: Postgres keeps it, too."""

    def clear(self) -> bool:
        """Nothing is forgotten."""
        return False

    @classmethod
    def on(cls, connection: psycopg.Connection[Any], most: int) -> None:
        """From now on, at most ``most`` statements on ``connection``."""
        kept = cls()
        kept.prepare_threshold, kept.prepared_max = connection.prepare_threshold, most
        connection._prepared = kept  # noqa: SLF001 - psycopg has no other way, and is pinned by the lock


class Answer:
    """What a statement answered, as a cursor would say it."""

    __slots__ = ("_result", "_rows")

    def __init__(self, result: Any, rows: Any) -> None:
        self._result = result
        self._rows = rows

    @property
    def rowcount(self) -> int:
        """Rows that it changed or found."""
        return int(self._result.command_tuples or 0)

    def fetchone(self) -> Any:
        """The first row, or None."""
        if not self._result.ntuples:
            return None
        self._rows.set_pgresult(self._result)
        return self._rows.load_row(0, tuple)

    def fetchall(self) -> list[Any]:
        """Every row."""
        self._rows.set_pgresult(self._result)
        found: list[Any] = self._rows.load_rows(0, self._result.ntuples, tuple)
        return found


class Direct:
    """A connection of psycopg, spoken to below its cursors. ``prepare``: statements are prepared under their names;
    otherwise each is planned for its values, once.
    """

    def __init__(self, connection: psycopg.Connection[Any], *, prepare: bool) -> None:
        self._pgconn: Any = connection.pgconn
        self._rows: Any = Transformer(connection)  # psycopg's C type, or its Python one
        self._prepared: set[bytes] | None = set() if prepare else None

    def execute(self, statement: Statement[Any], values: dict[str, Any]) -> Answer:
        """Run a statement. Raises psycopg's errors."""
        numbered = statement.numbered()
        parameters, formats = self._parameters(numbered, values)
        if self._prepared is None:
            return self._answer(self._pgconn.exec_params, numbered.text, parameters, None, formats)
        if numbered.name not in self._prepared:
            self._prepare(numbered, self._prepared)
        try:
            return self._answer(self._pgconn.exec_prepared, numbered.name, parameters, formats)
        except _FORGOTTEN as error:
            self._prepared.discard(numbered.name)
            if self._pgconn.transaction_status != TransactionStatus.IDLE:
                # the transaction is lost, and so is the connection, which would fail at the same place again
                raise psycopg.OperationalError("a prepared statement is not what it was") from error
        self._prepare(numbered, self._prepared)
        return self._answer(self._pgconn.exec_prepared, numbered.name, parameters, formats)

    def command(self, text: str) -> None:
        """Run a command without parameters, such as ``BEGIN``."""
        self._answer(self._pgconn.exec_, text.encode())

    def _prepare(self, numbered: Numbered, prepared: set[bytes]) -> None:
        try:
            self._answer(self._pgconn.prepare, numbered.name, numbered.text)
        except errors.DuplicatePreparedStatement:
            self.command(f'DEALLOCATE "{numbered.name.decode()}"')
            self._answer(self._pgconn.prepare, numbered.name, numbered.text)
        prepared.add(numbered.name)

    def _answer(self, call: Any, *values: Any) -> Answer:
        try:
            result = call(*values)
        except MemoryError as error:  # libpq gives no result at all, also where there is no connection any more
            if self._pgconn.status == ConnStatus.BAD:
                raise psycopg.OperationalError("the connection is lost") from error
            raise
        if result.status in _GOOD:
            return Answer(result, self._rows)
        if self._pgconn.status == ConnStatus.BAD:
            raise psycopg.OperationalError(result.get_error_message("utf-8"))
        raise errors.error_from_result(result)

    def _parameters(self, numbered: Numbered, values: dict[str, Any]) -> tuple[list[bytes | None], list[int] | None]:
        """The values as Postgres reads them: text, whose type the statement's own casts say."""
        if numbered.fixed:
            values = {**numbered.fixed, **values}
        parameters: list[bytes | None] = []
        formats: list[int] | None = None
        for name in numbered.parameters:
            value = values[name]
            kind = type(value)
            if kind is str:
                parameters.append(_text(value))
            elif value is None:
                parameters.append(None)
            elif kind is int:
                parameters.append(b"%d" % value)
            elif kind is bytes:
                formats = formats or [TEXT] * len(numbered.parameters)
                formats[len(parameters)] = BINARY
                parameters.append(value)
            else:
                parameters.append(self._rarely(value))
        return parameters, formats

    def _rarely(self, value: Any) -> bytes | None:
        if isinstance(value, str):
            return _text(str.__str__(value))
        dumped = self._rows.get_dumper(value, PyFormat.TEXT).dump(value)
        return None if dumped is None else bytes(dumped)


def _text(value: str) -> bytes:
    """The bytes of a text. What libpq takes ends at a NUL, and it would store what stands before it."""
    if "\0" in value:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return value.encode()
