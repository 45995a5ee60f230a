"""Whether there is anything to be done, asked without what doing it needs: no models, no tasks, one bare connection.

For a worker that rests (:mod:`idp.processes.resting`), whose process shall be small.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, column, create_engine, select, table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError

from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import StoreUnavailable

CONNECT_TIMEOUT_S: Final = 5
_ROWS: Final = table(
    "outbox", column("tenant_id"), column("done_at"), column("run_at"), column("locked_until")
)  # of every tenant, as the worker takes them


def is_due(rows: Any) -> ColumnElement[bool]:
    """The condition by which a row of the outbox may be taken at the moment ``:now`` (ms)."""
    return and_(rows.done_at.is_(None), rows.run_at <= bindparam("now"), rows.locked_until <= bindparam("now"))


_ANY_DUE: Final = select(_ROWS.c.tenant_id).where(is_due(_ROWS.c)).limit(1)


class Lookout:
    """One connection to the store, which only looks."""

    def __init__(self, database_url: str) -> None:
        sqlite = database_url.startswith("sqlite")
        self._engine = create_engine(
            database_url.partition("?")[0] if sqlite else make_url(database_url),
            pool_size=1,
            max_overflow=0,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
            connect_args={} if sqlite else {"connect_timeout": CONNECT_TIMEOUT_S, "prepare_threshold": None},
        )

    def any_due(self) -> bool:
        """Whether a row may be taken now. Raises StoreUnavailable."""
        try:
            with self._engine.connect() as connection:
                return connection.execute(_ANY_DUE, {"now": clock.now_ms()}).first() is not None
        except (OperationalError, InterfaceError) as error:
            raise StoreUnavailable(detail=f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Nothing of it is open: before a fork. The next look opens it again."""
        self._engine.dispose()
