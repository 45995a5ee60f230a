"""Use cases on codes and links (spec/login-factors.md, "Codes", "SMS"; security.md I3, M11, M12, R6;
docs/decisions/0175, 0176).

Asking for one costs the same and is answered the same whoever has the address: the code is made and kept for everybody,
and the worker decides whether it is sent (:mod:`.delivery`). What a code is for (``purpose``: a login attempt, a
client) is part of its key, so that one of another attempt fits nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from connectors.contract import Address, CodeConnector
from connectors.strategy import CodeRules
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key, valid_email
from idp.foundation.ephemeral import codes, limits, one_time
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.networks import neighbourhood_of, network_of
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import phone_provider
from idp.signin.factors import messages

TASK = "passwordless.send"
LINK, APPROVED = "magic-link", "magic-approved"
TROUBLE = "sms-trouble"
TROUBLE_MS = 60_000
"""How long everybody is told that messages cannot be sent, after one was refused for a reason that concerns all."""
VERIFY_PATH = "passwordless/verify_redirect"
"""Where links lead, below the tenant's URL (Auth0's own path)."""
NUMBERS = 2
"""Digits of the number that two browsers compare."""


class Asked(msgspec.Struct, frozen=True):
    """How often somebody asked: ``wait_s`` until they may again. ``code`` says which limit it was."""

    wait_s: int
    code: str


class Link(msgspec.Struct, omit_defaults=True):
    """What a link is good for: a login attempt (``state``) of the browser of ``device_hash``, or what an application
    asked for (``params``). ``id`` is what the attempt knows it by, and ``number`` what it shows.
    """

    id: str
    connection_id: str
    address: str
    client_id: str = ""
    state: str = ""
    device_hash: str = ""
    number: str = ""
    params: dict[str, str] = {}
    locale: str = ""


@dataclass(frozen=True)
class SentLink:
    """A link that is on its way: ``id``, and the ``number`` for whoever opens it in another browser."""

    id: str
    number: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who asks for a code or a link, for which address. ``purpose`` binds a code."""

    connection: ConnectionConfig
    address: Address
    purpose: str
    client_id: str = ""
    application: str = ""
    locale: str = ""


def rules(connection: ConnectionConfig) -> CodeRules:
    """The connection's rules of codes. Raises LookupError where it sends none."""
    found = connection.codes
    if found is None:
        raise LookupError(f"strategy {connection.strategy} sends no codes")
    return found


def enabled(work: Work, client_id: str, name: str) -> ConnectionConfig | None:
    """The connection of that application that sends codes and is called ``name``. Auth0 has one of each strategy, named
    like it; here ``name`` is looked for among the names first, then among the strategies.
    """
    able = [each for each in connections.for_client(work, client_id) if each.can(CodeConnector)]
    named = next((each for each in able if each.name == name), None)
    return named or next((each for each in able if each.strategy == name), None)


def of_client(
    work: Work, client_id: str, connection: ConnectionConfig, typed: str, *, application: str = "", locale: str = ""
) -> Request | None:
    """A code or link that an application itself asks for; None where that is no address of the connection."""
    address = recognized(work, connection, typed)
    if address is None:
        return None
    return Request(
        connection=connection,
        address=address,
        purpose=f"client\0{client_id}",
        client_id=client_id,
        application=application,
        locale=locale,
    )


def recognized(work: Work, connection: ConnectionConfig, typed: str) -> Address | None:
    """What somebody typed as an address of the connection, in the spelling it is stored in."""
    if connection.accounts is not None:
        return _of_account(work, connection, typed)
    connector = connections.runtime.open(work, connection)
    if not isinstance(connector, CodeConnector):
        raise TypeError(f"strategy {connection.strategy} said that it sends codes")
    found = connector.address(typed)
    if found is None or connection.passwordless_by != "email":
        return found
    email = valid_email(found.value)
    return Address(email) if email else None


def _of_account(work: Work, connection: ConnectionConfig, typed: str) -> Address | None:
    """What an account of a database is known by, where a code is sent to such."""
    match connection.code_goes_to(typed):
        case "email":
            email = valid_email(typed)
            return Address(email) if email else None
        case "phone_number":
            return messages.address(work, users.spelled(connection, typed))
        case _:
            return None


def send_code(work: Work, asked: Request) -> Asked | None:
    """Have a code sent, which takes the place of the one before. None when that is under way, as far as anybody may
    know.
    """
    refused = _too_often(work, asked)
    if refused is not None:
        return refused
    rule, code = rules(asked.connection), codes.fresh(rules(asked.connection).length)
    with work.transaction():
        wait = codes.put(work, _key(asked), code, ttl_ms=rule.lifetime_s * 1000)
        if wait is None:
            _hand_over(work, asked, code=code)
    return Asked(wait, "again") if wait is not None else None


def send_link(
    work: Work, asked: Request, *, state: str = "", device_hash: str = "", params: dict[str, str] | None = None
) -> SentLink | Asked:
    """Have a link mailed, which takes the place of the one before."""
    refused = _too_often(work, asked)
    if refused is not None:
        return refused
    token, link_id, number = ids.token(), ids.alphanumeric(20), codes.fresh(NUMBERS)
    lifetime_ms = rules(asked.connection).lifetime_s * 1000
    link = Link(
        link_id,
        asked.connection.id,
        asked.address.value,
        asked.client_id,
        state,
        device_hash,
        number,
        params or {},
        asked.locale,
    )
    subject = f"{LINK}:{ids_of(asked)}"
    with work.transaction():
        wait = codes.put(work, f"{_key(asked)}\0link", number, ttl_ms=lifetime_ms)  # between two links
        if wait is not None:
            return Asked(wait, "again")
        codes.put(work, number_key(link), number, ttl_ms=lifetime_ms)
        one_time.kill_of_subject(work, LINK, subject)
        one_time.put(work, LINK, token, link, ttl_ms=lifetime_ms, subject=subject)
        said = {"verification_code": token, "connection": asked.connection.name, "client_id": asked.client_id}
        # what the application asked for never takes the place of what the link itself is: its token above all, which
        # would sign whoever reads the mail in as somebody else
        named = {name: value for name, value in {**(params or {}), **said}.items() if value}
        _hand_over(work, asked, url=f"{work.config.url}{VERIFY_PATH}?{urlencode(named)}")
    return SentLink(link_id, number)


