"""What became of mails and text messages, for administrators: whom each was for, by which template, whether it was
sent, and what its provider said where it was not. Never what stood in it (docs/decisions/0408).

A row is made with the row of the outbox that carries the message; whoever delivers says what came of each attempt. A
trial of an administrator's is sent at once, by no row of the outbox, and is told when it is over. A row is kept for
:data:`DAYS` days, and of a tenant the newest :data:`MOST`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec
import structlog
from sqlalchemy import ColumnElement, and_, bindparam, case, delete, or_, select, update

from idp.foundation.db.hot import Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import Conflict, NotFound, StoreUnavailable
from idp.foundation.queue import outbox, store
from idp.foundation.queue.tasks import GiveUp, Outage, TryLater
from idp.foundation.tenancy.work import Platform, Work
from idp.tenant.mail.models import Delivery as D

DAYS: Final = 30
"""For how long deliveries are told."""
MOST: Final = 100_000
"""Deliveries of a tenant that are kept; the oldest go first."""
BATCH: Final = 500
EMAIL, SMS, VOICE = "email", "sms", "voice"
CHANNELS: Final = (EMAIL, SMS, VOICE)
QUEUED, RETRYING, SENT, FAILED = "queued", "retrying", "sent", "failed"
STATES: Final = (QUEUED, RETRYING, SENT, FAILED)
"""Nobody tried yet; tried without success and to be tried again; taken by the provider; not sent, and not tried again
by itself.
"""
MOST_REASON: Final = 500
"""Characters of a provider's words that are kept."""
NO_TASK: Final = ""
"""The ``task_id`` of a trial: nothing carries it."""
_LINK = re.compile(r"\w+://\S+")
log = structlog.get_logger(__name__)


class _Told(msgspec.Struct, frozen=True):
    id: str


_INSERT = Statement("delivery_insert", insert_row(D, without=(D.reason,)))
_TRIAL = Statement("delivery_trial", insert_row(D, without=(D.user_id,)).returning(D.id), row=_Told)
"""It answers, and so begins no lazy transaction: what became of a trial is told though its call is refused, too."""
_ONE = (D.tenant_id == bindparam("tenant"), D.id == bindparam("delivery"))
_TRIED = Statement(
    "delivery_tried",
    update(D)
    .where(*_ONE)
    .values(
        # an attempt that fails after that long was the last one (idp.foundation.queue.store.retry)
        state=case(
            (and_(bindparam("wanted") == RETRYING, D.created_at < bindparam("oldest")), FAILED),
            else_=bindparam("wanted"),
        ),
        attempts=D.attempts + 1,
        reason=bindparam("said"),
        changed_at=bindparam("now"),
    ),
)


def new_id() -> str:
    """An id, in the order of time."""
    return ids.message_id()


def queued(work: Work, id_: str, channel: str, template: str, to: str, user_id: str | None, task_id: str) -> None:
    """A message waits in the outbox, inside the caller's transaction."""
    moment = clock.now_ms()
    work.hot.run(
        _INSERT,
        tenant_id=work.tenant_id,
        id=id_,
        channel=channel,
        template=template[:64],
        recipient=_address(to),
        user_id=user_id or None,
        state=QUEUED,
        attempts=0,
        task_id=task_id,
        created_at=moment,
        changed_at=moment,
    )


def tried_out(work: Work, channel: str, template: str, to: str, reason: str = "", code: str = "") -> None:
    """A trial is over: it was sent, or was not for that ``reason``. ``code`` is as in :func:`told`."""
    moment = clock.now_ms()
    work.hot.one(
        _TRIAL,
        tenant_id=work.tenant_id,
        id=new_id(),
        channel=channel,
        template=template[:64],
        recipient=_address(to),
        state=FAILED if reason else SENT,
        attempts=1,
        reason=without_contents(reason, code) or None,
        task_id=NO_TASK,
        created_at=moment,
        changed_at=moment,
    )


@contextmanager
def told(work: Work, id_: str, code: str = "") -> Iterator[None]:
    """Around an attempt to deliver by a task that may be done again: says what came of it. ``code`` is what may stand
    in nobody's words. Nothing is told of messages that were queued before there was anything to tell (no ``id_``).
    """
    try:
        yield
    except GiveUp as error:
        tried(work, id_, FAILED, str(error), code)
        raise
    except Outage as error:
        tried(work, id_, RETRYING, str(error), code, for_ever=True)
        raise
    except TryLater as error:
        tried(work, id_, RETRYING, str(error), code)
        raise
    except StoreUnavailable:
        raise
    except Exception as error:
        tried(work, id_, RETRYING, type(error).__name__, code)
        raise
    tried(work, id_, SENT)


