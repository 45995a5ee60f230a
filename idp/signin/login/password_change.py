"""A person's own change of password: the current one is asked for, and its tries are counted like a sign-in's."""

from __future__ import annotations

from connectors.contract import ConnectorError, InvalidCredentials, PasswordConnector
from idp.directory.connections import runtime as connections
from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import texts_for
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection.brute_force import Counted
from idp.signin.login import reset
from idp.signin.login.log_types import LoginLog
from idp.signin.login.password import locked
from idp.signin.login.screen import Problem
from idp.tenant.audit import log

WRONG = Problem("account.index.wrong-password", "current_password")


def change_password(
    work: Work, user: FoundUser, current: str, password: str, *, locale: str, keep_session: str
) -> Problem | None:
    """Set ``password``; the session it is done in stays, everything else that the old one opened ends. Answers what is
    wrong, if anything is.

    :raises PageError: the account has no password here.
    """
    problem = _current_problem(work, user, current, locale)
    if problem is not None:
        return problem
    weakness = reset.problem(work, user, password)
    if weakness:
        return Problem(weakness, "password")
    source = users.directory_of(work, connections.find(work, user.connection_id))
    if source is not None:
        try:
            source.replace_password(user.email or user.username or "", password)
        except ConnectorError as error:
            return _refused(work, user, error)
        with work.transaction():
            users.password_replaced(work, user, spared_session=keep_session, notify_in=locale)
        return None
    prepared = users.prepare_password(work, user.connection_id, password)
    with work.transaction():
        users.change_password(work, user, prepared, spared_session=keep_session, notify_in=locale)
    return None


def _current_problem(work: Work, user: FoundUser, current: str, locale: str) -> Problem | None:
    connection = connections.find(work, user.connection_id)
    connector = connections.runtime.open(work, connection) if connection else None
    if connection is None or not isinstance(connector, PasswordConnector):
        raise PageError("invalid_request", "This account has no password here.")
    identifier = user.email or user.username or ""
    counted = Counted(email_key(identifier), users.account_key(work, connection, identifier))
    attempt = brute_force.attempt(work, counted, connection.name)
    if not attempt.allowed:
        return locked(texts_for(locale), attempt, "current_password").problems[0]
    try:
        connector.login(identifier, current)
    except ConnectorError as error:
        if not isinstance(error, InvalidCredentials):
            brute_force.take_back(work, counted, connection.name)
            return _refused(work, user, error)
        log.write(
            work, LoginLog.PASSWORD_CHANGE_FAILED, "wrong current password", user_id=user.user_id, user_name=user.email
        )
        return WRONG
    brute_force.succeeded(work, counted, connection.name)
    return None


def _refused(work: Work, user: FoundUser, error: ConnectorError) -> Problem:
    """The source of the account refused, or does not answer."""
    details = {"code": error.code, "detail": error.detail}
    members = {"user_id": user.user_id, "user_name": user.email, "details": details}
    log.write(work, LoginLog.PASSWORD_CHANGE_FAILED, error.message, **members)
    connection = connections.find(work, user.connection_id)
    return Problem(
        "login.login.source-refused", "current_password", values={"name": connection.display_name if connection else ""}
    )
