"""What is deleted once nobody can need it any more: one table, done in small batches beside the worker's tasks
(security.md RL23).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Delete, and_, bindparam, delete, exists, or_, select, tuple_
from sqlalchemy.sql import ColumnElement

from idp.foundation.db.hot import Statement
from idp.foundation.db.session import Database
from idp.foundation.ephemeral.models import Counter, OneTime
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.queue.models import OutboxItem
from idp.protocol.tokens.models import Authorization, Token
from idp.signin.attack_protection.models import LoginFailure
from idp.signin.sessions.models import Session, SessionClient
from idp.tenant.mail.models import MailboxMessage

EVERY_S = 600.0
BATCH = 500
PAUSE_S = 0.05
"""Between two batches, so that a great purge leaves the database to everybody else."""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
log = structlog.get_logger(__name__)
_before: Any = bindparam("before")


@dataclass(frozen=True)
class Purge:
    """Rows of ``model`` for which ``over`` holds, ``before`` being ``keep_ms`` ago."""

    model: Any
    over: ColumnElement[bool]
    keep_ms: int

    @property
    def name(self) -> str:
        """The table."""
        return str(self.model.__tablename__)

    def statement(self) -> Delete:
        """Delete one batch. Primary keys begin with the tenant, so each row is named with the tenant it belongs to."""
        keys = list(self.model.__table__.primary_key.columns)
        return delete(self.model).where(tuple_(*keys).in_(select(*keys).where(self.over).limit(bindparam("amount"))))


PURGES = (
    Purge(OneTime, OneTime.expires_at < _before, HOUR_MS),
    Purge(Counter, Counter.expires_at < _before, 0),
    Purge(Token, Token.purge_at < _before, 0),
    Purge(Authorization, Authorization.purge_at < _before, 0),
    Purge(
        Session,
        or_(Session.expires_at < _before, Session.idle_expires_at < _before, Session.ended_at < _before),
        DAY_MS,
    ),
    Purge(
        SessionClient,
        and_(
            SessionClient.created_at < _before,
            ~exists().where(Session.tenant_id == SessionClient.tenant_id, Session.id == SessionClient.session_id),
        ),
        DAY_MS,
    ),
    Purge(OutboxItem, OutboxItem.done_at < _before, 7 * DAY_MS),
    Purge(LoginFailure, LoginFailure.last_at < _before, 30 * DAY_MS),
    Purge(MailboxMessage, MailboxMessage.created_at < _before, 7 * DAY_MS),
)
_STATEMENTS = {purge.name: Statement(f"purge_{purge.name}", purge.statement()) for purge in PURGES}


def purge(db: Database, stop: threading.Event) -> dict[str, int]:
    """Delete everything that is over; answers how many rows of which table. Ends early when ``stop`` is set."""
    removed: dict[str, int] = {}
    for each in PURGES:
        gone = BATCH
        while gone >= BATCH and not stop.is_set():
            with db.hot() as hot:
                gone = hot.run(_STATEMENTS[each.name], before=clock.now_ms() - each.keep_ms, amount=BATCH)
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