def tried(work: Work, id_: str, state: str, said: str = "", code: str = "", *, for_ever: bool = False) -> None:
    """An attempt came to ``state``. ``for_ever``: it is tried again however old it is.

    That nobody can be told is no reason to send a message again: it is logged, and that is all.
    """
    if not id_:
        return
    moment = clock.now_ms()
    values = {"wanted": state, "said": without_contents(said, code) or None, "now": moment}
    try:
        work.hot.run(
            _TRIED,
            tenant=work.tenant_id,
            delivery=id_,
            oldest=0 if for_ever else moment - store.KEEP_TRYING_MS,
            **values,
        )
    except StoreUnavailable as error:
        log.warning("what came of a message could not be stored", id=id_, state=state, reason=error.detail)


def without_contents(said: str, code: str = "") -> str:
    """A provider's words without links and without ``code``: some repeat what they were given."""
    found = _LINK.sub("[…]", " ".join(said.split()))
    return (found.replace(code, "[…]") if code else found)[:MOST_REASON]


def get(work: Work, id_: str) -> D:
    """One of them. Raises NotFound."""
    row = work.rows.get(D, (work.tenant_id, id_))
    if row is None:
        raise NotFound("The delivery does not exist.", "inexistent_delivery")
    return row


def again(work: Work, id_: str) -> D:
    """Send a mail now that could not be sent. Raises NotFound; Conflict for what is sent, is being sent, or is nowhere
    any more, for trials, and for text messages: what they say is dead before they come (docs/decisions/0179).
    """
    row = work.rows.lock(get(work, id_))
    if not may_be_retried(row.channel, row.state, is_trial(row)):
        raise Conflict("Only a mail that could not be sent is sent again.", "delivery_not_failed")
    if not outbox.again(work, row.task_id):
        raise Conflict("It is being sent right now, or nothing of it is kept any more.", "delivery_gone")
    row.state, row.changed_at = QUEUED, clock.now_ms()
    work.rows.flush()
    return row


def may_be_retried(channel: str, state: str, trial: bool) -> bool:
    """Whether one of that channel in that state can be sent again. Of a trial nothing is kept."""
    return channel == EMAIL and state in {RETRYING, FAILED} and not trial


def is_trial(row: D) -> bool:
    """Whether an administrator had it sent to see what arrives."""
    return row.task_id == NO_TASK


def of_people(user_ids: Sequence[str], identifiers: Sequence[str]) -> ColumnElement[bool]:
    """The condition of what is told of these people: by their ids, and by addresses that were nobody's yet."""
    unowned = and_(D.user_id.is_(None), D.recipient.in_([_address(each) for each in identifiers]))
    return or_(D.user_id.in_(user_ids), unowned)


def erase(work: Work, user_ids: Sequence[str], identifiers: Sequence[str]) -> None:
    """Nothing is told of them any more."""
    work.rows.execute(delete(D).where(D.tenant_id == work.tenant_id, of_people(user_ids, identifiers)))


def follow(work: Work, old: str, new: str) -> None:
    """What was told of the user ``old`` is told of ``new``."""
    work.rows.execute(update(D).where(D.tenant_id == work.tenant_id, D.user_id == old).values(user_id=new))


def trim(platform: Platform, tenant_id: str, stop: threading.Event) -> int:
    """Delete what is more than :data:`MOST` of a tenant, oldest first; answers how many. An upkeep of the worker."""
    with platform.work(tenant_id, orm=True) as work:
        beyond = select(D.id).where(D.tenant_id == tenant_id).order_by(D.id.desc()).offset(MOST).limit(1)
        last = work.rows.scalar(beyond)
    gone = 0
    while last is not None and not stop.is_set():
        with platform.work(tenant_id, orm=True) as work, work.transaction():
            mine = select(D.id).where(D.tenant_id == tenant_id, D.id <= last).order_by(D.id).limit(BATCH)
            found = list(work.rows.scalars(mine))
            if found:
                work.rows.execute(delete(D).where(D.tenant_id == tenant_id, D.id.in_(found)))
        gone += len(found)
        if len(found) < BATCH:
            break
    return gone


def _address(to: str) -> str:
    return to.strip().lower()[:300]
