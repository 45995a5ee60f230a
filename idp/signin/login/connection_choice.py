"""Which connections people may sign in with here, chosen by what their connectors can do."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.contract import PasswordConnector, RedirectConnector
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work


@dataclass(frozen=True)
class Choices:
    """Ways to sign in: with a password in one connection, at the sources of others."""

    password: ConnectionConfig | None
    elsewhere: tuple[ConnectionConfig, ...]


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
    return _required(_checks_passwords(usable(work, client, wanted_id)))


def choices(work: Work, client: ClientConfig, wanted_id: str | None = None) -> Choices:
    """All that a login page offers.

    :raises PageError: there is nothing to offer.
    """
    found = usable(work, client, wanted_id)
    password = _checks_passwords(found)
    elsewhere = tuple(each for each in found if each.can(RedirectConnector))
    offered = tuple(each for each in elsewhere if each.shown_as_button)
    if password is None and not offered:
        offered = elsewhere
    if not offered:
        _required(password)
    return Choices(password, offered)


def only_elsewhere(work: Work, client: ClientConfig, wanted_id: str | None) -> ConnectionConfig | None:
    """The connection that was asked for, where people sign in at its source and nowhere else."""
    if wanted_id is None:
        return None
    found = next(iter(usable(work, client, wanted_id)), None)
    return found if found and found.can(RedirectConnector) and not found.can(PasswordConnector) else None


def _checks_passwords(found: tuple[ConnectionConfig, ...]) -> ConnectionConfig | None:
    return next((each for each in found if each.can(PasswordConnector)), None)


def _required(found: ConnectionConfig | None) -> ConnectionConfig:
    if found is None:
        raise PageError("access_denied", "No sign-in method is enabled for this application.", status=400)
    return found
