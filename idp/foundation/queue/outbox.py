"""Puts work into the outbox, inside the caller's transaction."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import bindparam, null, update

from idp.foundation.db.base import place
from idp.foundation.db.hot import Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.secrets import digest
from idp.foundation.queue import wake
from idp.foundation.queue.models import NOBODY
from idp.foundation.queue.models import OutboxItem as O
from idp.foundation.tenancy.work import Platform, Work

UNDER = "under_domain"
"""Member of a payload that names a custom domain; tasks do not see it."""
INSERT = Statement("outbox_insert", insert_row(O, without=(O.done_at, O.failure)))
_AGAIN = Statement(
    "outbox_again",
    update(O)
    .where(
        O.tenant_id == bindparam("tenant"),
        O.id == bindparam("row"),
        O.failure.is_not(None),
        O.locked_until <= bindparam("now"),
    )
    .values(done_at=null(), failure=null(), run_at=bindparam("now")),
)


def row(
    work: Work, task: str, payload: dict[str, Any], *, receiver: str | None = None, delay_ms: int = 0
) -> dict[str, Any]:
    """The outbox row for ``task``; the payload is sealed since it may hold a link that signs somebody in."""
    moment, id_ = clock.now_ms(), ids.prefixed("out", 24)
    return {
        "tenant_id": work.tenant_id,
        "id": id_,
        "task": task,
        "receiver": digest(receiver.lower())[:32] if receiver else NOBODY,
        "payload_sealed": work.sealer(O.payload_sealed, id=id_).seal(_written(work, payload)),
        "run_at": moment + delay_ms,
        "created_at": moment,
        "attempts": 0,
        "locked_until": 0,
    }


def _written(work: Work, payload: dict[str, Any]) -> str:
    """The payload, with the custom domain by which the work came: the task goes on under it."""
    under = {} if work.config.domain is None else {UNDER: work.config.domain.name}
    return msgspec.json.encode({**under, **payload}).decode()


def opened(platform: Platform, tenant_id: str, id_: str, sealed: str) -> dict[str, Any]:
    """The payload of the row again. Raises ValueError where it can't be read."""
    sealer = platform.sealer.at(*place(O.payload_sealed, tenant_id, {"id": id_}))
    return msgspec.json.decode(sealer.open(sealed), type=dict[str, Any])


def put(work: Work, task: str, payload: dict[str, Any], *, receiver: str | None = None, delay_ms: int = 0) -> str:
    """Ask for ``task`` to be done once the caller's transaction commits; answers the id of its row. ``receiver`` names
    whose answer it will wait for: a host, the domain of an address.
    """
    made = row(work, task, payload, receiver=receiver, delay_ms=delay_ms)
    work.hot.run(INSERT, **made)
    wake.nudge(work.platform.settings)
    return str(made["id"])


def again(work: Work, id_: str) -> bool:
    """Have a row that failed done now, whether it waits for its next attempt or was given up; False where there is none
    any more, where it worked, or while somebody is at it. A given-up row that is older than attempts go on has one.
    """
    moment = clock.now_ms()
    found = work.hot.run(_AGAIN, tenant=work.tenant_id, row=id_, now=moment) == 1
    if found:
        wake.nudge(work.platform.settings)
    return found
