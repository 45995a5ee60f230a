"""One connection for one piece of work: compiled statements go straight to the driver, transactions are explicit, and
an ORM session can share it all (decision 0002). What runs here is a :class:`Statement`
(:mod:`idp.foundation.db.statement`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from idp.foundation.db.driver_errors import UniqueViolation, is_contention, is_duplicate, is_outage, outage, taken
from idp.foundation.db.slots import Slot, SlotSource
from idp.foundation.db.slow_work import held
from idp.foundation.db.statement import Statement
from idp.foundation.kernel.errors import StoreUnavailable

__all__ = ["LOCKED", "HotConnection", "Statement", "TransactionFailed", "UniqueViolation", "outage"]

R = TypeVar("R")
T = TypeVar("T")
LOCKED = "locked_rows"
"""Where an ORM session keeps which rows its transaction has locked (:class:`idp.foundation.db.session.UnitOfWork`)."""


class TransactionFailed(RuntimeError):
    """A part of the open transaction failed and somebody went on regardless: nothing of it is committed. A defect of
    whoever kept the failure from leaving the outermost block.
    """


class HotConnection:
    """A connection in autocommit, checked out for one piece of work: statements go straight to its driver, and an ORM
    session (:attr:`session`) can share it. Use it as a context manager.

    Transactions are explicit. A block of :meth:`transaction` inside another one joins it, so that a use case that
    writes can be part of a larger one. ``slots`` lends the connection (:mod:`idp.foundation.db.slots`).
    """

    def __init__(self, slots: SlotSource) -> None:
        self._slots = slots
        self._slot: Slot | None = None
        self._fresh = True
        self._waiting = self._looking = self._failed = False
        self.session: Session | None = None
        """The ORM session on this connection, once somebody asked for rows
        (:meth:`idp.foundation.db.session.Database.rows`).
        """
        self._began = False
        self._last: dict[Callable[[HotConnection, list[Any]], None], list[Any]] = {}

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open now."""
        return self._began

    def __enter__(self) -> Self:
        self._ready()
        held.connections.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connection(self) -> Connection:
        """The same connection as SQLAlchemy knows it. It begins, commits and rolls back nothing by itself."""
        return self._ready().sqlalchemy()

    def run(self, statement: Statement[Any], **values: Any) -> int:
        """Execute; answers the number of rows that changed."""
        self._write()
        return int(self._execute(statement, values).rowcount)

    def one(self, statement: Statement[R], **values: Any) -> R | None:
        """The first row, or None."""
        raw = self._execute(statement, values).fetchone()
        return None if raw is None else statement.make(raw)

    def all(self, statement: Statement[R], **values: Any) -> list[R]:
        """Every row."""
        return [statement.make(raw) for raw in self._execute(statement, values).fetchall()]

    def many(self, statement: Statement[Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once per mapping of ``rows``. Raises UniqueViolation and StoreUnavailable like the others, but never
        tries a second time.
        """
        self._all_of_them(lambda slot: slot.many(statement, rows))

    def pour(self, statement: Statement[Any], rows: Sequence[Mapping[str, Any]]) -> None:
        """The same for many rows of one table: each names the same columns, and ``statement`` is an INSERT of them."""
        if rows:
            self._all_of_them(lambda slot: slot.pour(statement, rows))

    def _all_of_them(self, run: Callable[[Slot], None]) -> None:
        self._write()
        self._flush()
        slot = self._ready()
        try:
            run(slot)
        except Exception as error:
            self._failed = self.in_transaction
            if is_duplicate(error):
                raise UniqueViolation(taken(error)) from error
            if not is_outage(error):
                raise
            self._lose()
            raise outage(error) from error

    @contextmanager
    def transaction(self, *, lazily: bool = False) -> Iterator[None]:
        """``BEGIN IMMEDIATE`` on SQLite, ``BEGIN`` on Postgres; commits on leaving, rolls back when an exception
        passes.

        Inside another one it joins, and what fails in it fails as a whole: after an exception has left an inner block
        nothing is written and nothing commits, whoever catches it. ``lazily`` waits for the first thing that needs it:
        rows of the ORM session, a statement that writes, or an inner block that is not lazy; what goes before, such as
        hashing a password, holds no lock.

        :raises TransactionFailed: a part of it failed, and its error was swallowed.
        """
        if self._began or self._waiting:
            with self._part():
                if not lazily:
                    self.begin_if_waiting()
                yield
            return
        if self._looking:
            raise RuntimeError("no transaction begins while looking")
        self._waiting = True
        try:
            if not lazily:
                self.begin_if_waiting()
            yield
            self._flush()
            if self.in_transaction:
                self._refuse_unsound()
                for write, items in self._last.items():
                    write(self, items)
                self._attempt(_commit)
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._waiting = self._failed = False
            self._last.clear()
            self._left()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Inside, a lazy transaction does not begin, so nothing may be written either; an open one stays as it is."""
        before = self._waiting, self._looking
        self._waiting, self._looking = False, True
        try:
            yield
        finally:
            self._waiting, self._looking = before

    def at_commit(self, write: Callable[[HotConnection, list[T]], None], item: T) -> None:
        """``write`` is called once, right before the open transaction commits, with every item given here: for rows
        that everybody waits for while one transaction holds them.
        """
        self._write()
        self._last.setdefault(write, []).append(item)

    def begin_if_waiting(self) -> None:
        """Begin the transaction of a lazy block, once. Whatever the session has loaded before is read again under it.

        :raises TransactionFailed: it has begun, and failed.
        """
        if self.in_transaction:
            self._refuse_unsound()
        elif self._waiting:
            if self.session is not None and self.session.dirty:
                raise RuntimeError("a row that was read before the transaction was changed: read it inside")
            self._attempt(_begin)
            self._began = True
            held.transactions += 1
            if self.session is not None:
                self.session.expire_all()
                self.session.info.pop(LOCKED, None)

    def close(self) -> None:
        """Back to the pool, whatever becomes of the session."""
        try:
            self._close_session()
        finally:
            if self in held.connections:
                held.connections.remove(self)
            self._give_back()

    def rest(self) -> None:
        """Back to the pool until the next statement. The ORM session keeps its rows, and asks for a connection again.
        Raises RuntimeError where rows were changed that no transaction has: they could not be written.
        """
        if not self.in_transaction:
            if self.session is not None:
                if self.session.new or self.session.dirty or self.session.deleted:
                    raise RuntimeError("rows were changed before the transaction, and slow work begins")
                self.session.commit()  # writes nothing and ends no transaction: it lets go of the connection
            self._give_back()

    def _give_back(self) -> None:
        slot, self._slot = self._slot, None
        if slot is not None:
            self._slots.give(slot)

    def _ready(self) -> Slot:
        """The connection; one is taken again after :meth:`rest`."""
        if self._slot is None:
            if self._began:
                raise StoreUnavailable(detail="the connection was lost inside of this transaction")
            self._fresh = True
            try:
                self._slot = self._slots.take()
            except StoreUnavailable:
                raise
            except Exception as error:
                raise outage(error) from error
        return self._slot

    def _write(self) -> None:
        if self._looking and not self.in_transaction:
            raise RuntimeError("nothing is written while looking")
        self.begin_if_waiting()

    @contextmanager
    def _part(self) -> Iterator[None]:
        """A block that joined the transaction."""
        try:
            yield
        except BaseException:
            self._failed = self.in_transaction
            raise

    def _refuse_unsound(self) -> None:
        """The driver must have the transaction open too: a flush that failed has rolled it back, and Postgres answers
        the COMMIT of an aborted one as if nothing were wrong.
        """
        if self._failed or self._slot is None or not self._slot.in_transaction(sound=True):
            raise TransactionFailed("a part of this transaction failed: nothing of it is committed")

    def _left(self) -> None:
        if self.in_transaction:
            self._began = False
            held.transactions -= 1

    def _roll_back(self) -> None:
        session, self.session = self.session, None
        try:
            if session is not None:
                session.close()  # rolls back, where the driver knows of a transaction
            if self._slot is not None and self.in_transaction and self._slot.in_transaction():
                self._slot.command("ROLLBACK")
        except Exception:  # noqa: BLE001 - the connection is gone or the server ended the transaction: nothing was written
            self._lose()

    def _close_session(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.close()

    def _flush(self) -> None:
        """What the session holds back is written before a statement that may depend on it."""
        if self.session is not None:
            self.session.flush()

    def _lose(self) -> None:
        """The connection died: nobody gets it again."""
        self.session = None
        slot, self._slot = self._slot, None
        if slot is not None:
            self._slots.lose(slot)

    def _execute(self, statement: Statement[Any], values: dict[str, Any]) -> Any:
        if self.session is not None:
            self.session.flush()
        return self._attempt(lambda slot: slot.execute(statement, values))

    def _attempt(self, run: Callable[[Slot], Any]) -> Any:
        slot = self._ready()
        try:
            answer = run(slot)
        except Exception as error:
            self._failed = self.in_transaction
            if is_duplicate(error):
                raise UniqueViolation(taken(error)) from error
            if is_contention(error):
                raise outage(error) from error
            if not is_outage(error):
                raise
            answer = self._once_more(run, error, again=not slot.sqlite)
        self._fresh = False
        return answer

    def _once_more(self, run: Callable[[Slot], Any], error: Exception, *, again: bool) -> Any:
        """A pooled Postgres connection dies with a restart of the server: the first statement gets a second try."""
        rows_were_read = self.session is not None
        self._lose()
        if not again or not self._fresh or rows_were_read or self.in_transaction:
            raise outage(error) from error
        self._slots.dispose()
        self._ready()
        self._fresh = False
        return self._attempt(run)


def _begin(slot: Slot) -> None:
    slot.command("BEGIN IMMEDIATE" if slot.sqlite else "BEGIN")


def _commit(slot: Slot) -> None:
    slot.command("COMMIT")
