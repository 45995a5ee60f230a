"""What administrators change, whichever way they ask for it: ``sapi`` entries with old and new values in
``details.changes``, and the history of one object (decision 0261).

What changed is noted as rows are written (:mod:`idp.foundation.db.editable`), or told by a use case whose rows are no
documents (:func:`note`). The Management API puts it into the entry of its call; for the dashboard and the command line
the entry is written at the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import or_, select

from idp.foundation.db import editable
from idp.foundation.db.editable import Change
from idp.foundation.kernel import sizes
from idp.foundation.kernel.redaction import foreign
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.audit.log_types import ApiLog
from idp.tenant.audit.models import LogEntry

MOST = 50
"""Changed fields that one entry tells; further ones are counted."""
MOST_BYTES = 16 * 1024
"""What they take together, as JSON."""
PAGE = 25


@dataclass
class Request:
    """How an administrator asked: ``path`` and ``method`` of a page, or a command. ``description`` is what the entry is
    called; a view may say it better than the default.
    """

    description: str
    path: str
    method: str = "post"
    object: str = ""
    body: dict[str, Any] = field(default_factory=dict)


def note(work: Work, kind: str, key: str, name: str, *, old: Any = None, new: Any = None) -> None:
    """A change that no row of an editable object shows: roles that were given, a connected application."""
    editable.note(work.rows, Change(kind, key, name, old, new))


def taken(work: Work) -> list[Change]:
    """What this piece of work has changed since this was asked last."""
    session = work.hot.session
    if session is None:
        return []
    session.flush()
    return editable.taken(session)


def told(changes: Sequence[Change]) -> dict[str, Any]:
    """The member ``changes`` of the details of an entry, ``{field: {"old", "new"}}`` within its limits; nothing where
    none changed. Where several objects did, fields of others than the first stand behind the object's name.
    """
    fields = [each for each in changes if each.field]
    first = (fields[0].kind, fields[0].key) if fields else None
    shown: dict[str, dict[str, Any]] = {}
    more, left = 0, MOST_BYTES
    for each in fields:
        mine = (each.kind, each.key) == first
        name = each.field if mine else f"{name_of(each.kind, each.key)} {each.field}"
        before = shown.get(name)
        one = {"old": before["old"] if before else _small(each.old), "new": _small(each.new)}
        size = len(name) + len(msgspec.json.encode(one))
        if before is None and (len(shown) >= MOST or size > left):
            more += 1
            continue
        left -= size
        shown[name] = one
    if more:
        shown[sizes.CUT] = {"old": None, "new": f"{more} more"}
    return {"changes": shown} if shown else {}


def name_of(kind: str, key: str) -> str:
    """What an entry calls the object it is about."""
    return f"{kind}/{key}"[: log.LENGTHS["object"]]


def object_of(changes: Sequence[Change], kind: str = "", asked: str | None = None) -> str | None:
    """The object that a write is about: the one that was ``asked`` for by that name, if it changed; else the first of
    that kind, or the first of all.
    """
    names = [name_of(each.kind, each.key) for each in changes]
    if asked is not None and (asked in names or not names):
        return asked
    of_kind = next((name_of(each.kind, each.key) for each in changes if each.kind == kind), None)
    return of_kind or asked or next(iter(names), None)


def at_commit(request: Request) -> Callable[[Work], None]:
    """What :attr:`Work.before_commit` is to do for a page or a command: an entry for whatever it changed."""
    return partial(_record, request=request)


def record(work: Work, request: Request) -> None:
    """Write the entry of something that changed no editable row: a password that was mailed, sessions that ended."""
    _write(work, request, taken(work))


def _record(work: Work, *, request: Request) -> None:
    changes = taken(work)
    if changes:
        _write(work, request, changes)


def _write(work: Work, request: Request, changes: Sequence[Change]) -> None:
    actor = work.actor
    details = {
        "request": {
            "method": request.method,
            "path": request.path,
            "query": {},
            "body": {name: foreign(name, value) for name, value in request.body.items()},
            "channel": actor.channel,
            "ip": work.ip,
            "userAgent": work.user_agent,
            "auth": {
                "strategy": "cookie" if actor.user_id else "shell",
                "user": {"user_id": actor.user_id, "name": actor.name} if actor.user_id else {},
                "credentials": {"roles": sorted(actor.roles)} if actor.roles else {},
            },
        },
        "response": {"statusCode": 200, "body": {}},
        **told(changes),
    }
    log.write(
        work,
        ApiLog.DONE,
        request.description,
        user_id=actor.user_id,
        user_name=actor.name,
        object=request.object or object_of(changes),
        details=details,
    )


def history(
    work: Work,
    kind: str,
    key: str,
    *,
    before: str = "",
    limit: int = PAGE,
    of: str | None = None,
    beside: Sequence[tuple[str, str]] = (),
) -> Sequence[LogEntry]:
    """What administrators did to an object, newest first; entries older than the id ``before``. ``of``: and what
    happened to the user of that id. ``beside``: and to these objects.
    """
    names = [name_of(kind, key), *(name_of(*each) for each in beside)]
    mine = LogEntry.object.in_(names) if beside else LogEntry.object == names[0]
    statement = select(LogEntry).where(
        LogEntry.tenant_id == work.tenant_id, or_(mine, LogEntry.user_id == of) if of is not None else mine
    )
    if before:
        statement = statement.where(LogEntry.log_id < before)
    return work.rows.scalars(statement.order_by(LogEntry.log_id.desc()).limit(limit)).all()


def _small(value: Any) -> Any:
    """A value as it is, or the beginning of its text."""
    encoded = msgspec.json.encode(value)
    return value if len(encoded) <= sizes.LOG_TEXT.most else encoded[: sizes.LOG_TEXT.most].decode("utf-8", "replace")
