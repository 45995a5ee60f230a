"""Which connections people may sign in with here, chosen by what their connectors can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import msgspec

from connectors.contract import PasswordConnector, RedirectConnector
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work


class NoConnection(PageError):
    """Nobody can sign in to the application: no connection is enabled for it, or none that is built.

    ``call`` is the call of the Management API that changes it.
    """

    def __init__(self, client: ClientConfig, call: str) -> None:
        super().__init__("access_denied", "No sign-in method is enabled for this application.", status=400)
        self.client = client
        self.call = call


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

    :raises NoConnection: there is none.
    """
    return _checks_passwords(usable(work, client, wanted_id)) or _nothing(work, client, wanted_id)


def choices(work: Work, client: ClientConfig, wanted_id: str | None = None) -> Choices:
    """All that a login page offers.

    :raises NoConnection: there is nothing to offer.
    """
    found = usable(work, client, wanted_id)
    password = _checks_passwords(found)
    elsewhere = tuple(each for each in found if each.can(RedirectConnector))
    offered = tuple(each for each in elsewhere if each.shown_as_button)
    if password is None and not offered:
        offered = elsewhere
    if not offered and password is None:
        _nothing(work, client, wanted_id)
    return Choices(password, offered)


def only_elsewhere(work: Work, client: ClientConfig, wanted_id: str | None) -> ConnectionConfig | None:
    """The connection that was asked for, where people sign in at its source and nowhere else."""
    if wanted_id is None:
        return None
    found = next(iter(usable(work, client, wanted_id)), None)
    return found if found and found.can(RedirectConnector) and not found.can(PasswordConnector) else None


def _checks_passwords(found: tuple[ConnectionConfig, ...]) -> ConnectionConfig | None:
    return next((each for each in found if each.can(PasswordConnector)), None)


def _nothing(work: Work, client: ClientConfig, wanted_id: str | None) -> NoReturn:
    """:raises NoConnection: with the call that enables a connection that is there, else the one that makes one."""
    there = connections.everywhere(work)
    usable_ones = (each.id for each in there if each.can(PasswordConnector) or each.can(RedirectConnector))
    target = wanted_id or next(usable_ones, None)
    if target is None:
        raise NoConnection(client, "POST /api/v2/connections")
    body = msgspec.json.encode([{"client_id": client.client_id, "status": True}]).decode()
    raise NoConnection(client, f"PATCH /api/v2/connections/{target}/clients\n{body}")
