"""What one-time things do about news from above."""

from __future__ import annotations

from idp.foundation.ephemeral import removal
from idp.foundation.kernel.events import UsersErased
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def erase(work: Work, event: UsersErased) -> None:
    """Whatever was put down for users who are gone, spent or not (spec/privacy.md, "Erase")."""
    removal.erase_of_subjects(work, event.user_ids)


REACTIONS = (On(UsersErased, erase),)
