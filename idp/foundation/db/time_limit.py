"""Statements that must not run for long: searches whose cost the caller chooses (security.md Y1)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

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
        session.connection().exec_driver_sql(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        yield


@contextmanager
def _transaction(session: Session) -> Iterator[None]:
    """The limit ends with it: behind a pooler the next transaction may be somebody else's. What a session would do with
    these texts beforehand takes as long as a search.
    """
    connection = session.connection()
    connection.exec_driver_sql("BEGIN READ ONLY")
    try:
        yield
    except BaseException:
        if not connection.invalidated:
            connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
