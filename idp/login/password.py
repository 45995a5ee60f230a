"""Checks an identifier and a password, with every protection around it, and completes the sign-in."""

from __future__ import annotations

from flask import Response

from connectors.contract import InvalidCredentials, PasswordConnector
from idp.attack_protection import brute_force
from idp.audit import log
from idp.connections.runtime import ConnectionConfig, runtime
from idp.ephemeral import limits
from idp.kernel.errors import PageError
from idp.login import complete
from idp.login.visit import Visit
from idp.mail import service as mail
from idp.tenants import page_context
from idp.tickets import service as tickets
from idp.tickets.service import UNBLOCK, Ticket
from idp.users import provision
from idp.users.hasher import MAX_PASSWORD_BYTES
from idp.users.identifiers import email_key
from idp.users.provision import FoundUser
from idp.web.pages import FormError

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
    if counted is not None and not brute_force.attempt(visit.ctx, counted, connection.name):
        log.write(
            visit.ctx, "limit_wc", "blocked after too many failed sign-ins", **_members(visit, connection, identifier)
        )
        raise Refused([FormError(t(LOCKED))], 429)
    user = _verify(visit, connection, identifier, password, counted)
    return complete.sign_in(visit, user, connection.name, counted_as=counted)


def _verify(
    visit: Visit, connection: ConnectionConfig, identifier: str, password: str, counted: str | None
) -> FoundUser:
    connector = runtime.open(visit.ctx, connection)
    if not isinstance(connector, PasswordConnector):
        raise PageError("access_denied", "No password sign-in is available for this application.")
    try:
        identity = connector.login(identifier, password if len(password) <= MAX_PASSWORD_BYTES else "")
    except InvalidCredentials as error:
        account = provision.by_identity(visit.ctx, connection.id, error.user_id) if error.user_id else None
        log.write(
            visit.ctx, "fp" if error.user_id else "fu", error.message, user_id=account.user_id if account else None,
            **_members(visit, connection, identifier),
        )  # fmt: skip
        if counted is not None and account is not None and brute_force.just_blocked(visit.ctx, counted):
            _tell(visit, account, counted)
        raise Refused([FormError(visit.page().texts.t(WRONG))], 400) from error
    user = provision.by_identity(visit.ctx, connection.id, identity.user_id)
    if user is None:
        raise Refused([FormError(visit.page().texts.t(WRONG))], 400)
    return user


def _tell(visit: Visit, account: FoundUser, counted: str) -> None:
    """Mail the owner a link that lifts the block."""
    if (
        "user_notification" not in visit.ctx.config.attack_protection.brute_force_protection.shields
        or not account.email
    ):
        return
    with visit.ctx.hot.transaction():
        ticket = Ticket(account.user_id, account.connection_id, account.account_id, account.email, identifier=counted)
        url = tickets.create(visit.ctx, UNBLOCK, ticket)
        locale = page_context.locale(visit.ctx, visit.transaction.ui_locales)
        mail.send(
            visit.ctx, "blocked_account", account.email, locale, email=account.email, url=url, ip=visit.ctx.ip or None
        )


def _limit(visit: Visit) -> None:
    wait = limits.exceeded(visit.ctx, limits.LOGIN_BY_IP, visit.ctx.ip)
    if wait is not None:
        texts = visit.page().texts
        raise Refused([FormError(texts.t("login.login.rate-limited", wait=texts.duration(wait)))], 429, wait)


def _members(visit: Visit, connection: ConnectionConfig, identifier: str) -> dict[str, object]:
    return {
        "client_id": visit.client.client_id, "client_name": visit.client.name, "user_name": identifier[:254], "connection": connection.name,
        "connection_id": connection.id, "strategy": connection.strategy, "strategy_type": "database",
    }  # fmt: skip
