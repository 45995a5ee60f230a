"""What administrators do about news from elsewhere."""

from __future__ import annotations

from idp.foundation.kernel.events import (
    ClientDeleted,
    InvitationAccepted,
    InvitationWithdrawn,
    UserBlocked,
    UserLinked,
    UsersErased,
    UserUnblocked,
)
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.tenant.members import service


def block(work: Work, event: UserBlocked) -> None:
    """The last Owner is not blocked; another one is no way in meanwhile."""
    service.shut_out(work, event.user_id, blocked=True)


def unblock(work: Work, event: UserUnblocked) -> None:
    """They are a way in again."""
    service.shut_out(work, event.user_id, blocked=False)


def erase(work: Work, event: UsersErased) -> None:
    """The last Owner is not deleted; a later user of another's id is no administrator."""
    service.erase_of_users(work, event.user_ids, with_connection=event.with_connection)


def forget_linked(work: Work, event: UserLinked) -> None:
    """There is no such user any more: what was theirs to do is not given to another."""
    service.erase_of_users(work, (event.secondary,))


def forget_client(work: Work, event: ClientDeleted) -> None:
    """A role for some applications names one less."""
    service.forget_client(work, event.client_id)


def accept(work: Work, event: InvitationAccepted) -> None:
    """Whoever was invited to administer does."""
    service.accepted(work, event.invitation_id, event.user_id)


def withdraw(work: Work, event: InvitationWithdrawn) -> None:
    """Nobody becomes an administrator by it."""
    service.withdrawn(work, event.invitation_id)


REACTIONS = (
    On(UserBlocked, block),
    On(UserUnblocked, unblock),
    On(UsersErased, erase),
    On(UserLinked, forget_linked),
    On(ClientDeleted, forget_client),
    On(InvitationAccepted, accept),
    On(InvitationWithdrawn, withdraw),
)
