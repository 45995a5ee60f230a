"""The worker's part in this process, one task after the other."""

from __future__ import annotations

from idp.foundation.queue import run
from idp.foundation.queue.run import Loop
from idp.foundation.queue.store import Taken
from idp.foundation.queue.turns import Turns
from idp.foundation.tenancy.work import Platform


def work_off(platform: Platform, lanes: list[Turns] | None = None) -> int:
    """Do everything that is due now, and what comes of it; answers how many tasks were done or put back."""
    done = 0
    lanes = Loop(platform).lanes() if lanes is None else lanes
    while (found := _next(platform, lanes)) is not None:
        turns, row = found
        turns.ended(row, run.do(platform, row))
        done += 1
    return done


def _next(platform: Platform, lanes: list[Turns]) -> tuple[Turns, Taken] | None:
    with platform.db.hot() as hot:
        for turns in lanes:
            row = turns.next(hot)
            if row is not None:
                return turns, row
    return None
