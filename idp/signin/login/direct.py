"""People who prove who they are to an application, which passes it on: the password and code grants, and forms that
applications embed. Every protection of the pages holds here, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.contract import Identity, InvalidCredentials, PasswordConnector
from idp.applications.clients import native_apps
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import limits
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import brute_force, challenges, throttling
from idp.signin.attack_protection.brute_force import Counted
from idp.signin.login import complete, passkey_sign_in, password, registration
from idp.signin.login.log_types import LoginLog
from idp.signin.passkeys import enrolment
from idp.signin.passkeys import service as passkeys
from idp.signin.passwordless import service as passwordless
from idp.signin.webauthn import challenges as challenges_of_passkeys
from idp.tenant.audit import log

WRONG = "Wrong email or password."
BREACHED = "This password is known from a data breach. It has to be changed before it opens the account again."
NEEDS_CHALLENGE = "Suspicious request requires verification"
WRONG_CODE = "Wrong email or verification code."
WRONG_PASSKEY = "Wrong or unknown passkey."


class TooMany(Exception):
    """Too many tries of the account, or from the network. ``wait_s`` until the next one."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("too many tries")
        self.wait_s = wait_s


class Breached(Exception):
    """The password was right, and is known from a data breach."""


class NeedsChallenge(Exception):
    """Bot detection wants a challenge first, which only our pages can ask."""


class Blocked(Exception):
    """The user is blocked; what they proved was right."""


@dataclass(frozen=True)
class Proven:
    """Who it is, by which connection, and the methods (``amr``); ``act`` is who acts for them, where somebody does."""

    user: FoundUser
    connection: ConnectionConfig
    methods: tuple[str, ...]
    act: dict[str, Any] | None = None


def takes_passwords(work: Work, client: ClientConfig, name: str) -> ConnectionConfig | None:
    """The connection called ``name`` that checks passwords for that application, or None."""
    enabled = connections.for_client(work, client.client_id)
    return next((each for each in enabled if each.name == name and each.can(PasswordConnector)), None)


def default_directory(work: Work, client: ClientConfig) -> ConnectionConfig | None:
    """The tenant's ``default_directory``; without one, the only connection of the application that checks passwords."""
    named = work.config.settings.default_directory
    able = [each for each in connections.for_client(work, client.client_id) if each.can(PasswordConnector)]
    found = [each for each in able if each.name == named] if named else able
    return next(iter(found)) if len(found) == 1 else None


def with_password(
    work: Work, client: ClientConfig, connection: ConnectionConfig, identifier: str, typed: str
) -> Proven:
    """Whose password it is. Failures are logged.

    :raises NeedsChallenge: the pages would ask one.
    :raises TooMany: of that account, or from that network.
    :raises InvalidCredentials: unknown, or wrong.
    :raises Breached: right, and known from a data breach.
    :raises Blocked: the user is.
    :raises ConnectorError: the source cannot be asked.
    """
    if challenges.door_closed(work, challenges.PASSWORD):
        raise NeedsChallenge
    wait = limits.exceeded(work, limits.LOGIN_BY_IP, work.network)
    if wait is not None:
        raise TooMany(wait)
    try:
        found = password.verified(work, client, connection, identifier, typed)
        user = complete.user_of(work, connection, found.identity)
    except password.Locked as error:
        raise TooMany(error.refused.wait_s) from error
    except password.Breached as error:
        raise Breached from error
    except complete.NoAccount as error:
        raise InvalidCredentials from error
    return _enter(work, connection, user, found.counted)


def with_code(work: Work, client: ClientConfig, asked: passwordless.Request, typed: str) -> Proven:
    """Whose code it is. Raises as :func:`with_password` does."""
    connection, address = asked.connection, asked.address.value
    wait = limits.exceeded(work, limits.CODES_TYPED, work.network)
    if wait is not None:
        raise TooMany(wait)
    counted = Counted(email_key(address), email_key(address)) if connection.brute_force_protection else None
    tried = brute_force.attempt(work, counted, connection.name)
    about = {
        "client_id": client.client_id,
        "client_name": client.name,
        "user_name": address,
        "connection": connection.name,
        "connection_id": connection.id,
        "strategy": connection.strategy,
        "strategy_type": connection.strategy_type,
    }
    if not tried.allowed:
        log.write(work, tried.log_type, "blocked after too many wrong codes", **about)
        raise TooMany(tried.wait_s)
    if tried.watched:
        log.write(work, tried.log_type, "would be blocked after too many wrong codes: monitoring only", **about)
    user = users.proven(work, connection, address) if passwordless.guess(work, asked, typed) else None
    if user is None:
        throttling.failed(work)
        log.write(work, LoginLog.WRONG_PASSWORD, "wrong or expired code", **about)
        raise InvalidCredentials
    return _enter(work, connection, user, counted)


