"""Password reset: asking for a link, the worker's half of it, and setting the new password (security.md M1-M8)."""

from __future__ import annotations

from typing import Any

from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.credentials import Credentials
from idp.directory.users.password_policy import PROBLEM_TEXTS
from idp.directory.users.provision import FoundUser
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.signin.login.log_types import LoginLog
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import DEFAULT_TTL_MS, PASSWORD_CHANGE, Ticket
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

TASK = "password_reset.request"


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
    members = {"connection": connection.name, "connection_id": connection.id, "client_id": payload.get("client_id")}
    account = Credentials(work.hot, work.tenant_id, connection.id).by_identifier(payload["identifier"])
    user = provision.by_identity(work, connection.id, account.account_id) if account else None
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
        ticket = Ticket(
            user.user_id,
            connection.id,
            account.account_id,
            account.email,
            payload.get("client_id"),
            locale=payload["locale"],
        )
        url = tickets.create(work, PASSWORD_CHANGE, ticket)
        mail.send(
            work,
            "reset_email",
            account.email,
            payload["locale"],
            email=account.email,
            url=url,
            expires_in=DEFAULT_TTL_MS // 1000,
        )
        log.write(work, LoginLog.PASSWORD_RESET_REQUESTED, user_id=user.user_id, user_name=account.email, **members)


def problem(work: Work, user: FoundUser, password: str) -> str | None:
    """What is wrong with a new password for that account, as a text key; None for a good one."""
    if not password:
        return "signup.signup.no-password"
    connection = connections.find(work, user.connection_id)
    found = users.password_problem(work, connection, password, user.about, account_id=user.account_id)
    return PROBLEM_TEXTS[found] if found else None


def redeem(work: Work, value: str, ticket: Ticket, user: FoundUser, password: str, *, locale: str) -> bool:
    """A new password for the user of a ticket and nobody else (security.md M4); False when the ticket was used
    meanwhile.
    """
    prepared = users.prepare_password(work, ticket.connection_id, password)
    with work.transaction():
        if not tickets.spend(work, PASSWORD_CHANGE, value):
            return False
        if ticket.mark_email_as_verified and ticket.email:
            users.verify_email(work, user.user_id, ticket.email)
        users.change_password(work, user, prepared, notify_in=locale)
    return True
