"""What connections do about news from elsewhere."""

from __future__ import annotations

from sqlalchemy import delete

from idp.directory.connections.models import ConnectionClient
from idp.foundation.kernel.events import ClientDeleted
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def forget_client(work: Work, event: ClientDeleted) -> None:
    """A client that is gone uses no connection."""
    work.rows.execute(delete(ConnectionClient).where(ConnectionClient.client_id == event.client_id))


REACTIONS = (On(ClientDeleted, forget_client),)
