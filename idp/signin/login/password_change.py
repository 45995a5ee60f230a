"""A person's own change of password: the current one is asked for, and its tries are counted like a sign-in's."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import ConnectorError, InvalidCredentials, OwnPassword, PasswordConnector, PasswordRefused
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.hasher import MAX_PASSWORD_BYTES
from idp.directory.users.identifiers import email_key
from idp.directory.users.log_types import UserLog
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import texts_for
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection.brute_force import Counted
from idp.signin.login import reset
from idp.signin.login.log_types import LoginLog
from idp.signin.login.password import SOURCE_WORDS, locked
from idp.signin.login.screen import Problem
from idp.tenant.audit import failures, log

NOTHING_TO_CHANGE = "This account has no password here."
REFUSED = "account.index.password-refused"
WRONG = Problem("account.index.wrong-password", "current_password")


def change_password(
    work: Work, user: FoundUser, current: str, password: str, *, locale: str, keep_session: str
) -> Problem | None:
    """Set ``password``; the session it is done in stays, everything else that the old one opened ends. Answers what is
    wrong, if anything is.

    :raises PageError: the account has no password here.
    """
    connection = connections.find(work, user.connection_id)
    if connection is not None and connection.changes_passwords_at_source:
        return _change_at_source(work, connection, user, current, password, locale=locale, keep_session=keep_session)
    if connection is None or connection.accounts is None:
        raise PageError("invalid_request", NOTHING_TO_CHANGE)
    problem = _current_problem(work, connection, user, current, locale)
    if problem is not None:
        return problem
    weakness = reset.problem(work, user, password)
    if weakness:
        return Problem(weakness, "password")
    source = users.directory_of(work, connection)
    if source is not None:
        try:
            source.replace_password(users.name_of(connection, user), password)
        except ConnectorError as error:
            return _refused(work, connection, _named(user), error)
        with work.transaction():
            users.changed_at_source(work, user, spared_session=keep_session, notify_in=locale)
        return None
    prepared = users.prepare_password(work, user.connection_id, password)
    with work.transaction():
        users.change_password(work, user, prepared, spared_session=keep_session, notify_in=locale)
    return None


def _change_at_source(
    work: Work,
    connection: ConnectionConfig,
    user: FoundUser,
    current: str,
    password: str,
    *,
    locale: str,
    keep_session: str,
) -> Problem | None:
    """The source looks at the current password and decides whether the new one is good."""
    counted = _counted(work, connection, user)
    problem = _exchanged(work, connection, user.account_id, current, password, counted, _named(user), locale)
    if problem is None:
        with work.transaction():
            users.changed_at_source(work, user, spared_session=keep_session, notify_in=locale)
    return problem


def change_overdue(
    work: Work,
    connection: ConnectionConfig,
    account: str,
    identifier: str,
    current: str,
    password: str,
    *,
    locale: str,
) -> Problem | None:
    """The same for somebody whom the source lets in once that is done, and who may never have been here: ``account`` is
    the source's id of theirs, ``identifier`` what they typed. Everything that the old password opened ends.
    """
    user = provision.by_identity(work, connection.id, connection.account_id(account))
    counted = Counted(email_key(identifier), users.account_key(work, connection, identifier))
    named = {"user_id": user.user_id if user else None, "user_name": identifier[:254]}
    problem = _exchanged(work, connection, connection.account_id(account), current, password, counted, named, locale)
    if problem is None:
        with work.transaction():
            if user is not None:
                users.changed_at_source(work, user, notify_in=locale)
            else:
                members = {"connection": connection.name, "connection_id": connection.id}
                log.write(work, UserLog.PASSWORD_CHANGED, **named, **members)
    return problem


def _exchanged(
    work: Work,
    connection: ConnectionConfig,
    account_id: str,
    current: str,
    password: str,
    counted: Counted,
    named: Mapping[str, str | None],
    locale: str,
) -> Problem | None:
    """The current password against another one, where they are kept; ``account_id`` is ours. Tries count."""
    if not password or len(password) > MAX_PASSWORD_BYTES:
        return Problem("signup.signup.no-password" if not password else REFUSED, "password")
    connector = connections.runtime.open(work, connection)
    if not isinstance(connector, OwnPassword):
        raise TypeError(f"strategy {connection.strategy} said that it changes passwords")
    attempt = brute_force.attempt(work, counted, connection.name)
    if not attempt.allowed:
        return locked(texts_for(locale), attempt, "current_password").problems[0]
    try:
        connector.change_own_password(connection.id_at_source(account_id), current, password)
    except InvalidCredentials:
        log.write(work, LoginLog.PASSWORD_CHANGE_FAILED, "wrong current password", **named)
        return WRONG
    except ConnectorError as error:
        brute_force.take_back(work, counted, connection.name)
        return _refused(work, connection, named, error)
    brute_force.succeeded(work, counted, connection.name)
    return None


def _current_problem(
    work: Work, connection: ConnectionConfig, user: FoundUser, current: str, locale: str
) -> Problem | None:
    connector = connections.runtime.open(work, connection)
    if not isinstance(connector, PasswordConnector):
        raise PageError("invalid_request", NOTHING_TO_CHANGE)
    counted = _counted(work, connection, user)
    attempt = brute_force.attempt(work, counted, connection.name)
    if not attempt.allowed:
        return locked(texts_for(locale), attempt, "current_password").problems[0]
    try:
        connector.login(users.name_of(connection, user), current)
    except InvalidCredentials:
        return _wrong(work, user)
    except ConnectorError as error:
        brute_force.take_back(work, counted, connection.name)
        return _refused(work, connection, _named(user), error)
    brute_force.succeeded(work, counted, connection.name)
    return None


def _counted(work: Work, connection: ConnectionConfig, user: FoundUser) -> Counted:
    identifier = users.name_of(connection, user) or user.user_id
    return Counted(email_key(identifier), users.account_key(work, connection, identifier))


def _named(user: FoundUser) -> dict[str, str | None]:
    return {"user_id": user.user_id, "user_name": user.email}


def _wrong(work: Work, user: FoundUser) -> Problem:
    log.write(work, LoginLog.PASSWORD_CHANGE_FAILED, "wrong current password", **_named(user))
    return WRONG


def _refused(
    work: Work, connection: ConnectionConfig, named: Mapping[str, str | None], error: ConnectorError
) -> Problem:
    """The source of the account refused, or does not answer."""
    details = {"code": error.code, "detail": error.detail}
    members = {**named, "connection": connection.name}
    failures.write(work, LoginLog.PASSWORD_CHANGE_FAILED, error.message, details=details, **members)
    if isinstance(error, PasswordRefused):
        return Problem(REFUSED, "password")
    key = f"login.login.source-{SOURCE_WORDS.get(error.code, 'refused')}"
    return Problem(key, "current_password", values={"name": connection.display_name})
