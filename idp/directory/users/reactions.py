"""What users do about news from elsewhere."""

from __future__ import annotations

from idp.directory.users import service
from idp.foundation.kernel.events import ConnectionDeleted
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def forget_connection(work: Work, event: ConnectionDeleted) -> None:
    """The users of a connection go with it."""
    service.delete_of_connection(work, event.connection_id, event.name)


REACTIONS = (On(ConnectionDeleted, forget_connection),)
