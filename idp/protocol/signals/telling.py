"""What happened becomes events of the streams that may hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select

from idp.directory.users.models import User
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock, ids
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import kept, relations, runtime, types
from idp.protocol.signals.runtime import StreamConfig

_EMAIL = Statement(
    "signal_email",
    select(User.email).where(User.tenant_id == bindparam("tenant"), User.user_id == bindparam("user")),
    row=str,
)


def of_user(work: Work, event: str, user_id: str, said: Sequence[dict[str, Any]], *, remembered: bool = True) -> None:
    """Tell of a person, once for each of ``said``. ``remembered`` False: they are about to go, and the events outlive
    their rows.
    """
    _tell(work, relations.of_user(work, event, user_id), event, user_id, said, remembered=remembered)


def of_session(
    work: Work, event: str, session_id: str, user_id: str, said: dict[str, Any], *, remembered: bool = True
) -> None:
    """Tell of one session of theirs."""
    streams = relations.of_session(work, event, session_id, user_id)
    _tell(work, streams, event, user_id, [said], session_id=session_id, remembered=remembered)


def of_stream(work: Work, stream: StreamConfig, event: str, said: dict[str, Any], *, always: bool) -> None:
    """Tell of the stream itself (SSF 8.1.4, 8.1.5); ``always``: even while it is paused."""
    subject = {"format": types.OPAQUE, "id": stream.id}
    kept.put(work, stream, subject, event, said, txn=ids.token(16), about_stream=always)


def _tell(
    work: Work,
    streams: Sequence[StreamConfig],
    event: str,
    user_id: str,
    said: Sequence[dict[str, Any]],
    *,
    session_id: str | None = None,
    remembered: bool,
) -> None:
    if not streams or not said:
        return
    by_email = any(each.subject_format == types.EMAIL for each in streams)
    email = work.hot.one(_EMAIL, tenant=work.tenant_id, user=user_id) if by_email else None
    txn = ids.token(16)
    for stream in streams:
        client = runtime.receiver(work, stream)
        if client is None:
            continue
        person = runtime.subject(work, stream, client, user_id, email)
        subject = person if session_id is None else _complex(person, session_id)
        for each in said:
            kept.put(work, stream, subject, event, each, txn=txn, user_id=user_id if remembered else None)


def _complex(person: dict[str, str], session_id: str) -> dict[str, Any]:
    """Somebody's one session (SSF 3.2, CAEP 3.1): named by its ``sid``, as in ID tokens."""
    return {"format": "complex", "user": person, "session": {"format": types.OPAQUE, "id": session_id}}


def now() -> int:
    """When it happened, as events say it: seconds."""
    return clock.now()
