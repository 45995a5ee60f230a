"""What recorded consent does about news from below."""

from __future__ import annotations

from idp.foundation.kernel.events import AccountReclaimed, TenantMoved, UserLinked, UsersErased
from idp.foundation.tenancy.configuration import management_audience
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


def follow_tenant(work: Work, event: TenantMoved) -> None:
    """Consent for the Management API stays what it is."""
    service.follow_audience(work, management_audience(event.old_url), management_audience(event.new_url))


REACTIONS = (
    On(UserLinked, forget_linked),
    On(AccountReclaimed, forget_reclaimed),
    On(UsersErased, erase),
    On(TenantMoved, follow_tenant),
)