def guess(work: Work, asked: Request, typed: str, *, spend: bool = True) -> bool:
    """Whether that is the code. Blanks in it do not count, and digits of every script do. Without ``spend`` it is good
    once more, if a try is left.
    """
    digits = "".join(str(int(each)) if each.isdecimal() else each for each in typed if not each.isspace())
    return codes.guess(work, _key(asked), digits[:32], spend=spend)


def read_link(work: Work, token: str) -> Link | None:
    """What a link is good for while it is; reading spends nothing (security.md M2)."""
    if not token or len(token) > 200:
        return None
    found, _ = one_time.read(work, LINK, token, Link)
    return found


def spend_link(work: Work, token: str) -> bool:
    """True for exactly one caller."""
    return one_time.take(work, LINK, token)


def approve(work: Work, token: str, link: Link, typed: str) -> bool:
    """Another browser's yes to the attempt that shows the number: only that one goes on. False for a wrong number;
    after three the link is good for nothing.
    """
    number = "".join(str(int(each)) for each in typed if each.isdecimal())
    if not codes.guess(work, number_key(link), number[:8]):
        return False
    with work.transaction():
        if not one_time.take(work, LINK, token):
            return False
        one_time.put(work, APPROVED, link.id, link, ttl_ms=rules_of(work, link).lifetime_s * 1000)
    return True


def approved(work: Work, link_id: str) -> bool:
    """Whether another browser said yes; looking spends nothing."""
    return one_time.read(work, APPROVED, link_id, Link)[0] is not None


def take_approval(work: Work, link_id: str) -> Link | None:
    """Spend that yes; what was approved, for exactly one caller."""
    link, _ = one_time.read(work, APPROVED, link_id, Link)
    return link if one_time.take(work, APPROVED, link_id) else None


def rules_of(work: Work, link: Link) -> CodeRules:
    """The rules of the link's connection; the usual ones where that is gone."""
    found = connections.find(work, link.connection_id)
    return (found.codes if found else None) or CodeRules()


def in_trouble(work: Work, connection: ConnectionConfig) -> bool:
    """Whether messages could not be sent a moment ago, to whomever."""
    return any(one_time.read(work, TROUBLE, key, dict)[0] is not None for key in _trouble_keys(connection.id))


def note_trouble(work: Work, connection_id: str) -> None:
    """The next minute's callers are told."""
    key = _trouble_keys(connection_id)[0]
    with work.transaction():
        if one_time.read(work, TROUBLE, key, dict)[0] is None:
            one_time.put(work, TROUBLE, key, {}, ttl_ms=TROUBLE_MS)


def number_key(link: Link) -> str:
    """What the number of a link is kept under."""
    return f"{LINK}\0{link.id}"


def ids_of(asked: Request) -> str:
    """One short name for who asks for which address, with nothing of the address in it."""
    return one_time.key_hash(LINK, _key(asked))


def _key(asked: Request) -> str:
    return f"{asked.connection.id}\0{asked.address.value}\0{asked.purpose}"


def _trouble_keys(connection_id: str) -> tuple[str, str]:
    """Of this minute and the one before."""
    minute = clock.now_ms() // TROUBLE_MS
    return f"{connection_id}:{minute}", f"{connection_id}:{minute - 1}"


def _too_often(work: Work, asked: Request) -> Asked | None:
    """The limits of whoever asks, and of the address: strangers cannot use up what its owner needs."""
    for limit, who in ((limits.CODES_BY_IP, work.network), (limits.CODES_BY_NEIGHBOURS, neighbourhood_of(work.ip))):
        wait = limits.exceeded(work, limit, who)
        if wait is not None:
            return Asked(wait, "network")
    key = f"{asked.connection.id}:{email_key(asked.address.value)[:150]}"
    wait = limits.exceeded(work, limits.CODES_TO_ADDRESS, key)
    owner = wait is not None and _of_owner(work, asked)
    if wait is not None and not (owner and limits.exceeded(work, limits.CODES_TO_ADDRESS, f"own:{key}") is None):
        return Asked(wait, "address")
    wait = phone_provider.wait(work, f"{key}:{work.network}") if asked.address.country is not None else None
    return Asked(wait, "again") if wait is not None else None


def _of_owner(work: Work, asked: Request) -> bool:
    """Whether the request comes from the network that the owner of the address signed in from last."""
    owner = users.of_address(work, asked.connection, asked.address.value)
    address = users.get(work, owner.user_id).last_ip if owner else None
    return address is not None and network_of(address) == work.network


def _hand_over(work: Work, asked: Request, **what: Any) -> None:
    payload = {
        "connection_id": asked.connection.id,
        "address": asked.address.value,
        "country": asked.address.country,
        "client_id": asked.client_id,
        "application": asked.application,
        "locale": asked.locale,
        "ip": work.ip,
        "user_agent": work.user_agent,
        **what,
    }
    outbox.put(work, TASK, payload)