def with_passkey(work: Work, client: ClientConfig, answer: str, *, bound_to: str, realm: str) -> Proven:
    """Whose passkey it is, or whose account was just made with it. Failures are logged.

    :raises InvalidCredentials: no passkey that counts here, or no account can be made.
    :raises TooMany: accounts from that network.
    :raises Blocked: the user is.
    """
    origins = native_apps.origins(client.data)
    if passkeys.is_new(answer):
        return _with_new_passkey(work, client, answer, bound_to, origins)
    try:
        shown = passkeys.shown(
            work, answer, purpose=challenges_of_passkeys.API_LOGIN, bound_to=bound_to, origins=origins
        )
    except passkeys.Refused as error:
        raise InvalidCredentials from error
    connection = for_passkeys(work, client, realm)
    user = passkey_sign_in.owner(work, shown)
    if connection is None or user is None or user.connection_id != connection.id:
        raise InvalidCredentials
    return _enter(work, connection, user, None, passkey_sign_in.methods(client, shown))


def with_identity(work: Work, connection: ConnectionConfig, identity: Identity, methods: tuple[str, ...]) -> Proven:
    """Whose account it is, of which somebody trusted has said that it is theirs. One from a source that keeps its own
    accounts may be new here.

    :raises InvalidCredentials: there is no such account, and none can be made.
    :raises Blocked: the user is.
    """
    try:
        user = complete.user_of(work, connection, identity)
    except complete.NoAccount as error:
        raise InvalidCredentials from error
    return _enter(work, connection, user, None, methods)


def known(
    work: Work, client: ClientConfig, *, user_id: str = "", connection_id: str = "", account_id: str = ""
) -> Proven:
    """The same for somebody who has to be known: by their id, or by that of their account in a connection.

    :raises InvalidCredentials: nobody is, or not in a connection of the application.
    :raises Blocked: the user is.
    """
    by_account = bool(connection_id)
    user = provision.by_identity(work, connection_id, account_id) if by_account else provision.by_id(work, user_id)
    connection = connections.find(work, user.connection_id) if user is not None else None
    if user is None or connection is None or not connections.enabled(work, client.client_id, connection.id):
        raise InvalidCredentials
    return _enter(work, connection, user, None, (connection.source.amr,))


def passkey_session(client: ClientConfig, session: str) -> str:
    """What a challenge is bound to that an application asked for under that ``auth_session``."""
    return f"client\0{client.client_id}\0{session[:128]}"


def for_passkeys(work: Work, client: ClientConfig, realm: str) -> ConnectionConfig | None:
    """The connection called ``realm``, or without one the tenant's ``default_directory`` or the only one, whose people
    sign in to that application with passkeys.
    """
    able = [each for each in connections.for_client(work, client.client_id) if each.passkeys is not None]
    named = realm or work.config.settings.default_directory
    found = [each for each in able if each.name == named] if named else able
    return found.pop() if len(found) == 1 else None


def _with_new_passkey(work: Work, client: ClientConfig, answer: str, bound_to: str, origins: Sequence[str]) -> Proven:
    try:
        made = enrolment.made(
            work, answer, purpose=challenges_of_passkeys.API_SIGNUP, bound_to=bound_to, origins=origins
        )
    except enrolment.NotMade as error:
        raise InvalidCredentials from error
    connection = connections.find(work, made.challenge.connection_id)
    if connection is None or not connections.enabled(work, client.client_id, connection.id):
        raise InvalidCredentials
    if not passkey_sign_in.for_signup(connection):
        raise InvalidCredentials
    account = dict(made.challenge.account)
    try:
        identity = registration.register(
            work,
            connection,
            client,
            email=account.pop("email", ""),
            username=account.pop("username", ""),
            password="",
            locale=str(account.pop("locale", "")),
            more=account,
            passkey=made,
        )
        user = complete.user_of(work, connection, identity)
    except registration.TooMany as error:
        raise TooMany(error.wait_s) from error
    except (registration.InvalidRegistration, complete.NoAccount) as error:
        raise InvalidCredentials from error
    return _enter(work, connection, user, None, passkey_sign_in.methods_of(client, made))


def _enter(
    work: Work,
    connection: ConnectionConfig,
    user: FoundUser,
    counted: Counted | None,
    methods: tuple[str, ...] | None = None,
) -> Proven:
    with work.transaction():
        users.record_login(work, user.user_id)
        if counted is not None and not user.blocked:
            brute_force.succeeded(work, counted, connection.name)
    if user.blocked:
        raise Blocked
    return Proven(user, connection, methods or (connection.source.amr,))
