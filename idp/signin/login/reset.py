"""Password reset: asking for a link, the worker's half of it, and setting the new password (security.md M1-M8)."""

from __future__ import annotations

from typing import Any

from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.credentials import Credentials
from idp.directory.users.identifiers import email_key
from idp.directory.users.password_policy import PROBLEM_TEXTS
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import limits
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.signin.login.log_types import LoginLog
from idp.signin.login.verification import owner
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import DEFAULT_TTL_MS, PASSWORD_CHANGE, Ticket
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

TASK = "password_reset.request"


def too_soon(work: Work, identifier: str) -> int | None:
    """Count a request for that account from the caller's network; the seconds to wait where it asked a moment ago. What
    others ask does not count: nobody can take a person's way back.
    """
    return limits.exceeded(work, limits.RESET_AGAIN, f"{work.network}:{email_key(identifier)[:120]}")


def ask_for_link(
    work: Work, connection: ConnectionConfig, identifier: str, *, client_id: str | None, locale: str
) -> None:
    """Put the request into the outbox: nothing here depends on whether the account exists."""
    payload = {
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
    account = Credentials(work.hot, work.tenant_id, connection.id).by_identifier(payload["identifier"])
    user = provision.by_identity(work, connection.id, account.account_id) if account else None
    often = user is not None and limits.exceeded(work, limits.RESET_MAILS, user.user_id) is not None
    with work.transaction():
        if account is None or user is None or not account.email:
            log.write(
                work,
                LoginLog.PASSWORD_RESET_REQUEST_FAILED,
                "user does not exist or has no address",
                user_name=payload["identifier"][:254],
                **members,
            )
            return
        members |= {"user_id": user.user_id, "user_name": account.email}
        if often and tickets.mailed(work, PASSWORD_CHANGE, user.user_id):
            log.write(work, LoginLog.PASSWORD_RESET_REQUESTED, "a link mailed before is still good", **members)
            return
        ticket = Ticket(
            user.user_id,
            connection.id,
            account.account_id,
            account.email,
            payload.get("client_id"),
            mark_email_as_verified=True,
            locale=user.language or payload["locale"],  # anybody may ask
            requester=work.network,
        )
        url = tickets.create(work, PASSWORD_CHANGE, ticket)
        mail.send(
            work,
            "reset_email",
            account.email,
            ticket.locale or mail.TENANTS_LANGUAGE,
            email=account.email,
            url=url,
            expires_in=DEFAULT_TTL_MS // 1000,
        )
        log.write(work, LoginLog.PASSWORD_RESET_REQUESTED, **members)


def problem(work: Work, user: FoundUser, password: str) -> str | None:
    """What is wrong with a new password for that account, as a text key; None for a good one."""
    if not password:
        return "signup.signup.no-password"
    connection = connections.find(work, user.connection_id)
    found = users.password_problem(work, connection, password, user.about, account_id=user.account_id)
    return PROBLEM_TEXTS[found] if found else None


def redeem(work: Work, value: str, ticket: Ticket, password: str, *, locale: str) -> bool:
    """A new password for the user of a ticket and nobody else (security.md M4); False when the ticket was used
    meanwhile. Where nobody has proven the account's address before, everything that opened it before ends (security.md
    N2).
    """
    prepared = users.prepare_password(work, ticket.connection_id, password)
    with work.transaction():
        if not tickets.spend(work, PASSWORD_CHANGE, value, ticket):
            return False
        user = owner(work, ticket)
        if user is None:
            return False
        if not ticket.email or users.address_proven(work, user):
            users.change_password(work, user, prepared, notify_in=locale)
        else:
            proves = ticket.email if ticket.mark_email_as_verified else None
            users.reclaim(work, user, prepared, proves=proves, notify_in=locale)
    return True
