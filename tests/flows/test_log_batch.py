"""Entries of token exchanges wait in the process for at most a second: what is handed over is written (contract
section 6).
"""

from __future__ import annotations

import time

import pytest

from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.kernel.log_types import LogType
from idp.protocol.oauth.log_types import OAuthLog
from idp.tenant.audit import log
from tests.world.world import World


def add(world: World, kind: LogType = OAuthLog.CLIENT_CREDENTIALS_EXCHANGED, **members: object) -> None:
    with world.context() as work:
        log.batch.add(work, kind, "an entry", **members)


def test_entries_appear_by_themselves_within_two_seconds(world: World) -> None:
    add(world)
    deadline = time.monotonic() + 2
    while not stored(world) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert stored(world) == 1


def test_a_graceful_stop_writes_what_is_left(world: World) -> None:
    for _ in range(50):
        add(world)
    log.batch.close()
    assert stored(world) == 50


def test_an_entry_that_the_store_refuses_does_not_take_others_along(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = log.store

    def refusing(db: object, rows: list[dict[str, object]]) -> None:
        if any(row["type"] == OAuthLog.SILENT_AUTH_FAILED for row in rows):
            raise ValueError("the store refuses this")
        real(db, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(log, "store", refusing)
    for kind in (OAuthLog.SILENT_AUTH, OAuthLog.SILENT_AUTH_FAILED, OAuthLog.SILENT_AUTH):
        add(world, kind)
    log.batch.flush()
    assert [entry.type for entry in world.logs("ssa", "fsa")] == ["ssa", "ssa"]


def test_entries_wait_while_the_store_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real, away = log.store, [True]

    def failing(db: object, rows: list[dict[str, object]]) -> None:
        if away[0]:
            raise StoreUnavailable(detail="away")
        real(db, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(log, "store", failing)
    add(world)
    log.batch.flush()
    assert stored(world) == 0
    away[0] = False
    log.batch.flush()
    assert stored(world) == 1


def stored(world: World) -> int:
    """Entries of these tests in the store, without asking the batch to write: the installation has some of its own."""
    mine = log.LogEntry.__table__.select().where(log.LogEntry.description == "an entry")
    with world.platform.db.engine.connect() as connection:
        return len(connection.execute(mine).all())
