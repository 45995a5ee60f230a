"""What tokens do about news from below."""

from __future__ import annotations

from idp.foundation.kernel.events import (
    AccountReclaimed,
    ClientDeleted,
    DeletionRequested,
    PasswordChanged,
    ResourceServerDeleted,
    SessionEnded,
    TenantMoved,
    UserBlocked,
    UserGrantDeleted,
    UserLinked,
    UsersErased,
    UserSignedOut,
)
from idp.foundation.tenancy.configuration import system_audiences
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import families, removal, store


def revoke_of_session(work: Work, event: SessionEnded) -> None:
    """Tokens end with their session, those with offline_access excepted, and so do codes that wait to be redeemed."""
    store.revoke_of_session(work, event.session_id, offline_too=False)


def revoke_of_signed_out(work: Work, event: UserSignedOut) -> None:
    """The same for sessions that ran out before, whose tokens may still live."""
    store.revoke_online_of_user(work, event.user_id, but_of_session=event.spared_session)


def revoke_of_blocked(work: Work, event: UserBlocked) -> None:
    """Every family of the user: lifting the block later brings none back (contract.md section 6)."""
    store.revoke_of_user(work, event.user_id)


def revoke_of_leaving(work: Work, event: DeletionRequested) -> None:
    """Every family of the user: whoever changes their mind signs in again."""
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
    """Consent taken back takes the client's token families of that user along (security.md F5): those of the API it was
    for, where it was for one.
    """
    if event.audience is None:
        store.revoke_of_user(work, event.user_id, event.client_id)
    else:
        families.revoke_of_grant(work, event.user_id, event.client_id, event.audience)


def revoke_of_api(work: Work, event: ResourceServerDeleted) -> None:
    """Nothing of it comes back with a later API of the same identifier (security.md F5)."""
    families.revoke_of_api(work, event.identifier)


def revoke_of_client(work: Work, event: ClientDeleted) -> None:
    """Lists of people's tokens name no client that is gone."""
    families.revoke_of_client(work, event.client_id)


def follow_tenant(work: Work, event: TenantMoved) -> None:
    """Refresh tokens for system APIs stay what they are (contract.md section 2)."""
    for old, new in zip(system_audiences(event.old_url), system_audiences(event.new_url), strict=True):
        families.follow_audience(work, old, new)


def erase(work: Work, event: UsersErased) -> None:
    """No row mentions users who are gone."""
    removal.erase_of_users(work, event.user_ids)


REACTIONS = (
    On(SessionEnded, revoke_of_session),
    On(UserSignedOut, revoke_of_signed_out),
    On(UserBlocked, revoke_of_blocked),
    On(DeletionRequested, revoke_of_leaving),
    On(PasswordChanged, revoke_after_new_password),
    On(AccountReclaimed, revoke_of_reclaimed),
    On(UserLinked, revoke_of_linked),
    On(UserGrantDeleted, revoke_what_consent_gave),
    On(ResourceServerDeleted, revoke_of_api),
    On(ClientDeleted, revoke_of_client),
    On(TenantMoved, follow_tenant),
    On(UsersErased, erase),
)
