"""Attributes that a connection is told not to keep (``non_persistent_attrs``) go from what was stored before, at once
instead of at each person's next sign-in (spec/privacy.md, "Attribute denylist").
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import select

from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import normalize
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import Identity, User
from idp.directory.users.service.arrival import FOLLOWED
from idp.foundation.db.code_points import by_code_point
from idp.foundation.kernel import clock
from idp.foundation.kernel.events import UserUpdated
from idp.foundation.tenancy.work import Work

BATCH = 200
"""Identities that are looked at in one transaction."""


def forget_denied(work: Work, connection: ConnectionConfig) -> int:
    """Empty what users of the connection have in attributes that it does not keep; answers how many had something.
    Each batch is a transaction of its own, so that nobody waits; done again it goes on.
    """
    names, changed = frozenset(connection.options.never_stored()), 0
    for account_ids in _accounts(work, connection) if names else ():
        with work.transaction():
            changed += sum(_forget(work, connection.id, each, names) for each in account_ids)
        work.rows.expunge_all()
    return changed


def _accounts(work: Work, connection: ConnectionConfig) -> Iterator[list[str]]:
    account, last = by_code_point(Identity.identity_user_id), ""
    theirs = select(Identity.identity_user_id).where(Identity.connection_id == connection.id)
    while some := work.rows.scalars(theirs.where(account > last).order_by(account).limit(BATCH)).all():
        yield list(some)
        last = some[-1]


def _forget(work: Work, connection_id: str, account_id: str, names: Collection[str]) -> bool:
    """Whether there was something of one identity; the user is locked first, as whoever changes one does."""
    seen = work.rows.get(Identity, (work.tenant_id, connection_id, account_id))
    user = work.rows.lock_one(User, seen.user_id) if seen is not None else None
    identity = work.rows.lock_one(Identity, connection_id, account_id) if user is not None else None
    if user is None or identity is None or identity.user_id != user.user_id:
        return False
    had = [_without(identity, member, names) for member in ("profile_data", "raw_profile")]
    changed = _empty(work, user, names) if identity.position == 0 else []
    work.rows.flush()
    if changed:
        work.emit(UserUpdated(user.user_id, changed))
    return bool(changed) or any(had)


def _without(identity: Identity, member: str, names: Collection[str]) -> bool:
    document: dict[str, Any] | None = getattr(identity, member)
    kept = {name: value for name, value in (document or {}).items() if name not in names}
    if document is None or len(kept) == len(document):
        return False
    setattr(identity, member, kept)
    return True


def _empty(work: Work, user: User, names: Collection[str]) -> list[str]:
    """Empty the attributes of the user's own profile; what has a default gets it. Answers those that changed."""
    stored = {name: getattr(user, name) for name in FOLLOWED} | user.profile
    kept = {name: value for name, value in stored.items() if name not in names and value is not None}
    full = normalize.defaults(work.config, kept)
    now = {name: full.get(name) for name in names if name in stored}
    now |= {"email_verified": False} if "email" in now else {}
    changed = sorted(name for name, value in now.items() if stored.get(name) != value)
    for name in changed:
        if name in FOLLOWED:
            setattr(user, name, now[name])
    if changed:
        user.profile = {name: value for name, value in user.profile.items() if name not in names}
        user.email_key = email_key(user.email) if user.email else None
        user.updated_at = clock.now_ms()
    return changed
