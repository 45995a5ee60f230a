"""Statements that must not run for long: searches whose cost the caller chooses (security.md Y1)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

_STEPS_BETWEEN_LOOKS = 20_000


@contextmanager
def time_limit(session: Session, seconds: float) -> Iterator[None]:
    """Within the block the database gives a statement up after ``seconds``; the session's owner turns that into 503."""
    driver = session.connection().connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        end = time.monotonic() + seconds
        driver.set_progress_handler(lambda: int(time.monotonic() > end), _STEPS_BETWEEN_LOOKS)
        try:
            yield
        finally:
            driver.set_progress_handler(None, 0)
        return
    with _transaction(session):
        limit = {"limit": str(int(seconds * 1000))}
        session.execute(text("SELECT set_config('statement_timeout', :limit, true)"), limit)
        yield


@contextmanager
def _transaction(session: Session) -> Iterator[None]:
    """The limit ends with it: behind a pooler the next transaction may be somebody else's."""
    connection = session.connection()
    session.execute(text("BEGIN READ ONLY"))
    try:
        yield
    except BaseException:
        if not connection.invalidated:
            session.execute(text("ROLLBACK"))
        raise
    session.execute(text("COMMIT"))
