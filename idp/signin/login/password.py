"""Checks an identifier and a password, with every protection around it, and completes the sign-in."""

from __future__ import annotations

from connectors.contract import Identity, InvalidCredentials, PasswordConnector
from idp.directory.connections.runtime import ConnectionConfig, runtime
from idp.directory.users import provision
from idp.directory.users.hasher import MAX_PASSWORD_BYTES
from idp.directory.users.identifiers import email_key
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.signin.login import complete
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Deny, Problem, Resume, Show
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import UNBLOCK, Ticket
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

WRONG = Show((Problem("login.login.wrong-credentials"),), 400)
LOCKED = Show((Problem("login.login.too-many-attempts"),), 429)


def sign_in(request: ScreenRequest, identifier: str, password: str) -> Resume | Deny | Show:
    """The whole of it: a session, a refusal for the application, or the sentences of the form."""
    work, connection, key = request.work, request.connection, email_key(identifier)
    counted = key if connection.brute_force_protection else None
    if counted is not None and not brute_force.attempt(work, counted, connection.name):
        log.write(
            work,
            ProtectionLog.BLOCKED,
            "blocked after too many failed sign-ins",
            **_members(request, connection, identifier),
        )
        return LOCKED
    try:
        identity = _verify(request, connection, identifier, password, counted)
        return complete.sign_in(request, connection, identity, (connection.source.amr,), counted_as=counted)
    except (InvalidCredentials, complete.NoAccount):
        return WRONG


def unblock(work: Work, value: str, ticket: Ticket) -> None:
    """The owner lifts the block that others' guesses brought (security.md I5). A ticket that is spent lifts nothing."""
    with work.transaction():
        if ticket.identifier is not None and tickets.spend(work, UNBLOCK, value):
            brute_force.clear(work, ticket.identifier)
            log.write(work, ProtectionLog.UNBLOCKED, user_id=ticket.user_id, user_name=ticket.email)


def _verify(
    request: ScreenRequest, connection: ConnectionConfig, identifier: str, password: str, counted: str | None
) -> Identity:
    """Whose password it is. Raises InvalidCredentials, after the log and the owner know."""
    connector = runtime.open(request.work, connection)
    if not isinstance(connector, PasswordConnector):
        raise PageError("access_denied", "No password sign-in is available for this application.")
    try:
        return connector.login(identifier, password if len(password) <= MAX_PASSWORD_BYTES else "")
    except InvalidCredentials as error:
        account = provision.by_identity(request.work, connection.id, error.user_id) if error.user_id else None
        log.write(
            request.work,
            LoginLog.WRONG_PASSWORD if error.user_id else LoginLog.UNKNOWN_USER,
            error.message,
            user_id=account.user_id if account else None,
            **_members(request, connection, identifier),
        )
        if counted is not None and account is not None and brute_force.just_blocked(request.work, counted):
            _tell_owner(request, account, counted)
        raise


def _tell_owner(request: ScreenRequest, account: FoundUser, counted: str) -> None:
    """Mail the owner a link that lifts the block."""
    work = request.work
    shields = work.config.attack_protection.brute_force_protection.shields
    if "user_notification" not in shields or not account.email:
        return
    with work.transaction():
        ticket = Ticket(account.user_id, account.connection_id, account.account_id, account.email, identifier=counted)
        url = tickets.create(work, UNBLOCK, ticket)
        mail.send(
            work, "blocked_account", account.email, request.locale, email=account.email, url=url, ip=work.ip or None
        )


def _members(request: ScreenRequest, connection: ConnectionConfig, identifier: str) -> dict[str, object]:
    return {
        "client_id": request.client.client_id,
        "client_name": request.client.name,
        "user_name": identifier[:254],
        "connection": connection.name,
        "connection_id": connection.id,
        "strategy": connection.strategy,
        "strategy_type": connection.strategy_type,
    }
