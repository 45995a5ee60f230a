"""What connections do about news from elsewhere."""

from __future__ import annotations

from sqlalchemy import delete

from idp.directory.connections import service
from idp.directory.connections.models import ConnectionClient
from idp.foundation.kernel.events import ClientCreated, ClientDeleted, DefaultDirectoryChosen
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def enable_for_client(work: Work, event: ClientCreated) -> None:
    """Everybody may sign in to a new client at once, unless the tenant wants to choose for each
    (``flags.enable_client_connections``). One that is made like another uses what that one uses.
    """
    if event.like is not None:
        service.enable_like(work, event.client_id, event.like)
    elif not event.is_system and work.config.settings.flags.enable_client_connections:
        service.enable_everywhere(work, event.client_id)


def forget_client(work: Work, event: ClientDeleted) -> None:
    """A client that is gone uses no connection."""
    work.rows.execute(delete(ConnectionClient).where(ConnectionClient.client_id == event.client_id))


def check_default(work: Work, event: DefaultDirectoryChosen) -> None:
    """Only a connection that is there can be the tenant's default directory."""
    if service.by_name(work, event.name) is None:
        raise fault(BODY, "The connection does not exist", "default_directory")


REACTIONS = (
    On(ClientCreated, enable_for_client),
    On(ClientDeleted, forget_client),
    On(DefaultDirectoryChosen, check_default),
)
