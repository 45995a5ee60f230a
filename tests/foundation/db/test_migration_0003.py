"""Revision 0003 with rows in the tables: waiting work goes on, nobody took part in sessions that are gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from idp.foundation.db import migrate
from idp.foundation.db.engine import open_engine

WAITING = (
    "INSERT INTO outbox (id, tenant_id, task, payload_sealed, run_at, attempts, locked_until, created_at)"
    " VALUES ('out_1', 'default', 'mail.send', 'sealed', 1, 0, 0, 1)"
)
TOOK_PART = (
    "INSERT INTO session_clients (session_id, client_id, tenant_id, created_at) VALUES ('gone', 'c', 'default', 1)"
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.counterpart)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/idp.db"
    url: str = request.getfixturevalue("postgres_url")
    return "postgresql+psycopg://" + url.removeprefix("postgres://").removeprefix("postgresql://")


def test_rows_of_the_release_before_come_along(database_url: str) -> None:
    engine = open_engine(database_url)

    def each(*steps: str) -> None:
        with engine.begin() as connection:
            for step in steps:
                connection.execute(text(step))

    def move(connection: Connection, direction: str, revision: str) -> None:
        migrate._run(connection, direction, revision)

    with engine.begin() as connection:
        move(connection, "upgrade", "0001")
    each(WAITING, TOOK_PART)
    with engine.begin() as connection:
        move(connection, "upgrade", "0003")
        assert connection.execute(text("SELECT id, receiver FROM outbox")).all() == [("out_1", "-")]
        assert connection.execute(text("SELECT count(*) FROM session_clients")).scalar() == 0
    each(WAITING.replace("out_1", "out_2"))  # a process of the release before, still running
    with engine.begin() as connection:
        move(connection, "downgrade", "0001")
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar() == 2
    engine.dispose()
