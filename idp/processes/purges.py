"""Deletes what is over, in small batches beside the worker's tasks; features say what that is
(:mod:`idp.foundation.db.purge`).
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Never

import structlog

from idp.foundation.db.hot import Statement
from idp.foundation.db.purge import Purge
from idp.foundation.db.session import Database
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import StoreUnavailable
from idp.wiring import purges

EVERY_S = 600.0
BATCH = 500
PAUSE_S = 0.05
"""Between two batches, so that a great purge leaves the database to everybody else."""
log = structlog.get_logger(__name__)


@cache
def statements() -> tuple[tuple[Purge, Statement[Never]], ...]:
    """Each feature's purges with their compiled form."""
    return tuple((purge, Statement(f"purge_{purge.name}", purge.statement())) for purge in purges())


def purge(db: Database, stop: threading.Event) -> dict[str, int]:
    """Delete everything that is over; answers how many rows of which table. Ends early when ``stop`` is set."""
    removed: dict[str, int] = {}
    for each, statement in statements():
        gone = BATCH
        while gone >= BATCH and not stop.is_set():
            with db.hot() as hot:
                gone = hot.run(statement, before=clock.now_ms() - each.keep_ms, amount=BATCH)
            if gone:
                removed[each.name] = removed.get(each.name, 0) + gone
                stop.wait(PAUSE_S)
    return removed


class Purger(threading.Thread):
    """Purges every ten minutes until stopped."""

    def __init__(self, db: Database) -> None:
        super().__init__(name="purger", daemon=True)
        self._db = db
        self._stop_asked = threading.Event()

    def stop(self) -> None:
        """End after the batch under way."""
        self._stop_asked.set()
        self.join()

    def run(self) -> None:
        """See the class."""
        while not self._stop_asked.wait(EVERY_S):
            try:
                removed = purge(self._db, self._stop_asked)
            except StoreUnavailable as error:
                log.warning("nothing was purged: the database does not answer", reason=error.detail)
                continue
            if removed:
                log.info("purged", **removed)
