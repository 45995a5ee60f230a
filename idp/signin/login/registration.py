"""Creates an account in a database connection: validation, one transaction, verification mail (security.md J1-J5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import AlreadyExists, ConnectorError, Identity, RegistrationRefused
from connectors.directories import Directory, Registration
from connectors.strategy import SignUpRules
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
TAKEN = {
    "email": ("email-exists", "email"),
    "username": ("username-taken", "username"),
    "phone_number": ("email-exists", "phone_number"),
}
"""What is said where somebody has that already, and at which field."""


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
    phone_number: str = "",
    asks_for_code: bool = False,
    more: Mapping[str, Any] | None = None,
    passkey: Made | None = None,
    passkey_name: str = "",
) -> Identity:
    """The new account. Only what the connection asks for and the password are taken from the form (security.md J2);
    ``more`` are checked attributes that a form may have besides. With a ``passkey``, or where
    the connection asks for none, the account has no password.
    ``asks_for_code``: whoever calls has the address proven with a code where the connection wants that, so that no
    link is mailed.

    :raises InvalidRegistration: something is missing, not allowed or taken.
    :raises TooMany: from that network.
    """
    chosen = None if passkey is not None or not connection.asks_for_password else password
    address, number = _validate(connection, email, username, phone_number, chosen)
    shown, asks = address or identifiers.username_key(username) or str(number), connection.sign_up_rules
    if not connection.signup_enabled:
        raise PageError("access_denied", "Accounts cannot be created here.", status=403)
    _refuse_strangers(work, connection, client, address, shown)
    if chosen is not None:
        _refuse_breached(work, connection, client, shown, chosen)
    name = identifiers.username_key(username) if username and connection.requires_username else None
    attributes = {**(more or {}), "email": address, "username": name, "phone_number": number}
    try:
        source = users.directory_of(work, connection)
        if source is not None:
            links = not (asks.by_code and asks_for_code)
            return _register_there(work, connection, client, source, attributes, password, locale, links=links)
        users.refuse_known(work, connection, address, name, number if connection.known_by_number else None)
        prepared = None if chosen is None else users.prepare_password(work, connection.id, chosen)
        new = NewUser(
            connection=connection, attributes=attributes, prepared_password=prepared, made_with=work.user_agent
        )
        with work.transaction():
            added = users.add(work, new)
            _write_down(work, connection, client, added.user_id, shown)
            if passkey is not None:
                enrolment.add(work, added.user_id, connection.id, added.account_id, passkey, name=passkey_name)
            brute_force.clear(work, [each for each in (address, name, number) if each])
            if address is not None and asks.verify and not (asks.by_code and asks_for_code):
                users.ask_to_verify(work, new, added, client_id=client.client_id, locale=locale)
    except AlreadyThere as error:
        raise InvalidRegistration([Problem("passkeys.passkey-enrollment.already-there")]) from error
    except AlreadyExists as error:
        _write_failure(work, connection, client, shown, "user already exists", error)
        code, field = TAKEN.get(error.field, TAKEN["email"])
        raise InvalidRegistration([Problem(code, field)], error) from error
    except ConnectorError as error:
        _write_failure(work, connection, client, shown, error.detail or error.message, error)
        raise InvalidRegistration([_said(connection, error)], error) from error
    return Identity(added.account_id, dict(new.attributes))


def _refuse_strangers(
    work: Work, connection: ConnectionConfig, client: ClientConfig, address: str | None, shown: str
) -> None:
    """Raises InvalidRegistration for a domain where nobody makes an account, TooMany for a busy network."""
    if address is not None and users.address_refused(work, address):
        about = {"client_id": client.client_id, "connection": connection.name, "user_name": address}
        log.write(work, LoginLog.SIGN_UP_FAILED, "the domain of the address is refused", **about)
        raise InvalidRegistration([Problem("refused-domain", "email")])
    refused = throttling.sign_up(work)
    if refused is not None:
        throttling.refused(work, client_id=client.client_id, user_name=shown, connection=connection.name)
        raise TooMany(refused.wait_s)


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
    attributes: Mapping[str, Any],
    password: str,
    locale: str,
    *,
    links: bool,
) -> Identity:
    """The account of somebody whose data stays in a database of the tenant's own, which is told everything that sign-up
    asked for; ``links``: a link proves the address.
    """
    made = source.register(
        Registration(
            password=password,
            email=attributes["email"],
            username=attributes["username"],
            phone_number=attributes["phone_number"],
            client_id=client.client_id,
            user_metadata=attributes.get("user_metadata") or {},
        )
    )
    with work.transaction():
        user = users.arrive_from(work, connection, made)
        _write_down(work, connection, client, user.user_id, user.email or user.username or "")
        if links and user.email and not user.email_verified:
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


def _validate(
    connection: ConnectionConfig, email: str, username: str, phone_number: str, password: str | None
) -> tuple[str | None, str | None]:
    """The address and the number in the store's spelling, where they were asked for and given. Without a password a
    passkey or a code takes its place.
    """
    found: list[Problem] = []
    asks = connection.sign_up_rules
    address = identifiers.valid_email(email) if email else None
    if not email and asks.email == "required":
        found.append(Problem("no-email", "email"))
    elif email and address is None:
        found.append(Problem("invalid-email", "email"))
    limits = users.username_limits(connection)
    if limits is not None:
        if not username and asks.username == "required":
            found.append(Problem("no-username", "username"))
        elif username and not identifiers.valid_username(username, low=limits[0], high=limits[1]):
            found.append(Problem("invalid-username", "username"))
    number = _number(asks, phone_number, found)
    by_number = number is not None and connection.known_by_number
    if not (email or (username and limits is not None) or by_number) and not found:
        found.append(Problem("no-email", "email"))
    found.extend(_password_problems(connection, password, address, username))
    if found:
        raise InvalidRegistration(found)
    return address, number


def _password_problems(
    connection: ConnectionConfig, password: str | None, address: str | None, username: str
) -> list[Problem]:
    if password is None:  # a passkey or a code takes its place
        return []
    if not password:
        return [Problem("no-password", "password")]
    verdict = Policy.of(connection.password_rules).check(password, {"email": address, "username": username})
    return [Problem(verdict.text, "password")] if verdict.text else []


def _number(asks: SignUpRules, typed: str, found: list[Problem]) -> str | None:
    if asks.phone_number == "inactive":
        return None
    number = identifiers.valid_phone(typed) if typed else None
    if not typed and asks.phone_number == "required":
        found.append(Problem("no-phone", "phone_number"))
    elif typed and number is None:
        found.append(Problem("invalid-phone", "phone_number"))
    return number


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
