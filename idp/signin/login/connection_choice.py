"""Which connections people may sign in with here, chosen by what their connectors can do, and which of them is asked
(docs/decisions/0177).

A password goes to one connection and to no other: the one that the application or the person named, else the one that
the domain of the address belongs to, else the application's first. None of the others sees it, whatever that one says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

import msgspec

from connectors.contract import CodeConnector, PasswordConnector, RedirectConnector
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts

WAYS = (PasswordConnector, RedirectConnector, CodeConnector)
"""Capabilities that sign somebody in."""


class NoConnection(PageError):
    """Nobody can sign in to the application: no connection is enabled for it, or none that is built.

    ``call`` is the call of the Management API that changes it.
    """

    def __init__(self, client: ClientConfig, call: str) -> None:
        super().__init__("access_denied", "No sign-in method is enabled for this application.", status=400)
        self.client = client
        self.call = call


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What narrows the choice down: the connection that the application asked for, the one that the person picked here,
    and the address they typed.
    """

    asked_id: str | None = None
    picked_id: str | None = None
    identifier: str = ""


@dataclass(frozen=True)
class Choices:
    """Ways to sign in: with a password in one connection, with a code from one, and others that are offered beside.
    ``by_domain``: some of those that are not offered take people by the domain of their address.
    """

    password: ConnectionConfig | None
    code: ConnectionConfig | None = None
    elsewhere: tuple[ConnectionConfig, ...] = ()
    by_domain: bool = False

    @property
    def asks_who(self) -> bool:
        """Whether an address or a name leads anywhere here."""
        return self.password is not None or self.code is not None or self.by_domain


@dataclass(frozen=True)
class Route:
    """Where an address leads: to the one connection its domain belongs to, or to one of several; to the usual form
    where there is none.
    """

    to: tuple[ConnectionConfig, ...] = field(default=())

    @property
    def only(self) -> ConnectionConfig | None:
        """The one there is."""
        return self.to[0] if len(self.to) == 1 else None


def usable(work: Work, client: ClientConfig, wanted_id: str | None = None) -> tuple[ConnectionConfig, ...]:
    """The connections of the application, oldest first (every one for our own pages), or only the one that was asked
    for.
    """
    enabled = connections.for_client(work, client.client_id) if client.client_id else connections.everywhere(work)
    return tuple(each for each in enabled if wanted_id in (None, each.id))


def for_passwords(work: Work, client: ClientConfig, wish: Wish) -> ConnectionConfig:
    """The connection that checks passwords here.

    :raises NoConnection: there is none.
    """
    return _checks_passwords(usable(work, client, wish.asked_id), wish) or _nothing(work, client, wish.asked_id)


def for_signup(work: Work, client: ClientConfig, wish: Wish) -> ConnectionConfig | None:
    """The connection in which people make accounts of their own: the one that was picked, else the first that lets
    them.
    """
    able = [each for each in usable(work, client, wish.asked_id) if each.signup_enabled]
    return next((each for each in able if each.id == wish.picked_id), None) or next(iter(able), None)


def choices(work: Work, client: ClientConfig, wish: Wish) -> Choices:
    """All that a login page offers.

    :raises NoConnection: there is nothing to offer.
    """
    found = usable(work, client, wish.asked_id)
    picked = next((each for each in found if each.id == wish.picked_id), None)
    password = _checks_passwords(found, wish)
    code = None
    if picked is not None and picked.can(CodeConnector):
        password, code = None, picked
    elif password is None:
        code = next((each for each in found if each.can(CodeConnector)), None)
    used = {each.id for each in (password, code) if each is not None}
    others = [each for each in found if each.id not in used and any(each.can(way) for way in WAYS)]
    offered = tuple(each for each in others if _offered(each))
    by_domain = any(each.domains for each in others if each not in offered)
    if not offered and not used and not by_domain:
        offered = tuple(others)
    if not offered and not used and not by_domain:
        _nothing(work, client, wish.asked_id)
    return Choices(password, code, offered, by_domain)


def route(work: Work, client: ClientConfig, wish: Wish) -> Route:
    """Home-realm discovery: the connections that the domain of the typed address belongs to. A connection that was
    asked for or picked needs none.
    """
    if wish.asked_id is not None or wish.picked_id is not None:
        return Route()
    return Route(_of_domain(usable(work, client), wish.identifier))


def straight_to(work: Work, client: ClientConfig, wish: Wish) -> ConnectionConfig | None:
    """The connection whose source people are sent to without a page of ours: the one that was asked for, the only one
    there is, or the one that the hinted address belongs to; where they sign in at its source and nowhere else.
    """
    found = usable(work, client, wish.asked_id)
    ways = [each for each in found if any(each.can(way) for way in WAYS)]
    only = ways[0] if len(ways) == 1 else route(work, client, wish).only
    return only if only and leads_away(only) else None


def leads_away(connection: ConnectionConfig) -> bool:
    """Whether people sign in at the connection's source, and not with what they type here."""
    return connection.can(RedirectConnector) and not connection.can(PasswordConnector)


def takes_passwords(connection: ConnectionConfig) -> bool:
    """Whether people sign in with a password that they type here."""
    return connection.can(PasswordConnector)


def name_for_people(texts: Texts, connection: ConnectionConfig) -> str:
    """What people know it by: its own name, "Password" where they type one and nobody named it, else its source's."""
    own = connection.data.get("display_name")
    unnamed = own is None and connection.accounts is not None
    return texts.t("login.login.passwordLabel") if unnamed else connection.display_name


def sends_codes(connection: ConnectionConfig) -> bool:
    """Whether people sign in with a code that they are sent."""
    return connection.can(CodeConnector)


def types_here(connection: ConnectionConfig) -> bool:
    """Whether people sign in with what they type on our pages."""
    return takes_passwords(connection) or sends_codes(connection)


def _offered(connection: ConnectionConfig) -> bool:
    """Whether a page offers it by name: what people cannot reach by typing who they are."""
    if connection.can(CodeConnector):
        return True
    if leads_away(connection):
        return connection.shown_as_button
    return connection.shown_as_button or not connection.domains


def _checks_passwords(found: tuple[ConnectionConfig, ...], wish: Wish) -> ConnectionConfig | None:
    able = [each for each in found if each.can(PasswordConnector)]
    picked = next((each for each in able if each.id == wish.picked_id), None)
    of_domain = next((each for each in _of_domain(found, wish.identifier) if each in able), None)
    return picked or of_domain or next(iter(able), None)


def _of_domain(found: tuple[ConnectionConfig, ...], identifier: str) -> tuple[ConnectionConfig, ...]:
    domain = identifier.rpartition("@")[2].strip().lower().removesuffix(".") if "@" in identifier else ""
    if not domain:
        return ()
    spelled = {domain, _ascii(domain)}
    return tuple(
        each for each in found if spelled & set(each.domains) and (leads_away(each) or each.can(PasswordConnector))
    )


def _ascii(domain: str) -> str:
    """The domain as the configuration names it, where it is an international one."""
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _nothing(work: Work, client: ClientConfig, wanted_id: str | None) -> NoReturn:
    """:raises NoConnection: with the call that enables a connection that is there, else the one that makes one."""
    there = connections.everywhere(work)
    usable_ones = (each.id for each in there if any(each.can(way) for way in WAYS))
    target = wanted_id or next(usable_ones, None)
    if target is None:
        raise NoConnection(client, "POST /api/v2/connections")
    body = msgspec.json.encode([{"client_id": client.client_id, "status": True}]).decode()
    raise NoConnection(client, f"PATCH /api/v2/connections/{target}/clients\n{body}")
