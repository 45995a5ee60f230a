"""What receivers hear of news from below. Reasons of ended sessions are Auth0's logout initiators."""

from __future__ import annotations

from sqlalchemy import delete

from idp.applications.resource_servers import shared_signals
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
from idp.protocol.signals import runtime, service, telling, types
from idp.protocol.signals.models import SignalEvent, SignalSubject

DELETED = "account-deleted"


def on_session_ended(work: Work, event: SessionEnded) -> None:
    """CAEP 3.1, of that session: those who took part in it."""
    said = types.session_revoked(event.reason, telling.now())
    gone = event.reason == DELETED
    telling.of_session(work, types.SESSION_REVOKED, event.session_id, event.user_id, said, remembered=not gone)


def on_signed_out(work: Work, event: UserSignedOut) -> None:
    """The like of all of them, those that had run out before included; a session that was spared makes it none."""
    if not event.spared_session:
        telling.of_user(work, types.SESSION_REVOKED, event.user_id, [types.all_revoked(telling.now())])


def on_deleted(work: Work, event: UserDeleted) -> None:
    """The last that is heard of them, while it is known who knew them."""
    said = types.session_revoked(DELETED, telling.now())
    telling.of_user(work, types.SESSION_REVOKED, event.user_id, [said], remembered=False)


def on_password_changed(work: Work, event: PasswordChanged) -> None:
    """CAEP 3.3."""
    by = "user" if event.spared_session else None
    said = types.credential_change("password", "update", telling.now(), by=by)
    telling.of_user(work, types.CREDENTIAL_CHANGE, event.user_id, [said])


def on_factors_changed(work: Work, event: FactorsChanged) -> None:
    """One for each kind that came or went."""
    by, moment = ("user" if event.by_owner else "admin"), telling.now()
    changes = [("create", kind) for kind in event.added] + [("delete", kind) for kind in event.removed]
    said = [
        types.credential_change(types.CREDENTIALS.get(kind, kind), change, moment, by=by) for change, kind in changes
    ]
    telling.of_user(work, types.CREDENTIAL_CHANGE, event.user_id, said)


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
