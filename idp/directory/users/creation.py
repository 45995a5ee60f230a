"""POST /users: an administrator makes a user in a database or passwordless connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from connectors.contract import AlreadyExists, NewAccount
from idp.directory.connections import service as connections
from idp.directory.connections.models import Connection
from idp.directory.users import metadata, password_history, provision
from idp.directory.users.credentials import Credentials
from idp.directory.users.hasher import hasher
from idp.directory.users.identifiers import email_key, valid_email, valid_username
from idp.directory.users.models import Identity, User
from idp.directory.users.password_policy import Policy
from idp.foundation.kernel import ids
from idp.foundation.kernel.errors import BadRequest, Conflict
from idp.foundation.kernel.events import EmailVerificationWanted, UserCreated
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work

DATABASE, PASSWORDLESS = "auth0", frozenset({"email", "sms"})
_PROFILE = ("name", "nickname", "given_name", "family_name", "picture")
_PASSWORD_FAULTS = {
    "strength": "PasswordStrengthError: Password is too weak",
    "dictionary": "PasswordDictionaryError: Password is too common",
    "user_info": "PasswordNoUserInfoError: Password contains user information",
    "too_long": "PasswordStrengthError: Password is too long",
    "history": "PasswordHistoryError: Password has previously been used",
}


def create(work: Work, members: Mapping[str, Any]) -> User:
    """Make the user in ``work.rows``; ``members`` have Auth0's names and need a ``connection``.

    :raises BadRequest: the connection takes no users this way, or an attribute breaks its rules.
    :raises Conflict: the identifier is taken in that connection.
    """
    metadata.check(members)
    with work.looking():
        connection = _connection(connections.by_name(work, str(members["connection"])), members)
    email = check_email(members["email"]) if members.get("email") else None
    username = check_username(members["username"], connection) if members.get("username") else None
    password_hash = _password(connection, members)
    account_id = _account(work, connection, members, email, username, password_hash)
    user_id = provision.create(
        work,
        connection_id=connection.id,
        connection_name=connection.name,
        provider=connection.strategy,
        account_id=account_id,
        profile={
            "email": email,
            "username": username,
            **{n: members[n] for n in _PROFILE if members.get(n) is not None},
        },
        email_verified=bool(members.get("email_verified", False)),
        user_metadata=members.get("user_metadata"),
        app_metadata=members.get("app_metadata"),
    )
    row = work.rows.get_one(User, (work.tenant_id, user_id))
    row.blocked = bool(members.get("blocked", False))
    row.phone_number = members.get("phone_number")
    row.phone_verified = members.get("phone_verified")
    work.rows.flush()
    _announce(work, row, connection, wanted=bool(members.get("verify_email", True)))
    return row


def check_email(text: str) -> str:
    """The address in the store's spelling.

    :raises BadRequest: it is none.
    """
    email = valid_email(text)
    if email is None:
        raise fault(BODY, f"Object didn't pass validation for format email: {text[:120]}", "email", "The user's email")
    return email


def check_username(text: str, connection: Connection) -> str:
    """The username in the store's spelling.

    :raises BadRequest: the connection has no usernames, or this is none.
    """
    options = connection.options
    if connection.strategy != DATABASE or not options.get("requires_username"):
        raise BadRequest("Cannot set username for connection without requires_username", "operation_not_supported")
    limits = (options.get("validation") or {}).get("username") or {}
    if not valid_username(text, low=int(limits.get("min", 1)), high=int(limits.get("max", 15))):
        raise fault(BODY, "Username is not valid", "username", "The user's username")
    return email_key(text)


def check_password(password: str, connection: Connection, about: Mapping[str, Any], known: Sequence[str] = ()) -> str:
    """The hash of a password that keeps the connection's policy; ``known`` are hashes of the account's last ones.

    :raises BadRequest: it does not; the text names the kind of fault and no rules, as Auth0 does.
    """
    problem = Policy.of(connection.options).check(password, about).problem
    if problem is None and password_history.repeats(connection.options, known, password):
        problem = "history"
    if problem is not None:
        raise BadRequest(_PASSWORD_FAULTS[problem], "invalid_body")
    return hasher.hash(password)


def taken() -> Conflict:
    """409: somebody has that identifier."""
    return Conflict("The user already exists.", "auth0_idp_error")


def _connection(connection: Connection | None, members: Mapping[str, Any]) -> Connection:
    if connection is None:
        raise BadRequest("The connection does not exist.", "inexistent_connection")
    if connection.strategy != DATABASE and connection.strategy not in PASSWORDLESS:
        raise BadRequest(
            "Users can be created in database and passwordless connections only.", "operation_not_supported"
        )
    identifier = "phone_number" if connection.strategy == "sms" else "email"
    if not members.get(identifier) and not (members.get("username") and connection.options.get("requires_username")):
        raise fault(BODY, f"Missing required property: {identifier}")
    return connection


def _password(connection: Connection, members: Mapping[str, Any]) -> str | None:
    if connection.strategy != DATABASE:
        if members.get("password"):
            raise BadRequest("Passwordless connections take no password.", "operation_not_supported")
        return None
    if not members.get("password"):
        raise fault(BODY, "Missing required property: password")
    return check_password(members["password"], connection, members)


def _account(
    work: Work,
    connection: Connection,
    members: Mapping[str, Any],
    email: str | None,
    username: str | None,
    password_hash: str | None,
) -> str:
    prefix = f"{connection.strategy}|"
    wanted = str(members.get("user_id") or "").removeprefix(prefix) or None
    if wanted is not None and work.rows.get(Identity, (work.tenant_id, connection.id, wanted)) is not None:
        raise taken()
    if connection.strategy != DATABASE:
        account_id = wanted or ids.hex24()
        _refuse_passwordless_twin(work, connection, email, members.get("phone_number") or None)
        return account_id
    store = Credentials(work.hot, work.tenant_id, connection.id)
    for identifier in filter(None, (email, username)):
        if store.by_identifier(identifier) is not None:
            raise taken()
    try:
        return store.insert(NewAccount(email=email, username=username, account_id=wanted), password_hash).account_id
    except AlreadyExists as error:
        raise taken() from error


def _refuse_passwordless_twin(work: Work, connection: Connection, email: str | None, phone: str | None) -> None:
    same = (
        User.email_key == email_key(email) if connection.strategy == "email" and email else User.phone_number == phone
    )
    statement = (
        select(User.user_id)
        .join(Identity, (Identity.tenant_id == User.tenant_id) & (Identity.user_id == User.user_id))
        .where(Identity.connection_id == connection.id, same)
    )
    if work.rows.scalars(statement).first() is not None:
        raise taken()


def _announce(work: Work, row: User, connection: Connection, *, wanted: bool) -> None:
    work.emit(UserCreated(row.user_id, row.email, connection.id, connection.name))
    if wanted and row.email and not row.email_verified and connection.strategy == DATABASE:
        work.emit(EmailVerificationWanted(row.user_id, row.email, connection.id, row.user_id.partition("|")[2]))
