"""What suggested linking does about news from elsewhere."""

from __future__ import annotations

from idp.foundation.kernel.events import UserLinked, UsersErased
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.signin.linking import service


def forget_linked(work: Work, event: UserLinked) -> None:
    """There is no such user any more."""
    service.forget(work, [event.secondary])


def erase(work: Work, event: UsersErased) -> None:
    """A later user of the same id is asked anew."""
    service.forget(work, event.user_ids)


REACTIONS = (On(UserLinked, forget_linked), On(UsersErased, erase))
