"""Password reset: asking for a link, the worker's half of it, and what a new password ends (security.md M1-M8)."""

from __future__ import annotations

from typing import Any

from connectors.contract import PasswordConnector, Provisioning
from idp.attack_protection import brute_force
from idp.audit import log
from idp.connections import runtime as connections
from idp.connections.runtime import ConnectionConfig, runtime
from idp.kernel.events import Event, bus
from idp.mail import service as mail
from idp.queue import outbox
from idp.sessions import service as sessions
from idp.tenants.context import Context
from idp.tickets import service as tickets
from idp.tickets.service import DEFAULT_TTL_MS, PASSWORD_CHANGE, Ticket
from idp.tokens import store as tokens
from idp.users import password_history, provision
from idp.users.credentials import Credentials
from idp.users.identifiers import email_key
from idp.users.password_policy import PROBLEM_TEXTS, Policy
from idp.users.provision import FoundUser

TASK = "password_reset.request"


def ask_for_link(
    ctx: Context, connection: ConnectionConfig, identifier: str, *, client_id: str | None, locale: str
) -> None:
    """Put the request into the outbox: nothing here depends on whether the account exists."""
    payload = {
        "connection_id": connection.id,
        "identifier": identifier,
        "client_id": client_id,
        "locale": locale,
        "ip": ctx.ip,
    }
    outbox.put(ctx, TASK, payload)


def send_link(ctx: Context, payload: dict[str, Any]) -> None:
    """The worker's half: look the account up, and mail its stored address a link (security.md Q3). Handler of TASK."""
    connection = connections.find(ctx, payload["connection_id"])
    if connection is None:
        return
    ctx.ip = payload.get("ip") or ""
    members = {"connection": connection.name, "connection_id": connection.id, "client_id": payload.get("client_id")}
    account = Credentials(ctx.hot, ctx.tenant_id, connection.id).by_identifier(payload["identifier"])
    user = provision.by_identity(ctx, connection.id, account.account_id) if account else None
    with ctx.hot.transaction():
        if account is None or user is None or not account.email:
            log.write(
                ctx, "fcpr", "user does not exist or has no address", user_name=payload["identifier"][:254], **members
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
        url = tickets.create(ctx, PASSWORD_CHANGE, ticket)
        mail.send(
            ctx,
            "reset_email",
            account.email,
            payload["locale"],
            email=account.email,
            url=url,
            expires_in=DEFAULT_TTL_MS // 1000,
        )
        log.write(ctx, "scpr", user_id=user.user_id, user_name=account.email, **members)


def problem(ctx: Context, user: FoundUser, password: str) -> str | None:
    """What is wrong with a new password for that account, as a text key; None for a good one."""
    if not password:
        return "signup.signup.no-password"
    connection = connections.find(ctx, user.connection_id)
    options = connection.options if connection else {}
    verdict = Policy.of(options).check(password, user.about)
    known = Credentials(ctx.hot, ctx.tenant_id, user.connection_id).passwords(user.account_id)
    if verdict.problem is None and password_history.repeats(options, known, password):
        return PROBLEM_TEXTS["history"]
    return verdict.text


def prepare(ctx: Context, connection_id: str, password: str) -> tuple[Provisioning, str]:
    """Hash the new password, before any transaction. Raises LookupError when the connection keeps no passwords."""
    connection = connections.find(ctx, connection_id)
    connector = runtime.open(ctx, connection) if connection else None
    if not isinstance(connector, Provisioning) or not isinstance(connector, PasswordConnector):
        raise LookupError("the connection keeps no passwords")  # noqa: TRY004 - a fact about data, not about types
    return connector, connector.prepare(password)


def apply(
    ctx: Context, user: FoundUser, connector: Provisioning, prepared: str, *, locale: str, keep_session: str = ""
) -> None:
    """Set the password and end what the old one opened, all in the caller's transaction: other sessions, tokens, tickets, blocks."""
    connector.change_password(user.account_id, prepared)
    provision.password_was_reset(ctx, user.user_id)
    end_everything(ctx, user.user_id, "password-changed", keep_session=keep_session)
    tickets.kill_all(ctx, user.user_id)
    for identifier in (user.email, user.username):
        if identifier:
            brute_force.clear(ctx, email_key(identifier))
    log.write(ctx, "scp", user_id=user.user_id, user_name=user.email or user.username, connection_id=user.connection_id)
    if user.email:
        mail.send(
            ctx,
            "password_changed",
            user.email,
            locale,
            email=user.email,
            support_url=ctx.config.settings.support_url,
            reset_url=None,
        )


def end_everything(ctx: Context, user_id: str, reason: str, *, keep_session: str = "") -> None:
    """End the sessions of a user (one may stay) and revoke their tokens (security.md F5, H4)."""
    for session_id in sessions.end_all(ctx, user_id, but=keep_session):
        bus.emit(
            Event("session.ended", ctx.tenant_id, {"session_id": session_id, "user_id": user_id, "reason": reason}), ctx
        )
    tokens.revoke_of_user(ctx, user_id)
