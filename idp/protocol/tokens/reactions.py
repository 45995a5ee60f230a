"""What tokens do about news from below."""

from __future__ import annotations

from idp.foundation.kernel.events import (
    AccountReclaimed,
    PasswordChanged,
    SessionEnded,
    UserBlocked,
    UserGrantDeleted,
    UserLinked,
    UsersErased,
)
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import removal, store


def revoke_of_session(work: Work, event: SessionEnded) -> None:
    """Tokens end with their session, those with offline_access excepted."""
    store.revoke_of_session(work, event.session_id, offline_too=False)


def revoke_of_blocked(work: Work, event: UserBlocked) -> None:
    """Every family of the user: lifting the block later brings none back (contract.md section 6)."""
    store.revoke_of_user(work, event.user_id)


def revoke_after_new_password(work: Work, event: PasswordChanged) -> None:
    """Every family of the user (security.md F5)."""
    store.revoke_of_user(work, event.user_id)


def revoke_of_reclaimed(work: Work, event: AccountReclaimed) -> None:
    """Every family: none is the owner's."""
    store.revoke_of_user(work, event.user_id)


def revoke_of_linked(work: Work, event: UserLinked) -> None:
    """There is no such user any more."""
    store.revoke_of_user(work, event.secondary)


def revoke_what_consent_gave(work: Work, event: UserGrantDeleted) -> None:
    """Consent taken back takes the client's token families of that user along (security.md F5)."""
    store.revoke_of_user(work, event.user_id, event.client_id)


def erase(work: Work, event: UsersErased) -> None:
    """No row mentions users who are gone."""
    removal.erase_of_users(work, event.user_ids)


REACTIONS = (
    On(SessionEnded, revoke_of_session),
    On(UserBlocked, revoke_of_blocked),
    On(PasswordChanged, revoke_after_new_password),
    On(AccountReclaimed, revoke_of_reclaimed),
    On(UserLinked, revoke_of_linked),
    On(UserGrantDeleted, revoke_what_consent_gave),
    On(UsersErased, erase),
)
