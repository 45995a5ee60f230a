"""What the extension does about news from elsewhere."""

from __future__ import annotations

from idp.directory.authorization import service
from idp.foundation.kernel.events import UserLinked, UsersErased
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def forget_linked(work: Work, event: UserLinked) -> None:
    """There is no such user any more."""
    service.erase_of_users(work, (event.secondary,))


def erase(work: Work, event: UsersErased) -> None:
    """A later user of the same id inherits nothing."""
    service.erase_of_users(work, event.user_ids)


REACTIONS = (On(UserLinked, forget_linked), On(UsersErased, erase))
