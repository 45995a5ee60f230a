"""Creates an account in a database connection: validation, one transaction, verification mail (security.md J1-J5)."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import AlreadyExists, Identity, NewAccount, Provisioning
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections.runtime import ConnectionConfig, runtime
from idp.directory.users import identifiers, provision
from idp.directory.users.password_policy import Policy
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.signin.login.log_types import LoginLog
from idp.signin.login.screen import Problem
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import EMAIL_VERIFICATION, Ticket
from idp.tenant.audit import log
from idp.tenant.mail import service as mail


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
) -> Identity:
    """The new account. Only e-mail, username and password are taken from the form (security.md J2).

    :raises InvalidRegistration: something is missing, not allowed or taken.
    """
    address = _validate(connection, email, username, password)
    connector = runtime.open(work, connection)
    if not isinstance(connector, Provisioning):
        raise PageError("access_denied", "Accounts cannot be created here.", status=403)
    prepared = connector.prepare(password)
    name = identifiers.username_key(username) if connection.requires_username else None
    try:
        with work.transaction():
            identity = connector.create(NewAccount(email=address, username=name), prepared)
            user_id = provision.create(
                work,
                connection_id=connection.id,
                connection_name=connection.name,
                provider=connection.strategy,
                account_id=identity.user_id,
                profile=dict(identity.profile),
            )
            _write_down(work, connection, client, user_id, address)
            send_verification(
                work, Ticket(user_id, connection.id, identity.user_id, address, client.client_id, locale=locale)
            )
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
    return identity


def send_verification(work: Work, ticket: Ticket, *, ttl_ms: int = tickets.DEFAULT_TTL_MS) -> None:
    """A verification ticket by mail, in the caller's transaction."""
    url = tickets.create(work, EMAIL_VERIFICATION, ticket, ttl_ms=ttl_ms)
    address = ticket.email or ""
    mail.send(work, "verify_email", address, ticket.locale or "en", email=address, url=url, expires_in=ttl_ms // 1000)
    log.write(
        work, LoginLog.VERIFICATION_EMAIL_SENT, user_id=ticket.user_id, client_id=ticket.client_id, user_name=address
    )


def verify_address(work: Work, value: str, ticket: Ticket) -> bool:
    """The link of the verification mail was confirmed: True where the address is still the user's and the ticket was
    good.
    """
    with work.transaction():
        verified = tickets.spend(work, EMAIL_VERIFICATION, value) and provision.verify_email(
            work, ticket.user_id, ticket.email or ""
        )
        log.write(
            work,
            LoginLog.EMAIL_VERIFIED if verified else LoginLog.EMAIL_VERIFICATION_FAILED,
            user_id=ticket.user_id,
            user_name=ticket.email,
            client_id=ticket.client_id,
        )
    return verified


def _validate(connection: ConnectionConfig, email: str, username: str, password: str) -> str:
    found: list[Problem] = []
    address = identifiers.valid_email(email) if email else None
    if not email:
        found.append(Problem("no-email", "email"))
    elif address is None:
        found.append(Problem("invalid-email", "email"))
    if connection.requires_username:
        limits = ((connection.options.get("validation") or {}).get("username")) or {}
        if not username:
            found.append(Problem("no-username", "username"))
        elif not identifiers.valid_username(username, low=int(limits.get("min", 1)), high=int(limits.get("max", 15))):
            found.append(Problem("invalid-username", "username"))
    if not password:
        found.append(Problem("no-password", "password"))
    else:
        verdict = Policy.of(connection.options).check(password, {"email": address, "username": username})
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
