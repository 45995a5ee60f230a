"""Which connections people may sign in with here, chosen by what their connectors can do."""

from __future__ import annotations

from connectors.contract import PasswordConnector
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work


def usable(work: Work, client: ClientConfig, wanted_id: str | None = None) -> tuple[ConnectionConfig, ...]:
    """The connections of the application, oldest first (every one for our own pages), or only the one that was asked
    for.
    """
    enabled = connections.for_client(work, client.client_id) if client.client_id else connections.everywhere(work)
    return tuple(each for each in enabled if wanted_id in (None, each.id))


def for_passwords(work: Work, client: ClientConfig, wanted_id: str | None = None) -> ConnectionConfig:
    """The connection that checks passwords here: the one that was asked for, else the application's first.

    :raises PageError: there is none.
    """
    found = next((each for each in usable(work, client, wanted_id) if _checks_passwords(work, each)), None)
    if found is None:
        raise PageError("access_denied", "No sign-in method is enabled for this application.", status=400)
    return found


def _checks_passwords(work: Work, connection: ConnectionConfig) -> bool:
    return isinstance(connections.runtime.open(work, connection), PasswordConnector)
