"""Creates an account in a database connection: validation, one transaction, verification mail (security.md J1-J5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import AlreadyExists, ConnectorError, Identity, RegistrationRefused
from connectors.directories import Directory, Registration
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import identifiers
from idp.directory.users import service as users
from idp.directory.users.password_policy import Policy
from idp.directory.users.service import NewUser
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import breached, brute_force, throttling
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Problem
from idp.signin.passkeys import enrolment
from idp.signin.passkeys.enrolment import AlreadyThere, Made
from idp.tenant.audit import log

BREACHED = "breached-password"


class TooMany(Exception):
    """The network has tried to make too many accounts; ``wait_s`` until the next one."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("too many accounts")
        self.wait_s = wait_s


class InvalidRegistration(Exception):
    """The account was not made: what is wrong, with texts of the sign-up page; ``refused`` is what the connection said
    where it was asked.
    """

    def __init__(self, problems: Sequence[Problem], refused: ConnectorError | None = None) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)
        self.refused = refused


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
    passkey: Made | None = None,
    passkey_name: str = "",
) -> Identity:
    """The new account. Only e-mail, username and password are taken from the form (security.md J2); ``more`` are
    checked attributes that an application's own form may have. With a ``passkey`` the account has no password.

    :raises InvalidRegistration: something is missing, not allowed or taken.
    :raises TooMany: from that network.
    """
    address = _validate(connection, email, username, None if passkey else password)
    if not connection.signup_enabled:
        raise PageError("access_denied", "Accounts cannot be created here.", status=403)
    if users.address_refused(work, address):
        about = {"client_id": client.client_id, "connection": connection.name, "user_name": address}
        log.write(work, LoginLog.SIGN_UP_FAILED, "the domain of the address is refused", **about)
        raise InvalidRegistration([Problem("refused-domain", "email")])
    refused = throttling.sign_up(work)
    if refused is not None:
        throttling.refused(work, client_id=client.client_id, user_name=address, connection=connection.name)
        raise TooMany(refused.wait_s)
    if passkey is None:
        _refuse_breached(work, connection, client, address, password)
    name = identifiers.username_key(username) if connection.requires_username else None
    attributes = {**(more or {}), "email": address, "username": name}
    try:
        source = users.directory_of(work, connection)
        if source is not None:
            return _register_there(work, connection, client, source, attributes, password, locale)
        users.refuse_known(work, connection, address, name)
        prepared = None if passkey else users.prepare_password(work, connection.id, password)
        new = NewUser(
            connection=connection, attributes=attributes, prepared_password=prepared, made_with=work.user_agent
        )
        with work.transaction():
            added = users.add(work, new)
            _write_down(work, connection, client, added.user_id, address)
            if passkey is not None:
                enrolment.add(work, added.user_id, connection.id, added.account_id, passkey, name=passkey_name)
            brute_force.clear(work, [each for each in (address, name) if each])
            users.ask_to_verify(work, new, added, client_id=client.client_id, locale=locale)
    except AlreadyThere as error:
        raise InvalidRegistration([Problem("passkeys.passkey-enrollment.already-there")]) from error
    except AlreadyExists as error:
        _write_failure(work, connection, client, address, "user already exists", error)
        code, field = ("username-taken", "username") if error.field == "username" else ("email-exists", "email")
        raise InvalidRegistration([Problem(code, field)], error) from error
    except ConnectorError as error:
        _write_failure(work, connection, client, address, error.detail or error.message, error)
        raise InvalidRegistration([_said(connection, error)], error) from error
    return Identity(added.account_id, dict(new.attributes))


def _refuse_breached(
    work: Work, connection: ConnectionConfig, client: ClientConfig, address: str, password: str
) -> None:
    about = {"client_id": client.client_id, "user_name": address, "connection": connection.name}
    if breached.sign_up_refused(work, password, **about, connection_id=connection.id):
        raise InvalidRegistration([Problem(BREACHED, "password")])


def _register_there(
    work: Work,
    connection: ConnectionConfig,
    client: ClientConfig,
    source: Directory,
    attributes: Mapping[str, str | None],
    password: str,
    locale: str,
) -> Identity:
    """The account of somebody whose data stays in a database of the tenant's own."""
    made = source.register(
        Registration(
            password=password,
            email=attributes["email"],
            username=attributes["username"],
            client_id=client.client_id,
        )
    )
    with work.transaction():
        user = users.arrive_from(work, connection, made)
        _write_down(work, connection, client, user.user_id, user.email or user.username or "")
        if user.email and not user.email_verified:
            users.ask_to_prove(work, user, client_id=client.client_id, locale=locale)
    return made


def _said(connection: ConnectionConfig, error: ConnectorError) -> Problem:
    """What the database says where it says something for people, else that it did not work."""
    if isinstance(error, RegistrationRefused):
        return Problem("login.login.source-unauthorized", values={"reason": error.message})
    return Problem("login.login.source-refused", values={"name": connection.display_name})


def _write_failure(
    work: Work, connection: ConnectionConfig, client: ClientConfig, address: str, words: str, error: ConnectorError
) -> None:
    log.write(
        work,
        LoginLog.SIGN_UP_FAILED,
        words,
        client_id=client.client_id,
        connection=connection.name,
        user_name=address,
        details={"code": error.code},
    )


def _validate(connection: ConnectionConfig, email: str, username: str, password: str | None) -> str:
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
    if password is None:
        pass  # a passkey takes its place
    elif not password:
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
