"""A hot connection that is really an ORM session's: services written for bare statements join the session's transaction.

The Management API works with ORM rows and calls services that run hot statements; both must be one commit, and SQLite has one writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from idp.db.hot import HotConnection


class JoinedConnection(HotConnection):
    """Runs statements on ``session``'s own connection, after flushing what the session holds back.

    Closing, committing and rolling back are the session's; :meth:`transaction` therefore only marks the block.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session.get_bind().engine)
        self._session = session

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The session's transaction, which is open or opens with the first statement."""
        yield

    def close(self) -> None:
        """Nothing: the session owns the connection."""
        self._cursor = None

    def many(self, statement: Any, rows: Any) -> None:
        """See :meth:`HotConnection.many`."""
        self._join()
        super().many(statement, rows)

    def _open(self) -> None:
        self._join()

    def _send(self, sql: str, values: dict[str, Any] | None) -> Any:
        self._join()
        return super()._send(sql, values)

    def _join(self) -> None:
        self._session.flush()
        if self._cursor is None:
            self._pooled = self._session.connection().connection
            self._cursor = self._pooled.cursor()
        self._fresh = False
        self.in_transaction = True
