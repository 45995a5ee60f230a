"""What sessions do about news from below. Reasons are Auth0's logout initiators."""

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
from idp.signin.sessions import service

DELETED, DEACTIVATED = "account-deleted", "account-deactivated"


def end_of_blocked(work: Work, event: UserBlocked) -> None:
    """Lifting the block later brings none of them back (contract.md section 6)."""
    service.end_all(work, event.user_id, DEACTIVATED)


def end_of_linked(work: Work, event: UserLinked) -> None:
    """A linked account is no user of its own any more (spec/linking.md)."""
    service.end_all(work, event.secondary, DEACTIVATED)


def end_after_new_password(work: Work, event: PasswordChanged) -> None:
    """All but the one in which the owner changed it (security.md H4)."""
    service.end_all(work, event.user_id, "password-changed", but=event.spared_session)


def end_of_reclaimed(work: Work, event: AccountReclaimed) -> None:
    """Whoever was signed in is not the owner (security.md N2)."""
    service.end_all(work, event.user_id, "session-revoked")


def end_of_leaving(work: Work, event: DeletionRequested) -> None:
    """Whoever changes their mind signs in again."""
    service.end_all(work, event.user_id, DEACTIVATED)


def end_after_new_identifier(work: Work, event: IdentifiersChanged) -> None:
    """Whoever signed in under the old one signs in again (spec/user-profile.md, "PATCH rules")."""
    service.end_all(work, event.user_id, "email-identifier-changed")


def erase(work: Work, event: UsersErased) -> None:
    """Applications are told; a later user of the same id inherits nothing (spec/privacy.md, "Erase")."""
    service.erase_of_users(work, event.user_ids, DELETED)


REACTIONS = (
    On(UserBlocked, end_of_blocked),
    On(UserLinked, end_of_linked),
    On(AccountReclaimed, end_of_reclaimed),
    On(PasswordChanged, end_after_new_password),
    On(DeletionRequested, end_of_leaving),
    On(IdentifiersChanged, end_after_new_identifier),
    On(UsersErased, erase),
)
