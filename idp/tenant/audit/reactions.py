"""What the log does about news from elsewhere."""

from __future__ import annotations

from idp.foundation.kernel.events import UsersErased
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log, pseudonyms


def forget_activity(work: Work, event: UsersErased) -> None:
    """Nothing says any more when they were active (spec/privacy.md, "Erase")."""
    log.erase_activity(work, event.user_ids)


def use_pseudonyms(work: Work, event: UsersErased) -> None:
    """What is told of them goes on under another name, where the tenant says so."""
    pseudonyms.ask(work, event.user_ids, event.identifiers)


REACTIONS = (On(UsersErased, forget_activity), On(UsersErased, use_pseudonyms))
