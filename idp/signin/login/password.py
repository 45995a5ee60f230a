"""Checks an identifier and a password, with every protection around it, and completes the sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.contract import AccountRefused, ConnectorError, Identity, InvalidCredentials, PasswordConnector
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import availability
from idp.directory.connections.runtime import ConnectionConfig, runtime
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.hasher import MAX_PASSWORD_BYTES
from idp.directory.users.identifiers import email_key
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.signin.attack_protection import breached, brute_force, throttling
from idp.signin.attack_protection.brute_force import Counted, Try
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.signin.login import address_codes, complete, login_routes
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Deny, Go, Problem, Resume, Show
from idp.signin.login.screen_request import MAX_IDENTIFIER, ScreenRequest
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import UNBLOCK, Ticket
from idp.tenant.audit import failures, log
from idp.tenant.mail import service as mail

RESET_PAGE = "/u/reset-password/request"
WRONG = Show((Problem("login.login.wrong-credentials", focus="password"),), 400)
SOURCE_WORDS: Mapping[str, str] = {
    "account_disabled": "account-disabled",
    "account_expired": "account-expired",
    "account_locked": "account-locked",
    "not_allowed_now": "not-now",
    "password_change_required": "password-expired",
    "password_expired": "password-expired",
    "temporarily_unavailable": "silent",
    "unauthorized": "unauthorized",
}
"""What is said about an error of a source, by its code; about every other one: that it did not work."""
OVERDUE = frozenset({"password_change_required", "password_expired"})
"""Codes of a source that lets people in once they have another password."""
OVERDUE_PAGE = "/u/reset-password/expired"


class Breached(Exception):
    """The password was right, and is known from a data breach: it opens nothing until it is another one."""


class Locked(Exception):
    """Too many tries: the password was not looked at. ``refused`` says until when."""

    def __init__(self, refused: Try) -> None:
        super().__init__("too many tries")
        self.refused = refused


@dataclass(frozen=True)
class Verified:
    """Whose password it was, and what its tries are counted under."""

    identity: Identity
    counted: Counted | None


def sign_in(request: ScreenRequest, identifier: str, password: str) -> Resume | Deny | Show | Go:
    """The whole of it: a session, a refusal for the application, or the sentences of the form."""
    connection = request.connection_for(identifier)
    try:
        found = verified(request.work, request.client, connection, identifier, password)
    except Locked as error:
        return locked(request.texts, error.refused)
    except Breached:
        return _breached(request, connection, identifier)
    except InvalidCredentials:
        return WRONG
    except ConnectorError as error:
        return _overdue(request, connection, identifier, error) or words_of(connection, error)
    try:
        methods = (connection.source.amr,)
        asked = address_codes.of_identity(request, connection, found.identity, methods, address_codes.AT_LOGIN)
        return asked or complete.sign_in(request, connection, found.identity, methods, counted_as=found.counted)
    except complete.NoAccount as nobody:
        if str(nobody):
            members = _members(request.client, connection, identifier)
            log.write(request.work, LoginLog.FAILED, str(nobody), **members)
        return WRONG


def verified(
    work: Work, client: ClientConfig, connection: ConnectionConfig, identifier: str, password: str
) -> Verified:
    """Whose password that is, with every protection around it; failures are logged. Pages, grants and embedded forms
    ask here and nowhere else.

    :raises Locked: too many tries.
    :raises Breached: right, and known from a data breach.
    :raises InvalidCredentials: unknown, or wrong.
    :raises ConnectorError: the source cannot be asked, or refuses the account.
    """
    counted, identifier = None, users.spelled(connection, identifier)
    if not connection.checks_passwords:
        log.write(
            work, LoginLog.WRONG_PASSWORD, "passwords are switched off", **_members(client, connection, identifier)
        )
        raise InvalidCredentials
    if connection.brute_force_protection:
        counted = Counted(email_key(identifier), users.account_key(work, connection, identifier))
    attempt = brute_force.attempt(work, counted, connection.name)
    who = _members(client, connection, identifier)
    if not attempt.allowed:
        log.write(work, attempt.log_type, "blocked after too many failed sign-ins", **who)
        raise Locked(attempt)
    if attempt.watched:
        log.write(work, attempt.log_type, "would be blocked after too many failed sign-ins: monitoring only", **who)
    try:
        found = Verified(_verify(work, connection, identifier, password), counted)
    except InvalidCredentials as error:
        _wrong(work, connection, identifier, who, error, attempt)
        raise
    except ConnectorError as error:
        _refused(work, connection, who, error, counted)
        raise
    if breached.known(work, password) and _breach_refused(work, connection, found, who):
        raise Breached
    return found


def locked(texts: Texts, refused: Try, field: str | None = None) -> Show:
    """A refused try in words: until when, and the ways out of it."""
    key = "login.login.account-locked" if refused.everywhere else "login.login.too-many-attempts"
    if refused.suspicious:
        key = "login.login.suspicious-network"
    words = {"wait": texts.duration(refused.wait_s)}
    return Show((Problem(key, field, values=words),), 429, retry_after=refused.wait_s)


def unblock(work: Work, value: str, ticket: Ticket) -> bool:
    """The owner lifts the blocks that others' guesses brought (security.md I5), whichever of their names was tried.
    False for a ticket that is spent, which lifts nothing.
    """
    with work.transaction():
        if not tickets.spend(work, UNBLOCK, value, ticket):
            return False
        brute_force.clear(work, [str(ticket.identifier), *users.identifiers_of(work, [ticket.user_id])])
        log.write(work, ProtectionLog.UNBLOCKED, user_id=ticket.user_id, user_name=ticket.email)
    return True


def _breached(request: ScreenRequest, connection: ConnectionConfig, identifier: str) -> Go | Show:
    """To the page that mails a link for a new password, where we keep it."""
    if connection.accounts is None:
        return Show((Problem("login.login.breached-password", focus="password"),), 403)
    request.keep_identifier(identifier)
    return Go(RESET_PAGE, "breached")


def _breach_refused(work: Work, connection: ConnectionConfig, found: Verified, who: dict[str, object]) -> bool:
    """Say so to the log and to the owner; whether the password opens nothing any more. It was no guess."""
    account = provision.by_identity(work, connection.id, connection.account_id(found.identity.user_id))
    known_at = account.email if account else None
    refused = breached.login_refused(
        work,
        to=known_at,
        language=account.language if account else None,
        reset_url=login_routes.account_url(work, screen_hint="reset-password", login_hint=known_at),
        **{**who, "user_id": account.user_id if account else None},
    )
    if refused and found.counted is not None:
        brute_force.take_back(work, found.counted, connection.name)
    return refused


def _verify(work: Work, connection: ConnectionConfig, identifier: str, password: str) -> Identity:
    """Whose password it is. Raises InvalidCredentials, ConnectorError."""
    connector = runtime.open(work, connection)
    if not isinstance(connector, PasswordConnector):
        raise PageError("access_denied", "No password sign-in is available for this application.")
    typed = password if len(password) <= MAX_PASSWORD_BYTES else ""
    if connection.keeps_accounts:
        return connector.login(identifier, typed)
    with availability.sources.asking(work, connection):
        return connector.login(identifier, typed)


def _refused(
    work: Work,
    connection: ConnectionConfig,
    who: dict[str, object],
    error: ConnectorError,
    counted: Counted | None,
) -> None:
    """The source does not answer, or lets nobody in with that account: the log has the reason. That was no guess,
    unless the source says so without looking at the password.
    """
    if counted is not None and (not isinstance(error, AccountRefused) or error.proven):
        brute_force.take_back(work, counted, connection.name)
    failures.write(work, LoginLog.FAILED, error.message, **who, details={"code": error.code, "detail": error.detail})


def _overdue(request: ScreenRequest, connection: ConnectionConfig, identifier: str, error: ConnectorError) -> Go | None:
    """To the page for another password, where the right one was typed, nothing but its age keeps them out, and the
    source changes passwords for us.
    """
    if not isinstance(error, AccountRefused) or not error.proven or error.user_id is None:
        return None
    if error.code not in OVERDUE or not connection.changes_passwords_at_source:
        return None
    request.transaction.overdue = (connection.id, error.user_id)
    request.transaction.identifier = identifier[:MAX_IDENTIFIER].strip()
    request.save()
    return Go(OVERDUE_PAGE)


def words_of(connection: ConnectionConfig, error: ConnectorError) -> Show:
    """One sentence for the person, which names the source."""
    key = f"login.login.source-{SOURCE_WORDS.get(error.code, 'refused')}"
    words = {"name": connection.display_name, "reason": error.message}
    status = 403 if isinstance(error, AccountRefused) or error.code == "unauthorized" else 503
    return Show((Problem(key, focus="password", values=words),), status)


def _wrong(
    work: Work,
    connection: ConnectionConfig,
    identifier: str,
    who: dict[str, object],
    error: InvalidCredentials,
    attempt: Try,
) -> None:
    """The log is told, and the owner where a block begins; it costs the network one of its tries."""
    throttling.failed(work)
    known = connection.account_id(error.user_id) if error.user_id else None
    account = provision.by_identity(work, connection.id, known) if known else None
    log.write(
        work,
        LoginLog.WRONG_PASSWORD if error.user_id else LoginLog.UNKNOWN_USER,
        error.detail or error.message,
        user_id=_named(connection, account, error),
        **who,
    )
    if attempt.last and account is not None:
        _tell_owner(work, account, email_key(identifier), everywhere=attempt.everywhere)


def _named(connection: ConnectionConfig, account: FoundUser | None, error: InvalidCredentials) -> str | None:
    """Who it is, also where the source knows them and we do not."""
    if account is not None or error.user_id is None:
        return account.user_id if account else None
    return f"{connection.provider}|{error.user_id}"[:300]


def _tell_owner(work: Work, account: FoundUser, counted: str, *, everywhere: bool) -> None:
    """One mail for the block that just began, with a link that lifts it."""
    shields = work.config.attack_protection.brute_force_protection.shields
    if "user_notification" not in shields or not account.email:
        return
    if limits.exceeded(work, limits.BLOCKED_MAIL, account.user_id) is not None:
        return
    with work.transaction():
        ticket = Ticket(account.user_id, account.connection_id, account.account_id, account.email, identifier=counted)
        url = tickets.create(work, UNBLOCK, ticket)
        mail.send(
            work,
            "blocked_account",
            account.email,
            account.language or mail.TENANTS_LANGUAGE,  # whoever guessed speaks another, maybe
            about={"user_id": account.user_id, "connection_id": account.connection_id},
            email=account.email,
            url=url,
            ip=None if everywhere else work.ip or None,
            everywhere=everywhere,
        )


def _members(client: ClientConfig, connection: ConnectionConfig, identifier: str) -> dict[str, object]:
    return {
        "client_id": client.client_id,
        "client_name": client.name,
        "user_name": identifier[:254],
        "connection": connection.name,
        "connection_id": connection.id,
        "strategy": connection.strategy,
        "strategy_type": connection.strategy_type,
    }
