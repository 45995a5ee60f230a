"""What roles and groups do about news from elsewhere."""

from __future__ import annotations

from idp.directory.roles import service
from idp.foundation.kernel.events import ResourceServerDeleted, ScopesRemoved, UserDeleted, UserLinked, UsersErased
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def forget_api(work: Work, event: ResourceServerDeleted) -> None:
    """A later API of the same identifier inherits nothing."""
    service.forget_api(work, event.resource_server_id)


def forget_scopes(work: Work, event: ScopesRemoved) -> None:
    """What an API does not offer nobody has, also when it is offered again (spec/access-control.md)."""
    service.forget_permissions(work, event.resource_server_id, event.values)


def forget_linked(work: Work, event: UserLinked) -> None:
    """There is no such user any more. What was given to them was not given to another; the groups of their account come
    along with it.
    """
    service.erase_of_users(work, (event.secondary,))


def leave_groups(work: Work, event: UserDeleted) -> None:
    """Somebody who is deleted is in no group."""
    service.forget_accounts_of(work, event.user_id)


def erase(work: Work, event: UsersErased) -> None:
    """A later user of the same id inherits nothing (spec/privacy.md, "Erase")."""
    service.erase_of_users(work, event.user_ids)


REACTIONS = (
    On(ResourceServerDeleted, forget_api),
    On(ScopesRemoved, forget_scopes),
    On(UserLinked, forget_linked),
    On(UserDeleted, leave_groups),
    On(UsersErased, erase),
)
