"""What receivers hear of news from below. Reasons of ended sessions are Auth0's logout initiators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select

from idp.applications.resource_servers import shared_signals
from idp.directory.users.models import User
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.events import (
    ClientDeleted,
    ClientGrantDeleted,
    FactorsChanged,
    PasswordChanged,
    ResourceServerDeleted,
    SessionEnded,
    UserDeleted,
    UsersErased,
    UserSignedOut,
)
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import kept, people, runtime, service, types
from idp.protocol.signals.models import SignalEvent, SignalSubject
from idp.protocol.signals.runtime import StreamConfig

DELETED = "account-deleted"
_EMAIL = Statement(
    "signal_email",
    select(User.email).where(User.tenant_id == bindparam("tenant"), User.user_id == bindparam("user")),
    row=str,
)


def on_session_ended(work: Work, event: SessionEnded) -> None:
    """CAEP 3.1, of that session: those who took part in it."""
    said = types.session_revoked(event.reason, clock.now())
    gone = event.reason == DELETED
    _of_session(work, types.SESSION_REVOKED, event.session_id, event.user_id, said, remembered=not gone)


def on_signed_out(work: Work, event: UserSignedOut) -> None:
    """The like of all of them, those that had run out before included; a session that was spared makes it none."""
    if not event.spared_session:
        _of_user(work, types.SESSION_REVOKED, event.user_id, [types.all_revoked(clock.now())])


def on_deleted(work: Work, event: UserDeleted) -> None:
    """The last that is heard of them, while it is known who knew them."""
    said = types.session_revoked(DELETED, clock.now())
    _of_user(work, types.SESSION_REVOKED, event.user_id, [said], remembered=False)


def on_password_changed(work: Work, event: PasswordChanged) -> None:
    """CAEP 3.3."""
    by = "user" if event.spared_session else None
    said = types.credential_change("password", "update", clock.now(), by=by)
    _of_user(work, types.CREDENTIAL_CHANGE, event.user_id, [said])


def on_factors_changed(work: Work, event: FactorsChanged) -> None:
    """One for each kind that came or went."""
    by, moment = ("user" if event.by_owner else "admin"), clock.now()
    changes = [("create", kind) for kind in event.added] + [("delete", kind) for kind in event.removed]
    said = [
        types.credential_change(types.CREDENTIALS.get(kind, kind), change, moment, by=by) for change, kind in changes
    ]
    _of_user(work, types.CREDENTIAL_CHANGE, event.user_id, said)


def erase(work: Work, event: UsersErased) -> None:
    """No row names users who are gone; what tells that they are names nobody."""
    for model in (SignalEvent, SignalSubject):
        work.rows.execute(delete(model).where(model.user_id.in_(event.user_ids)))


def forget_client(work: Work, event: ClientDeleted) -> None:
    """A receiver that is gone hears nothing."""
    service.remove_of_client(work, event.client_id)


def forget_grant(work: Work, event: ClientGrantDeleted) -> None:
    """Nor does one that may not have the API's tokens any more."""
    if shared_signals.is_it(work, event.audience):
        service.remove_of_client(work, event.client_id)


def switch_off(work: Work, event: ResourceServerDeleted) -> None:
    """Without its API there are no streams."""
    if shared_signals.is_it(work, event.identifier):
        for stream in runtime.of_tenant(work):
            service.remove(work, stream)


def _of_user(work: Work, event: str, user_id: str, said: Sequence[dict[str, Any]], *, remembered: bool = True) -> None:
    """Tell of a person, once for each of ``said``. ``remembered`` False: they are about to go, and the events outlive
    their rows.
    """
    _tell(work, people.of_user(work, event, user_id), event, user_id, said, remembered=remembered)


def _of_session(
    work: Work, event: str, session_id: str, user_id: str, said: dict[str, Any], *, remembered: bool = True
) -> None:
    """Tell of one session of theirs."""
    streams = people.of_session(work, event, session_id, user_id)
    _tell(work, streams, event, user_id, [said], session_id=session_id, remembered=remembered)


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
        if client is None or not runtime.may_hear(work, stream):
            continue
        person = runtime.subject(work, stream, client, user_id, email)
        subject = person if session_id is None else _complex(person, session_id)
        for each in said:
            kept.put(work, stream, subject, event, each, txn=txn, user_id=user_id if remembered else None)


def _complex(person: dict[str, str], session_id: str) -> dict[str, Any]:
    """Somebody's one session (SSF 3.2, CAEP 3.1): named by its ``sid``, as in ID tokens."""
    return {"format": "complex", "user": person, "session": {"format": types.OPAQUE, "id": session_id}}


REACTIONS = (
    On(SessionEnded, on_session_ended),
    On(UserSignedOut, on_signed_out),
    On(UserDeleted, on_deleted),
    On(PasswordChanged, on_password_changed),
    On(FactorsChanged, on_factors_changed),
    On(UsersErased, erase),
    On(ClientDeleted, forget_client),
    On(ClientGrantDeleted, forget_grant),
    On(ResourceServerDeleted, switch_off),
)
