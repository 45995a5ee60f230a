"""Deletes what is over, in small batches beside the worker's tasks; features say what that is
(:mod:`idp.foundation.db.purge`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Never

import structlog
from sqlalchemy import select

from idp.foundation.db.hot import Statement
from idp.foundation.db.purge import DAY_MS, Purge, Retention
from idp.foundation.db.session import Database
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Platform
from idp.wiring import purges, retentions, upkeep

EVERY_S = 600.0
BATCH = 500
PAUSE_S = 0.05
"""Between two batches, so that a great purge leaves the database to everybody else."""
_TENANTS = Statement("tenant_ids", select(Tenant.id).order_by(Tenant.id), row=str)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Kept:
    """A retention with its compiled statements."""

    retention: Retention
    delete: Statement[Never]
    count: Statement[int]


@cache
def statements() -> tuple[tuple[Purge, Statement[Never]], ...]:
    """Each feature's purges with their compiled form."""
    return tuple((purge, Statement(f"purge_{purge.name}", purge.statement())) for purge in purges())


@cache
def _kept() -> tuple[_Kept, ...]:
    return tuple(
        _Kept(
            each,
            Statement(f"retention_{each.table}", each.statement()),
            Statement(f"retention_{each.table}_count", each.count(), row=int),
        )
        for each in retentions()
    )


def purge(db: Database, stop: threading.Event) -> dict[str, int]:
    """Delete everything that is over; answers how many rows of which table. Ends early when ``stop`` is set.

    All purges compare with the same moment, so that what belongs to a row goes before it.
    """
    removed: dict[str, int] = {}
    moment = clock.now_ms()
    for each, statement in statements():
        gone = BATCH
        while gone >= BATCH and not stop.is_set():
            with db.hot() as hot:
                gone = hot.run(statement, before=moment - each.keep_ms, amount=BATCH)
            if gone and each.then is None:
                removed[each.table] = removed.get(each.table, 0) + gone
            if gone:
                stop.wait(PAUSE_S)
    return removed


def tenants(platform: Platform) -> list[str]:
    """The name of every tenant."""
    with platform.db.hot() as hot:
        return hot.all(_TENANTS)


def count_unretained(platform: Platform, names: Sequence[str], *, days: int | None = None) -> int:
    """How many rows :func:`retain` would delete."""
    total = 0
    for name in names:
        for kept in _kept():
            before = _before(platform, name, kept.retention, days)
            if before is not None:
                with platform.db.hot() as hot:
                    total += hot.one(kept.count, tenant=name, before=before) or 0
    return total


def retain(
    platform: Platform,
    names: Sequence[str],
    stop: threading.Event,
    *,
    days: int | None = None,
    told: Callable[[int], None] = lambda _gone: None,
) -> dict[str, int]:
    """Delete what these tenants keep no longer, or what is older than ``days`` whatever they say; answers how many rows
    of which table. ``told`` hears of every batch. Ends early when ``stop`` is set.
    """
    removed: dict[str, int] = {}
    for name in names:
        for kept in _kept():
            before = _before(platform, name, kept.retention, days)
            gone = BATCH if before is not None else 0
            while gone >= BATCH and not stop.is_set():
                with platform.db.hot() as hot:
                    gone = hot.run(kept.delete, tenant=name, before=before, amount=BATCH)
                if gone:
                    told(gone)
                    removed[kept.retention.table] = removed.get(kept.retention.table, 0) + gone
                    stop.wait(PAUSE_S)
    return removed


def keep_up(platform: Platform, names: Sequence[str], stop: threading.Event) -> None:
    """Whatever else features do from time to time for each of these tenants. Ends early when ``stop`` is set."""
    for name in names:
        for each in upkeep():
            each(platform, name, stop)


def _before(platform: Platform, tenant: str, retention: Retention, days: int | None) -> int | None:
    """The moment (ms) before which the tenant keeps nothing; None where it keeps everything."""
    if days is None:
        with platform.db.hot() as hot:
            try:
                settings = platform.configurations.fresh(tenant, hot).settings
            except LookupError:  # deleted meanwhile
                return None
        days = retention.days(settings)
        if days == 0:
            return None
    return clock.now_ms() - days * DAY_MS


class Purger(threading.Thread):
    """Purges every ten minutes until stopped, the first time after ``first_s``."""

    def __init__(self, platform: Platform, first_s: float = EVERY_S) -> None:
        super().__init__(name="purger", daemon=True)
        self._platform = platform
        self._stop_asked = threading.Event()
        self._next_at = time.monotonic() + first_s

    @property
    def waits(self) -> bool:
        """Whether it has nothing to do at the moment."""
        return time.monotonic() < self._next_at

    def stop(self) -> None:
        """End after the batch under way."""
        self._stop_asked.set()
        self.join()

    def run(self) -> None:
        """See the class."""
        while not self._stop_asked.wait(max(0.0, self._next_at - time.monotonic())):
            try:
                names = tenants(self._platform)
                removed = purge(self._platform.db, self._stop_asked)
                removed |= retain(self._platform, names, self._stop_asked)
                keep_up(self._platform, names, self._stop_asked)
            except StoreUnavailable as error:
                log.warning("nothing was purged: the database does not answer", reason=error.detail)
            except Exception:
                log.exception("a purge failed; the next one is in ten minutes")
            else:
                if removed:
                    log.info("purged", **removed)
            self._next_at = time.monotonic() + EVERY_S
