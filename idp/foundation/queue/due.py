"""Whether there is anything to be done, asked without what doing it needs: no models, no tasks, no SQLAlchemy; the
driver's own connection and one statement.

For a worker that rests (:mod:`idp.processes.resting`), whose process shall be small. ``tests/foundation/queue`` holds
it to the answer of :func:`idp.foundation.queue.store.any_due`.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import StoreUnavailable

CONNECT_TIMEOUT_S: Final = 5
_ANY_DUE: Final = (
    "SELECT tenant_id FROM outbox WHERE done_at IS NULL AND run_at <= {now} AND locked_until <= {now} LIMIT 1"
)


def connecting(database_url: str) -> dict[str, Any]:
    """What the driver is given to connect, as SQLAlchemy has it: for a process that is forgotten again. JSON."""
    if database_url.startswith("sqlite"):
        return {"database": database_url.partition("?")[0].partition(":///")[2]}
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url

    url = make_url(database_url)
    given = dict(create_engine(url).dialect.create_connect_args(url)[1])
    given.pop("context", None)  # how SQLAlchemy's own types are written: there are none in this statement
    return {**given, "connect_timeout": CONNECT_TIMEOUT_S}


class Lookout:
    """One connection to the store, which only looks. ``connection``: see :func:`connecting`."""

    def __init__(self, connection: dict[str, Any]) -> None:
        self._how = connection
        self._open: Any = None
        self._errors: tuple[type[Exception], ...] = (sqlite3.OperationalError,)

    def any_due(self) -> bool:
        """Whether a row may be taken now. Raises StoreUnavailable."""
        try:
            return self._ask()
        except self._errors as error:
            self.close()
            raise StoreUnavailable(detail=f"{type(error).__name__}: {error}") from error

    def _ask(self) -> bool:
        now = str(clock.now_ms())
        if "database" in self._how:
            if self._open is None:
                self._open = sqlite3.connect(**self._how, isolation_level=None)
            return self._open.execute(_ANY_DUE.format(now=now)).fetchone() is not None
        import psycopg

        self._errors = (psycopg.OperationalError, psycopg.InterfaceError)
        if self._open is None:
            self._open = psycopg.connect(**{**self._how, "autocommit": True, "prepare_threshold": None})
        return self._open.execute(_ANY_DUE.format(now=now)).fetchone() is not None

    def close(self) -> None:
        """Nothing of it is open: before a fork. The next look opens it again."""
        if self._open is not None:
            self._open.close()
            self._open = None
