"""Password reset: asking for a link, the worker's half of it, and what a new password ends (security.md M1-M8)."""

from __future__ import annotations

from typing import Any

from connectors.contract import PasswordConnector, Provisioning
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig, runtime
from idp.directory.users import password_history, provision
from idp.directory.users.credentials import Credentials
from idp.directory.users.identifiers import email_key
from idp.directory.users.log_types import UserLog
from idp.directory.users.password_policy import PROBLEM_TEXTS, Policy
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel.events import AccessEnded, SessionEnded
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import brute_force
from idp.signin.login.log_types import LoginLog
from idp.signin.sessions import service as sessions
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
    options = connection.options if connection else {}
    verdict = Policy.of(options).check(password, user.about)
    known = Credentials(work.hot, work.tenant_id, user.connection_id).passwords(user.account_id)
    if verdict.problem is None and password_history.repeats(options, known, password):
        return PROBLEM_TEXTS["history"]
    return verdict.text


def prepare(work: Work, connection_id: str, password: str) -> tuple[Provisioning, str]:
    """Hash the new password, before any transaction. Raises LookupError when the connection keeps no passwords."""
    connection = connections.find(work, connection_id)
    connector = runtime.open(work, connection) if connection else None
    if not isinstance(connector, Provisioning) or not isinstance(connector, PasswordConnector):
        raise LookupError("the connection keeps no passwords")  # noqa: TRY004 - a fact about data, not about types
    return connector, connector.prepare(password)


def redeem(work: Work, value: str, ticket: Ticket, user: FoundUser, password: str, *, locale: str) -> bool:
    """A new password for the user of a ticket and nobody else (security.md M4); False when the ticket was used
    meanwhile.
    """
    connector, prepared = prepare(work, ticket.connection_id, password)
    with work.transaction():
        if not tickets.spend(work, PASSWORD_CHANGE, value):
            return False
        if ticket.mark_email_as_verified and ticket.email:
            provision.verify_email(work, user.user_id, ticket.email)
        apply(work, user, connector, prepared, locale=locale)
    return True


def apply(
    work: Work, user: FoundUser, connector: Provisioning, prepared: str, *, locale: str, keep_session: str = ""
) -> None:
    """Set the password and end what the old one opened, all in the caller's transaction: other sessions, tokens,
    tickets, blocks.
    """
    connector.change_password(user.account_id, prepared)
    provision.password_was_reset(work, user.user_id)
    end_everything(work, user.user_id, "password-changed", keep_session=keep_session)
    tickets.kill_all(work, user.user_id)
    for identifier in (user.email, user.username):
        if identifier:
            brute_force.clear(work, email_key(identifier))
    log.write(
        work,
        UserLog.PASSWORD_CHANGED,
        user_id=user.user_id,
        user_name=user.email or user.username,
        connection_id=user.connection_id,
    )
    if user.email:
        mail.send(
            work,
            "password_changed",
            user.email,
            locale,
            email=user.email,
            support_url=work.config.settings.support_url,
            reset_url=None,
        )


def end_everything(work: Work, user_id: str, reason: str, *, keep_session: str = "") -> None:
    """End the sessions of a user (one may stay) and revoke their tokens (security.md F5, H4)."""
    for session_id in sessions.end_all(work, user_id, but=keep_session):
        work.emit(SessionEnded(session_id, user_id, reason))
    work.emit(AccessEnded(user_id))
