"""What invitations do about news from elsewhere."""

from __future__ import annotations

from idp.foundation.kernel.events import ClientDeleted, ConnectionDeleted, UsersErased
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.signin.invitations import service


def forget_client(work: Work, event: ClientDeleted) -> None:
    """Nobody can be invited to what is gone."""
    service.forget_client(work, event.client_id)


def forget_connection(work: Work, event: ConnectionDeleted) -> None:
    """There is no place for the account any more."""
    service.forget_connection(work, event.connection_id)


def erase(work: Work, event: UsersErased) -> None:
    """Nothing says any more how these people came in."""
    service.erase_of_users(work, event.user_ids)


REACTIONS = (On(ClientDeleted, forget_client), On(ConnectionDeleted, forget_connection), On(UsersErased, erase))
