"""What requests that wait for a person do about news from below: a yes that nobody has fetched yet, and what they were
asked by name, end with what ends tokens (security.md F5).
"""

from __future__ import annotations

from idp.foundation.ephemeral import one_time
from idp.foundation.kernel.events import (
    AccountReclaimed,
    DeletionRequested,
    PasswordChanged,
    UserBlocked,
    UserLinked,
)
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.ciba import service as ciba
from idp.protocol.oauth.device import service as device

REQUESTS = (device.REQUEST, ciba.REQUEST)


def end(work: Work, event: AccountReclaimed | DeletionRequested | PasswordChanged | UserBlocked) -> None:
    """Whoever said yes may have been somebody else than the owner, may not sign in any more, or wants to go."""
    one_time.kill_of_subjects(work, REQUESTS, [event.user_id])


def end_of_linked(work: Work, event: UserLinked) -> None:
    """There is no such user any more."""
    one_time.kill_of_subjects(work, REQUESTS, [event.secondary])


REACTIONS = (
    On(PasswordChanged, end),
    On(UserBlocked, end),
    On(AccountReclaimed, end),
    On(DeletionRequested, end),
    On(UserLinked, end_of_linked),
)
