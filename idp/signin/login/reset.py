"""Password reset: asking for a link, the worker's half of it, and setting the new password (security.md M1-M8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.contract import ConnectorError
from connectors.directories import Directory
from idp.applications.clients import runtime as clients
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key
from idp.directory.users.password_policy import PROBLEM_TEXTS
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import codes, limits
from idp.foundation.kernel.networks import network_of
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import breached
from idp.signin.login import address_codes
from idp.signin.login.log_types import LoginLog
from idp.signin.login.verification import owner
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import PASSWORD_CHANGE, Ticket
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

TASK = "password_reset.request"
BREACHED = "signup.signup.breached-password"


def too_soon(work: Work, connection: ConnectionConfig, identifier: str) -> int | None:
    """Count a request for that account from the caller's network, however its address or number is spelled; the seconds
    to wait where it asked a moment ago. What others ask does not count: nobody can take a person's way back.
    """
    named = email_key(users.spelled(connection, identifier))
    return limits.exceeded(work, limits.RESET_AGAIN, f"{work.network}:{named[:120]}")


def ask_for_link(
    work: Work,
    connection: ConnectionConfig,
    identifier: str,
    *,
    client_id: str | None,
    locale: str,
    by: str = "",
    code_key: str = "",
) -> None:
    """Put the request into the outbox: nothing here depends on whether the account exists. ``by``: not a link is
    wanted but a code, sent to the account's ``email`` or ``phone_number`` and kept under ``code_key``.
    """
    payload = {
        "by": by,
        "code_key": code_key,
        "connection_id": connection.id,
        "identifier": identifier,
        "client_id": client_id,
        "locale": locale,
        "ip": work.ip,
    }
    outbox.put(work, TASK, payload)


def send_link(work: Work, payload: dict[str, Any]) -> None:
    """The worker's half: look the account up, and mail its stored address a link (security.md Q3). Handler of TASK."""
    connection = connections.find(work, payload["connection_id"])
    if connection is None:
        return
    work.ip = payload.get("ip") or ""
    members: dict[str, Any] = {
        "connection": connection.name,
        "connection_id": connection.id,
        "client_id": payload.get("client_id"),
    }
    if not connection.checks_passwords:
        name = payload["identifier"][:254]
        log.write(work, LoginLog.PASSWORD_RESET_REQUEST_FAILED, "passwords are switched off", user_name=name, **members)
        return
    by = payload.get("by") or ""
    try:
        user, address = known_as(work, connection, payload["identifier"], by=by)
    except ConnectorError as error:
        details = {"code": error.code, "detail": error.detail}
        log.write(work, LoginLog.PASSWORD_RESET_REQUEST_FAILED, error.message, details=details, **members)
        return
    often = user is not None and _too_often(work, user, address or "", by=by)
    with work.transaction():
        if user is None or not address:
            log.write(
                work,
                LoginLog.PASSWORD_RESET_REQUEST_FAILED,
                "user does not exist or has no address",
                user_name=payload["identifier"][:254],
                **members,
            )
            return
        members |= {"user_id": user.user_id, "user_name": address}
        if by:
            if not often:
                _send_code(work, user, address, payload)
            log.write(work, LoginLog.PASSWORD_RESET_REQUESTED, "too many codes" if often else "by code", **members)
            return
        if often and tickets.mailed(work, PASSWORD_CHANGE, user.user_id):
            log.write(work, LoginLog.PASSWORD_RESET_REQUESTED, "a link mailed before is still good", **members)
            return
        ticket = Ticket(
            user.user_id,
            connection.id,
            user.account_id,
            address,
            payload.get("client_id"),
            mark_email_as_verified=True,
            locale=user.language or payload["locale"],  # anybody may ask
            requester=work.network,
        )
        tickets.mail_link(work, "reset_email", PASSWORD_CHANGE, ticket)
        log.write(work, LoginLog.PASSWORD_RESET_REQUESTED, **members)


def _too_often(work: Work, user: FoundUser, address: str, *, by: str) -> bool:
    """Whether too many were sent already to ``address``, which may be a linked account's. A link that was mailed before
    stays good; codes belong to their attempt, so strangers must not use up those of the network that the owner signed
    in from last. Text messages count for their number, too.
    """
    if by == "phone_number" and address:
        proven = user.phone_verified is True and user.phone_number == address
        if address_codes.too_often_to(work, user.user_id, address, proven=proven) is not None:
            return True
    if limits.exceeded(work, limits.RESET_MAILS, user.user_id) is None:
        return False
    if not by:
        return True
    last = users.get(work, user.user_id).last_ip
    own = last is not None and network_of(last) == work.network
    return not own or limits.exceeded(work, limits.RESET_MAILS, f"own:{user.user_id}") is not None


