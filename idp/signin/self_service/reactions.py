"""What changes under way do about news from elsewhere."""

from __future__ import annotations

from idp.foundation.kernel.events import (
    AccountReclaimed,
    DeletionRequested,
    IdentifiersChanged,
    PasswordChanged,
    UserBlocked,
    UserLinked,
    UsersErased,
)
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.signin.self_service import address_change


def end(work: Work, event: PasswordChanged | AccountReclaimed | UserBlocked | DeletionRequested) -> None:
    """Whoever began it may not be the owner; they begin again who are."""
    address_change.forget(work, [event.user_id])


def end_with_address(work: Work, event: IdentifiersChanged) -> None:
    """It was about another address."""
    if "email" in event.changed:
        address_change.forget(work, [event.user_id])


def forget_linked(work: Work, event: UserLinked) -> None:
    """There is no such user any more."""
    address_change.forget(work, [event.secondary])


def erase(work: Work, event: UsersErased) -> None:
    """Nothing is left."""
    address_change.forget(work, event.user_ids)


REACTIONS = (
    On(PasswordChanged, end),
    On(AccountReclaimed, end),
    On(UserBlocked, end),
    On(DeletionRequested, end),
    On(IdentifiersChanged, end_with_address),
    On(UserLinked, forget_linked),
    On(UsersErased, erase),
)
