"""A worker that rests sees what one that is awake would take."""

from __future__ import annotations

import json
import time

import pytest
from sqlalchemy import text

from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.queue import outbox, store
from idp.foundation.queue.due import Lookout, connecting
from idp.processes import worker
from tests.world.fixtures import on_both_stores
from tests.world.world import World

MINUTE_MS = 60_000


@on_both_stores
def test_it_sees_what_would_be_taken_and_nothing_else(world: World, store: str) -> None:
    lookout = Lookout(json.loads(json.dumps(connecting(world.platform.settings.database_url))))
    try:
        assert agreed(world, lookout) is False
        with world.context() as work:
            outbox.put(work, "mail.send", {"to": "jane@example.com"})
        assert agreed(world, lookout) is True
        later = clock.now_ms() + MINUTE_MS
        for column in ("run_at", "locked_until", "done_at"):
            change(world, f"{column} = {later}")
            assert agreed(world, lookout) is False
            change(world, f"{column} = {'NULL' if column == 'done_at' else 0}")
            assert agreed(world, lookout) is True
        lookout.close()
        assert agreed(world, lookout) is True
    finally:
        lookout.close()


def agreed(world: World, lookout: Lookout) -> bool:
    """What both say."""
    with world.platform.db.hot() as hot:
        taken = store.any_due(hot)
    assert lookout.any_due() is taken
    return taken


def change(world: World, assignment: str) -> None:
    with world.platform.db.engine.begin() as connection:
        connection.execute(text(f"UPDATE outbox SET {assignment}"))


@pytest.mark.parametrize("query", ["", "?autocommit=true&prepare_threshold=3&sslmode=disable"])
def test_a_store_that_does_not_answer_is_told_as_such(query: str) -> None:
    """Whatever else the URL asks of the driver."""
    lookout = Lookout(connecting(f"postgresql+psycopg://nobody@127.0.0.1:9/none{query}"))
    with pytest.raises(StoreUnavailable):
        lookout.any_due()


def test_a_process_rests_after_a_minute_in_which_nothing_was_due(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = worker.Jobs(world.platform)
    moment = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: moment)
    assert not jobs.calm
    moment += worker.CALM_AFTER_PURGE_S
    assert jobs.calm
    jobs.loop.round({})
    with world.context() as work:
        outbox.put(work, "mail.send", {"to": "jane@example.com"})
    jobs.loop.round({})  # due, though nobody may take it now
    assert not jobs.calm
    jobs.loop._count(1)
    moment += worker.CALM_S
    assert not jobs.calm, "it is under way"
    jobs.loop._count(-1)
    moment += worker.CALM_S - 1
    assert not jobs.calm
    moment += 1
    assert jobs.calm


def test_a_process_whose_purge_is_due_does_not_rest(world: World) -> None:
    assert not worker.Jobs(world.platform, 0.0).purger.waits
    assert worker.Jobs(world.platform, 60.0).purger.waits
