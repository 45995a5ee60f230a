"""What recorded consent does about news from below."""

from __future__ import annotations

from idp.foundation.kernel.events import (
    AccountReclaimed,
    ClientDeleted,
    ResourceServerDeleted,
    TenantMoved,
    UserLinked,
    UsersErased,
)
from idp.foundation.tenancy.configuration import system_audiences
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.signin.user_grants import service


def forget_linked(work: Work, event: UserLinked) -> None:
    """There is no such user any more: what it agreed to does not count for another."""
    service.forget_user(work, event.secondary)


def forget_reclaimed(work: Work, event: AccountReclaimed) -> None:
    """The owner agreed to nothing yet."""
    service.forget_user(work, event.user_id)


def erase(work: Work, event: UsersErased) -> None:
    """A later user of the same id inherits nothing (spec/privacy.md, "Erase")."""
    service.erase_of_users(work, event.user_ids)


def erase_of_api(work: Work, event: ResourceServerDeleted) -> None:
    """A later API of the same identifier inherits nothing (security.md F5)."""
    service.erase_of_api(work, event.identifier)


def erase_of_client(work: Work, event: ClientDeleted) -> None:
    """Nobody is left who could use it."""
    service.erase_of_client(work, event.client_id)


def follow_tenant(work: Work, event: TenantMoved) -> None:
    """Consent for system APIs stays what it is."""
    for old, new in zip(system_audiences(event.old_url), system_audiences(event.new_url), strict=True):
        service.follow_audience(work, old, new)


REACTIONS = (
    On(UserLinked, forget_linked),
    On(AccountReclaimed, forget_reclaimed),
    On(UsersErased, erase),
    On(ResourceServerDeleted, erase_of_api),
    On(ClientDeleted, erase_of_client),
    On(TenantMoved, follow_tenant),
)