def known_as(
    work: Work, connection: ConnectionConfig, identifier: str, *, by: str = ""
) -> tuple[FoundUser | None, str | None]:
    """Who has the account, and its address, or its number if ``by`` says so; a database of the tenant's own is asked
    about people who are not here. A number that nobody has proven is none of somebody who has a proven address.
    """
    account = users.account_of(work, connection, identifier)
    if account is not None:
        user = provision.by_identity(work, connection.id, account.account_id)
        if by != "phone_number" or user is None:
            return user, account.email
        number = users.proven_way(work, user, users.spelled(connection, identifier))
        return (user, number) if number else (None, None)
    if by == "phone_number":
        return None, None
    found = users.find_elsewhere(work, connection, identifier)
    return found, found.email if found else None


def problem(work: Work, user: FoundUser, password: str) -> str | None:
    """What is wrong with a new password for that account, as a text key; None for a good one."""
    if not password:
        return "signup.signup.no-password"
    connection = connections.find(work, user.connection_id)
    found = users.password_problem(work, connection, password, user.about, account_id=user.account_id)
    if found:
        return PROBLEM_TEXTS[found]
    about = {"user_id": user.user_id, "user_name": user.email, "connection_id": user.connection_id}
    return BREACHED if breached.reset_refused(work, password, **about) else None


def redeem(work: Work, value: str, ticket: Ticket, password: str, *, locale: str) -> bool:
    """A new password for the user of a ticket and nobody else (security.md M4); False when the ticket was used
    meanwhile. Where nobody has proven the account's address before, everything that opened it before ends (security.md
    N2).
    """
    source = users.directory_of(work, connections.find(work, ticket.connection_id))
    if source is not None:
        return _redeem_there(work, source, value, ticket, password, locale=locale)
    prepared = users.prepare_password(work, ticket.connection_id, password)
    with work.transaction():
        if not tickets.spend(work, PASSWORD_CHANGE, value, ticket):
            return False
        user = owner(work, ticket)
        if user is None:
            return False
        if ticket.phone_number is not None and users.number_of(work, user) != ticket.phone_number:
            return False
        if _proven(work, user, ticket):
            users.change_password(work, user, prepared, notify_in=locale)
        else:
            proves = ticket.email if ticket.mark_email_as_verified else None
            users.reclaim(work, user, prepared, proves=proves, proves_number=ticket.phone_number, notify_in=locale)
    return True


def _proven(work: Work, user: FoundUser, ticket: Ticket) -> bool:
    """Whether what the ticket was given for was proven before; nothing is to be proven of a link without an address."""
    if ticket.phone_number is not None:
        return users.number_proven(work, user)
    return not ticket.email or users.address_proven(work, user)


def _send_code(work: Work, user: FoundUser, address: str, payload: Mapping[str, Any]) -> None:
    """The code, in the caller's transaction. One that was sent a moment ago is still good."""
    code = codes.fresh(address_codes.LENGTH)
    if codes.put(work, payload["code_key"], code, ttl_ms=address_codes.LIFETIME_S * 1000) is not None:
        return
    client = clients.find(work, payload["client_id"]) if payload.get("client_id") else None
    name, language = client.name if client else "", user.language or payload["locale"]
    if payload["by"] == "phone_number":
        address_codes.put_text(
            work, user.user_id, address, code, client_id=payload.get("client_id"), application=name, locale=language
        )
        return
    mail.send(
        work,
        "reset_email_by_code",
        address,
        language or mail.TENANTS_LANGUAGE,
        about={
            "user_id": user.user_id,
            "client_id": payload.get("client_id"),
            "connection_id": user.connection_id,
        },
        email=address,
        code=code,
        application=name,
        expires_in=address_codes.LIFETIME_S,
    )


def _redeem_there(work: Work, source: Directory, value: str, ticket: Ticket, password: str, *, locale: str) -> bool:
    """The same where the account stands in a database of the tenant's own. The ticket is spent first: two browsers
    with one link set one password.

    :raises ConnectorError: the database took none; it needs another link.
    """
    with work.transaction():
        user = owner(work, ticket) if tickets.spend(work, PASSWORD_CHANGE, value, ticket) else None
    if user is None:
        return False
    try:
        source.replace_password(ticket.email or user.email or user.username or "", password)
    except ConnectorError as error:
        log.write(
            work,
            LoginLog.PASSWORD_CHANGE_FAILED,
            error.message,
            user_id=user.user_id,
            user_name=ticket.email,
            details={"code": error.code, "detail": error.detail},
        )
        raise
    with work.transaction():
        mine = user if users.address_proven(work, user) else users.reclaim(work, user, None)
        users.password_replaced(work, mine, notify_in=locale)
    return True
