"""The connections of hot paths: as many as there is work at a time, each with what it has prepared.

A thread takes one for a piece of work and gives it back; the one that was used last is taken first, so that few are
warm and the others rest. Taking and giving are a list's own, since the pool of SQLAlchemy costs more than many a
statement; it still opens the connections. Whoever finds none waits, and is told when that takes too long.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection, Engine

from idp.foundation.db.copying import copied
from idp.foundation.db.statement import Statement
from idp.foundation.kernel.errors import StoreUnavailable

if TYPE_CHECKING:
    from idp.foundation.db.postgres import Direct

_IDLE, _IN_TRANSACTION = 0, 2  # libpq's PQTRANS_IDLE and PQTRANS_INTRANS
ANSWERS_S = 1.0
"""So long after its last answer a server is taken to be there."""
KEPT = 4
"""Connections of a pool that are lent without it: fewer than it keeps open (:mod:`idp.foundation.db.engine`)."""


class Slot:
    """One connection to the store, as everybody needs it: the driver's, SQLAlchemy's, and that of statements."""

    __slots__ = ("_engine", "_sqlalchemy", "direct", "driver", "generation", "pooled")

    def __init__(self, engine: Engine, generation: int = 0, *, sqlalchemy: Connection | None = None) -> None:
        """:raises Exception: the driver's or SQLAlchemy's, when the store does not answer."""
        self._engine = engine
        self._sqlalchemy = sqlalchemy
        self.generation = generation
        self.pooled = engine.raw_connection() if sqlalchemy is None else sqlalchemy.connection
        driver: Any = self.pooled.driver_connection
        self.driver = driver
        self.direct: Direct | None = None
        """On Postgres, what runs compiled statements."""
        if engine.dialect.name == "postgresql":
            from idp.foundation.db.postgres import Direct

            self.direct = Direct(driver, prepare=sqlalchemy is None and driver.prepare_threshold is not None)

    def sqlalchemy(self) -> Connection:
        """The same connection as SQLAlchemy knows it."""
        if self._sqlalchemy is None:
            self._sqlalchemy = Connection(self._engine, self.pooled)
        return self._sqlalchemy

    def execute(self, statement: Statement[Any], values: dict[str, Any]) -> Any:
        """Run a statement; answers what a cursor would. Raises the driver's errors."""
        if self.direct is not None:
            return self.direct.execute(statement, values)
        sql, fixed = statement.sql("sqlite")
        return self.driver.execute(sql, {**fixed, **values} if fixed else values)

    def many(self, statement: Statement[Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once per mapping of ``rows``. Raises the driver's errors."""
        sql, fixed = statement.sql(self._engine.dialect.name)
        self.driver.cursor().executemany(sql, [{**fixed, **row} for row in rows])

    def pour(self, statement: Statement[Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """The same for an INSERT of a table's own columns, with COPY on Postgres. Raises the driver's errors."""
        if self.direct is None:
            self.many(statement, rows)
            return
        command, data = copied(statement, rows)
        with self.driver.cursor().copy(command) as copy:
            copy.write(data)

    def command(self, text: str) -> None:
        """Run a command without parameters, such as ``COMMIT``. Raises the driver's errors."""
        if self.direct is not None:
            self.direct.command(text)
        else:
            self.driver.execute(text)

    def in_transaction(self, *, sound: bool = False) -> bool:
        """What the driver says; ``sound``: an aborted one is none."""
        if self.direct is None:
            return bool(self.driver.in_transaction)
        status = int(self.driver.pgconn.transaction_status)
        return status == _IN_TRANSACTION if sound else status != _IDLE

    @property
    def sqlite(self) -> bool:
        """Whether it is a file that was opened, and no server."""
        return self.direct is None

    @property
    def whole(self) -> bool:
        """Whether somebody else may have it: it has no transaction open, and SQLAlchemy did not find it dead."""
        known = self._sqlalchemy
        return (known is None or (bool(self.pooled.is_valid) and not known.in_transaction())) and (
            not self.in_transaction()
        )

    def close(self) -> None:
        """Give it back to SQLAlchemy."""
        if self._sqlalchemy is not None:
            self._sqlalchemy.close()
        else:
            self.pooled.close()

    def lose(self) -> None:
        """Close it for good: it died, or is not needed any more."""
        if self.pooled.is_valid:  # SQLAlchemy may have found out before
            self.pooled.invalidate()
        if self._sqlalchemy is not None:
            self._sqlalchemy.close()


class SlotSource(Protocol):
    """Who lends connections."""

    def take(self) -> Slot:
        """A connection for one piece of work. Raises StoreUnavailable, or the driver's or SQLAlchemy's errors."""

    def give(self, slot: Slot) -> None:
        """Back."""

    def lose(self, slot: Slot) -> None:
        """It died."""

    def dispose(self) -> None:
        """The next ones are fresh."""


class PoolSlots:
    """The connections of SQLAlchemy's own pool, in autocommit: for queries that callers shape, which Postgres plans
    anew each time.

    The one that was given back last is lent again without the pool, whose look at whether the server still answers is
    a question of its own: nobody takes it within :data:`ANSWERS_S` of an answer.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[tuple[float, Slot]] = []
        self._generation = 0

    @property
    def idle(self) -> int:
        """How many of the pool's connections are lent to nobody."""
        return len(self._idle)

    def take(self) -> Slot:
        """See :class:`SlotSource`."""
        try:
            since, slot = self._idle.pop()
        except IndexError:
            return Slot(self._engine, self._generation, sqlalchemy=self._engine.connect())
        if time.monotonic() - since < ANSWERS_S:
            return slot
        slot.close()  # the pool looks
        return self.take()

    def give(self, slot: Slot) -> None:
        """See :class:`SlotSource`."""
        if slot.generation != self._generation:
            slot.lose()
        elif len(self._idle) < KEPT and slot.whole:
            self._idle.append((time.monotonic(), slot))
        else:
            slot.close()

    def lose(self, slot: Slot) -> None:
        """See :class:`SlotSource`."""
        slot.lose()

    def dispose(self) -> None:
        """See :class:`SlotSource`."""
        self._generation += 1
        ended, self._idle = self._idle, []
        for _, slot in ended:
            slot.lose()
        self._engine.dispose()


class Slots:
    """At most ``most`` connections of ``engine``."""

    def __init__(self, engine: Engine, *, most: int, wait_s: float) -> None:
        self._engine = engine
        self._most = most
        self._wait_s = wait_s
        self._idle: list[Slot] = []
        self._open = 0
        self._waiting = 0
        self._generation = 0
        self._returned = threading.Condition()

    @property
    def size(self) -> int:
        """How many are open."""
        return self._open

    @property
    def in_use(self) -> int:
        """How many somebody has."""
        return self._open - len(self._idle)

    def take(self) -> Slot:
        """A connection for one piece of work.

        :raises StoreUnavailable: all of them were in use for the whole of ``wait_s``.
        """
        try:
            return self._idle.pop()
        except IndexError:
            return self._another()

    def give(self, slot: Slot) -> None:
        """Back, for whoever comes next."""
        if slot.generation != self._generation or not slot.whole:
            self.lose(slot)
            return
        self._idle.append(slot)
        if self._waiting:
            with self._returned:
                self._returned.notify()

    def lose(self, slot: Slot) -> None:
        """Close it for good."""
        try:
            slot.lose()
        finally:
            with self._returned:
                if slot.generation == self._generation:
                    self._open -= 1
                self._returned.notify()

    def dispose(self) -> None:
        """Close those that nobody uses; the others end when they come back. The next ones are fresh."""
        with self._returned:
            self._generation += 1
            ended, self._idle, self._open = self._idle, [], 0
        for slot in ended:
            slot.lose()
        self._engine.dispose()

    def _another(self) -> Slot:
        end = time.monotonic() + self._wait_s
        with self._returned:
            self._waiting += 1  # before the look: whoever returns one afterwards says so
            try:
                while self._open >= self._most:
                    try:
                        return self._idle.pop()
                    except IndexError:
                        left = end - time.monotonic()
                        if left <= 0 or not self._returned.wait(left):
                            raise StoreUnavailable(detail=f"all {self._most} connections are in use") from None
                self._open += 1
                generation = self._generation
            finally:
                self._waiting -= 1
        try:
            return Slot(self._engine, generation)
        except BaseException:
            with self._returned:
                if generation == self._generation:
                    self._open -= 1
                self._returned.notify()
            raise
