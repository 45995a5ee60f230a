"""Checks an identifier and a password, with every protection around it, and completes the sign-in."""

from __future__ import annotations

from flask import Response

from connectors.contract import InvalidCredentials, PasswordConnector
from idp.directory.connections.runtime import ConnectionConfig, runtime
from idp.directory.users import provision
from idp.directory.users.hasher import MAX_PASSWORD_BYTES
from idp.directory.users.identifiers import email_key
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import page_context
from idp.foundation.web.pages import FormError
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.signin.login import complete
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen_request import Visit
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import UNBLOCK, Ticket
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

WRONG = "login.login.wrong-credentials"
LOCKED = "login.login.too-many-attempts"


class Refused(Exception):
    """The sign-in did not happen: the sentence for the page, and the status it goes out with."""

    def __init__(self, errors: list[FormError], status: int, retry_after: int | None = None) -> None:
        super().__init__()
        self.errors = errors
        self.status = status
        self.retry_after = retry_after


def sign_in(visit: Visit, identifier: str, password: str) -> Response:
    """The whole of it. Raises Refused with the sentences of the form."""
    t = visit.page().texts.t
    missing = []
    if not identifier:
        missing.append(FormError(t("login.login.no-username"), "username"))
    if not password:
        missing.append(FormError(t("login.login.no-password"), "password"))
    if missing:
        raise Refused(missing, 400)
    connection = visit.database()
    key = email_key(identifier)
    _limit(visit)
    counted = key if connection.brute_force_protection else None
    if counted is not None and not brute_force.attempt(visit.work, counted, connection.name):
        log.write(
            visit.work,
            ProtectionLog.BLOCKED,
            "blocked after too many failed sign-ins",
            **_members(visit, connection, identifier),
        )
        raise Refused([FormError(t(LOCKED))], 429)
    user = _verify(visit, connection, identifier, password, counted)
    return complete.sign_in(visit, user, connection.name, counted_as=counted)


def _verify(
    visit: Visit, connection: ConnectionConfig, identifier: str, password: str, counted: str | None
) -> FoundUser:
    connector = runtime.open(visit.work, connection)
    if not isinstance(connector, PasswordConnector):
        raise PageError("access_denied", "No password sign-in is available for this application.")
    try:
        identity = connector.login(identifier, password if len(password) <= MAX_PASSWORD_BYTES else "")
    except InvalidCredentials as error:
        account = provision.by_identity(visit.work, connection.id, error.user_id) if error.user_id else None
        log.write(
            visit.work,
            LoginLog.WRONG_PASSWORD if error.user_id else LoginLog.UNKNOWN_USER,
            error.message,
            user_id=account.user_id if account else None,
            **_members(visit, connection, identifier),
        )
        if counted is not None and account is not None and brute_force.just_blocked(visit.work, counted):
            _tell(visit, account, counted)
        raise Refused([FormError(visit.page().texts.t(WRONG))], 400) from error
    user = provision.by_identity(visit.work, connection.id, identity.user_id)
    if user is None:
        raise Refused([FormError(visit.page().texts.t(WRONG))], 400)
    return user


def _tell(visit: Visit, account: FoundUser, counted: str) -> None:
    """Mail the owner a link that lifts the block."""
    if (
        "user_notification" not in visit.work.config.attack_protection.brute_force_protection.shields
        or not account.email
    ):
        return
    with visit.work.hot.transaction():
        ticket = Ticket(account.user_id, account.connection_id, account.account_id, account.email, identifier=counted)
        url = tickets.create(visit.work, UNBLOCK, ticket)
        locale = page_context.locale(visit.work, visit.transaction.ui_locales)
        mail.send(
            visit.work, "blocked_account", account.email, locale, email=account.email, url=url, ip=visit.work.ip or None
        )


def _limit(visit: Visit) -> None:
    wait = limits.exceeded(visit.work, limits.LOGIN_BY_IP, visit.work.ip)
    if wait is not None:
        texts = visit.page().texts
        raise Refused([FormError(texts.t("login.login.rate-limited", wait=texts.duration(wait)))], 429, wait)


def _members(visit: Visit, connection: ConnectionConfig, identifier: str) -> dict[str, object]:
    return {
        "client_id": visit.client.client_id,
        "client_name": visit.client.name,
        "user_name": identifier[:254],
        "connection": connection.name,
        "connection_id": connection.id,
        "strategy": connection.strategy,
        "strategy_type": "database",
    }
