"""What is told of deliveries goes where their people go."""

from __future__ import annotations

from idp.foundation.kernel.events import UserLinked, UsersErased
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.tenant.mail import deliveries


def follow(work: Work, event: UserLinked) -> None:
    """There is no such user any more: what they were sent was sent to the one that stays."""
    deliveries.follow(work, event.secondary, event.user_id)


def erase(work: Work, event: UsersErased) -> None:
    """Nothing says any more what they were sent (spec/privacy.md, "Erase")."""
    deliveries.erase(work, event.user_ids, event.identifiers)


REACTIONS = (On(UserLinked, follow), On(UsersErased, erase))
