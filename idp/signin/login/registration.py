"""Creates an account in a database connection: validation, one transaction, verification mail (security.md J1-J5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import AlreadyExists, Identity
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import identifiers
from idp.directory.users import service as users
from idp.directory.users.password_policy import Policy
from idp.directory.users.service import NewUser
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Problem
from idp.tenant.audit import log


class InvalidRegistration(Exception):
    """The account was not made: what is wrong, with texts of the sign-up page."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)


def register(
    work: Work,
    connection: ConnectionConfig,
    client: ClientConfig,
    *,
    email: str,
    username: str,
    password: str,
    locale: str,
    more: Mapping[str, Any] | None = None,
) -> Identity:
    """The new account. Only e-mail, username and password are taken from the form (security.md J2); ``more`` are
    checked attributes that an application's own form may have.

    :raises InvalidRegistration: something is missing, not allowed or taken.
    """
    address = _validate(connection, email, username, password)
    if not users.keeps_passwords(connection):
        raise PageError("access_denied", "Accounts cannot be created here.", status=403)
    name = identifiers.username_key(username) if connection.requires_username else None
    new = NewUser(
        connection=connection,
        attributes={**(more or {}), "email": address, "username": name},
        prepared_password=users.prepare_password(work, connection.id, password),
        made_with=work.user_agent,
    )
    try:
        with work.transaction():
            added = users.add(work, new)
            _write_down(work, connection, client, added.user_id, address)
            users.ask_to_verify(work, new, added, client_id=client.client_id, locale=locale)
    except AlreadyExists as error:
        log.write(
            work,
            LoginLog.SIGN_UP_FAILED,
            "user already exists",
            client_id=client.client_id,
            connection=connection.name,
            user_name=address,
        )
        code, field = ("username-taken", "username") if error.field == "username" else ("email-exists", "email")
        raise InvalidRegistration([Problem(code, field)]) from error
    return Identity(added.account_id, dict(new.attributes))


def _validate(connection: ConnectionConfig, email: str, username: str, password: str) -> str:
    found: list[Problem] = []
    address = identifiers.valid_email(email) if email else None
    if not email:
        found.append(Problem("no-email", "email"))
    elif address is None:
        found.append(Problem("invalid-email", "email"))
    limits = users.username_limits(connection)
    if limits is not None:
        if not username:
            found.append(Problem("no-username", "username"))
        elif not identifiers.valid_username(username, low=limits[0], high=limits[1]):
            found.append(Problem("invalid-username", "username"))
    if not password:
        found.append(Problem("no-password", "password"))
    else:
        verdict = Policy.of(connection.password_rules).check(password, {"email": address, "username": username})
        if verdict.text:
            found.append(Problem(verdict.text, "password"))
    if found or address is None:
        raise InvalidRegistration(found)
    return address


def _write_down(work: Work, connection: ConnectionConfig, client: ClientConfig, user_id: str, address: str) -> None:
    log.write(
        work,
        LoginLog.SIGNED_UP,
        client_id=client.client_id,
        client_name=client.name,
        user_id=user_id,
        user_name=address,
        connection=connection.name,
        connection_id=connection.id,
        strategy=connection.strategy,
        strategy_type=connection.strategy_type,
    )
