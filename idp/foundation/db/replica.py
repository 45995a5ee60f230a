"""A read replica, for reads where a stale second is harmless (decision 0138).

It is asked only while it has replayed what the primary had written a second ago, and while it answers at all;
otherwise the primary does the work, as if there were none.
"""

from __future__ import annotations

import threading
import time
from typing import Final

import structlog
from sqlalchemy import Engine, Text, cast, func, select
from sqlalchemy.exc import InterfaceError, OperationalError

from idp.foundation.db.driver_errors import is_unsupported, outage
from idp.foundation.db.hot import HotConnection
from idp.foundation.db.slots import PoolSlots
from idp.foundation.db.statement import Statement
from idp.foundation.kernel.errors import StoreUnavailable

STALE_S: Final = 1.0
"""How old what a replica answers may be."""
LOOK_S: Final = 0.25
"""How often it is looked at while it is used."""
AWAY_S: Final = 5.0
"""How long a replica that did not answer is left alone."""
_WRITTEN = Statement(
    "replica_primary_postgresql", select(cast(func.pg_current_wal_insert_lsn(), Text).label("at")), row=str
)
"""What was inserted, not what is written out: with ``synchronous_commit = off`` a commit runs ahead of the latter."""
_REPLAYED = Statement(
    "replica_replayed_postgresql", select(cast(func.pg_last_wal_replay_lsn(), Text).label("at")), row=str
)
log = structlog.get_logger(__name__)


class Replica:
    """The replica of one process. ``engine`` is its pool, in autocommit."""

    def __init__(self, engine: Engine) -> None:
        self._slots = PoolSlots(engine)
        self._lock = threading.Lock()
        self._looked = self._away_until = float("-inf")
        self._written: list[tuple[float, int]] = []
        """What the primary had written, and when it said so."""
        self._fresh = False

    def connection(self, primary: HotConnection) -> HotConnection | None:
        """A connection to it, to be closed; None where the primary has to be asked, which ``primary`` is one to."""
        if not self._usable(primary):
            return None
        hot = HotConnection(self._slots)
        try:
            return hot.__enter__()
        except StoreUnavailable as error:
            self.leave_alone(error)
            return None

    def leave_alone(self, error: StoreUnavailable) -> None:
        """It did not answer, or gave a statement up for the sake of replaying: the primary is asked for a while."""
        log.warning("the read replica is left alone", detail=error.detail, seconds=AWAY_S)
        self._fresh = False
        self._away_until = time.monotonic() + AWAY_S

    def dispose(self) -> None:
        """Close its pool."""
        self._slots.dispose()

    def _usable(self, primary: HotConnection) -> bool:
        now = time.monotonic()
        if now < self._away_until:
            return False
        if now - self._looked >= LOOK_S and self._lock.acquire(blocking=False):
            try:
                self._look(primary, now)
            except StoreUnavailable as error:
                self.leave_alone(error)
            finally:
                self._lock.release()
        return self._fresh

    def _look(self, primary: HotConnection, now: float) -> None:
        self._looked = now
        written = _position(primary, _WRITTEN)
        with HotConnection(self._slots) as hot:
            replayed = _position(hot, _REPLAYED)
        if written is None or replayed is None:  # no standby of Postgres itself: of others nothing is known
            self._fresh = True
            return
        self._written = [(at, known) for at, known in self._written if now - at <= STALE_S - LOOK_S]
        needed = self._written[0][1] if self._written else written
        self._written.append((now, written))
        fresh = replayed >= needed
        if self._fresh and not fresh:
            log.warning("the read replica is behind: the primary is asked", bytes=needed - replayed)
        self._fresh = fresh


def is_standby(engine: Engine) -> bool:
    """Whether that server follows another one. Raises StoreUnavailable."""
    try:
        with engine.connect() as connection:
            return bool(connection.execute(select(func.pg_is_in_recovery())).scalar())
    except (OperationalError, InterfaceError) as error:
        raise outage(error) from error


def _position(hot: HotConnection, statement: Statement[str]) -> int | None:
    """A position in the write-ahead log (``16/B374D848``) as a number of bytes; None from a server that says none:
    Aurora refuses the question.
    """
    try:
        position = hot.one(statement)
    except Exception as error:
        if not is_unsupported(error):
            raise
        return None
    if position is None:
        return None
    high, _, low = position.partition("/")
    return (int(high, 16) << 32) + int(low, 16)
