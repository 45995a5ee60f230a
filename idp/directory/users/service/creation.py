"""Making users: checked for the Management API (:func:`create`), and written for everybody (:func:`add`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select

from connectors.contract import AlreadyExists, NewAccount, Provisioning
from connectors.directories import Registration
from idp.directory.connections import runtime as connections
from idp.directory.connections.models import Connection
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import metadata, normalize
from idp.directory.users.attributes import BY_NAME, METADATA, PERSONAL, STORED
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import Identity, User, folded
from idp.directory.users.service import checks, passwords
from idp.foundation.db.code_points import by_code_point
from idp.foundation.db.hot import Statement, UniqueViolation
from idp.foundation.db.insert_row import insert_row
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import BadRequest, Conflict
from idp.foundation.kernel.events import EmailVerificationWanted, UserCreated
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work

INSERT_USER = Statement("user_insert", insert_row(User))
INSERT_IDENTITY = Statement("identity_insert", insert_row(Identity))
LONGEST_AGENT = 512
_NOTHING: Mapping[str, Any] = {column.key: None for column in User.__table__.columns} | {"version": 1}


@dataclass(frozen=True)
class AddedUser:
    """Who was made; ``account_id`` is the id at the connection."""

    user_id: str
    account_id: str


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """Somebody who is to get an account: checked, the password prepared, nothing written yet.

    ``attributes`` have the names of :mod:`idp.directory.users.attributes`. ``account_id`` is the id at the connection,
    chosen by the caller. ``verify_email`` asks for a mail that proves the address. ``made_with`` is the ``User-Agent``
    of a person who makes it themselves.
    """

    connection: ConnectionConfig
    attributes: Mapping[str, Any]
    prepared_password: str | None = None
    account_id: str | None = None
    verify_email: bool = False
    made_with: str | None = None

    def value(self, name: str) -> Any:
        """The attribute, or None."""
        return self.attributes.get(name)


def create(work: Work, members: Mapping[str, Any]) -> User:
    """POST /users: an administrator makes a user in a database or passwordless connection; ``members`` have Auth0's
    names and name the ``connection``. What goes before the first row that is written holds no lock.

    :raises BadRequest: the connection takes no users this way, or an attribute breaks its rules.
    :raises Conflict: the identifier is taken in that connection.
    """
    metadata.check(members)
    connection = _connection(work, members)
    attributes = {name: value for name, value in members.items() if name in BY_NAME and value is not None}
    attributes |= {name: checks.email(members[name]) for name in ("email",) if members.get(name)}
    attributes |= {name: checks.username(members[name], connection) for name in ("username",) if members.get(name)}
    checks.needed(connection, attributes)
    new = NewUser(
        connection=connection,
        attributes={name: value for name, value in attributes.items() if name != "user_id"},
        prepared_password=_password(work, connection, members),
        account_id=str(members.get("user_id") or "").removeprefix(f"{connection.provider}|") or None,
        verify_email=connection.accounts is not None and members.get("verify_email", True),
    )
    try:
        user_id = add(work, new).user_id
    except AlreadyExists as error:
        raise Conflict("The user already exists.", "auth0_idp_error") from error
    return work.rows.get_one(User, (work.tenant_id, user_id))


def registration(work: Work, connection: ConnectionConfig, members: Mapping[str, Any]) -> Registration:
    """What an administrator asks a database of the tenant's own to make, checked as an account of ours is.

    :raises BadRequest: an attribute breaks the rules of the connection.
    """
    metadata.check(members)
    _connection(work, members)
    password = members.get("password")
    if not password:
        raise fault(BODY, "Missing required property: password")
    passwords.check(work, connection, str(password), {name: members.get(name) for name in PERSONAL})
    email, username = members.get("email"), members.get("username")
    return Registration(
        password=str(password),
        email=checks.email(email) if email else None,
        username=checks.username(username, connection) if username else None,
        phone_number=members.get("phone_number"),
        user_metadata=members.get("user_metadata") or {},
        app_metadata=members.get("app_metadata") or {},
    )


def add(work: Work, new: NewUser) -> AddedUser:
    """Write the account, the user and their identity in the caller's transaction. Where the account itself is kept
    is the connection's business.

    :raises AlreadyExists: somebody in that connection has the address, username, number or id.
    :raises BadRequest: the connection keeps no accounts.
    """
    account_id = _account(work, new)
    user_id = f"{new.connection.provider}|{account_id}"
    try:
        work.hot.run(INSERT_USER, **user_row(work, new, user_id))
        work.hot.run(INSERT_IDENTITY, **identity_row(work, new, user_id, account_id))
    except UniqueViolation as error:
        raise AlreadyExists("user_id") from error
    email = new.value("email")
    made(work, new.connection, user_id, email)
    added = AddedUser(user_id, account_id)
    if new.verify_email and email and not new.value("email_verified"):
        ask_to_verify(work, new, added)
    return added


def made(work: Work, connection: ConnectionConfig, user_id: str, email: str | None) -> None:
    """Tell that a user was written."""
    work.emit(UserCreated(user_id, email, connection.id, connection.name))


def ask_to_verify(
    work: Work, new: NewUser, added: AddedUser, *, client_id: str | None = None, locale: str | None = None
) -> None:
    """Have a mail sent that proves the address of somebody who was just made, in ``locale`` and leading back to
    ``client_id``.
    """
    connection_id, email = new.connection.id, str(new.value("email"))
    work.emit(EmailVerificationWanted(added.user_id, email, connection_id, added.account_id, client_id, locale))


def user_row(work: Work, new: NewUser, user_id: str) -> dict[str, Any]:
    """The row of ``users``, every column named."""
    profile = normalize.defaults(work.config, {n: v for n, v in new.attributes.items() if n not in METADATA})
    moment, email = clock.now_ms(), new.value("email")
    return {
        **_NOTHING,
        **{name: value for name, value in profile.items() if name in STORED},
        **folded(profile),
        **{name: _json(new.value(name)) for name in METADATA},
        "tenant_id": work.tenant_id,
        "user_id": user_id,
        "email_key": email_key(email) if email else None,
        "email_verified": bool(new.value("email_verified")),
        "blocked": bool(new.value("blocked")),
        "profile": _json({name: value for name, value in profile.items() if name not in STORED}),
        "logins_count": 0,
        "signup_agent": (new.made_with or "")[:LONGEST_AGENT] or None,
        "created_at": moment,
        "updated_at": moment,
    }


def identity_row(work: Work, new: NewUser, user_id: str, account_id: str) -> dict[str, Any]:
    """The row of ``identities`` for the account that somebody came with."""
    return {
        "tenant_id": work.tenant_id,
        "connection_id": new.connection.id,
        "identity_user_id": account_id,
        "user_id": user_id,
        "position": 0,
        "provider": new.connection.provider,
        "connection": new.connection.name,
        "is_social": new.connection.strategy_type == "social",
        "profile_data": None,
        "linked_email_key": None,
        "linked_number": None,
        "tokens_sealed": None,
        "raw_profile": None,
    }


def _account(work: Work, new: NewUser) -> str:
    """The id of the account at the connection, which keeps it where it can."""
    if new.connection.passwordless_by is not None:
        _refuse_twin(work, new, new.connection.passwordless_by)
        return new.account_id or ids.hex24()
    if not new.connection.keeps_accounts and new.account_id is not None:
        return new.account_id  # the source keeps it, and has told us
    connector = connections.runtime.open(work, new.connection)
    if not isinstance(connector, Provisioning):
        raise BadRequest("The connection keeps no accounts.", "operation_not_supported")
    if new.connection.known_by_number and new.value("phone_number"):
        _refuse_twin(work, new, "phone_number")
    account = NewAccount(email=new.value("email"), username=new.value("username"), account_id=new.account_id)
    return connector.create(account, new.prepared_password).user_id


def _refuse_twin(work: Work, new: NewUser, identifier: str) -> None:
    """Nobody else has the address or number. No index says so: accounts of a connection that knows people by it are
    made one at a time.
    """
    work.rows.lock_one(Connection, new.connection.id)
    if taken_by(work, new.connection.id, identifier, new.value(identifier)) is not None:
        raise AlreadyExists(identifier)


def taken_by(work: Work, connection_id: str, identifier: str, value: Any, *, but: str = "") -> str | None:
    """Who has that address or number, among the users of the connection other than ``but``; the caller holds the lock
    of the connection.
    """
    by_email = identifier == "email"
    same = User.email_key == email_key(value) if by_email else by_code_point(getattr(User, identifier)) == value
    statement = (
        select(User.user_id)
        .join(Identity, (Identity.tenant_id == User.tenant_id) & (Identity.user_id == User.user_id))
        .where(Identity.connection_id == connection_id, Identity.position == 0, same, User.user_id != but)
    )
    column, known = (Identity.linked_email_key, email_key(value)) if by_email else (Identity.linked_number, str(value))
    linked = select(Identity.user_id).where(
        Identity.connection_id == connection_id, column == known, column.is_not(None), Identity.user_id != but
    )
    return work.rows.scalars(statement).first() or work.rows.scalars(linked).first()


def _connection(work: Work, members: Mapping[str, Any]) -> ConnectionConfig:
    connection = connections.named(work, str(members["connection"]))
    if connection is None:
        raise BadRequest("The connection does not exist.", "inexistent_connection", where="connection")
    identifier = connection.source.account_key
    if identifier is None:
        raise BadRequest(
            "Users can be created in database and passwordless connections only.",
            "operation_not_supported",
            where="connection",
        )
    others = {"username": connection.requires_username, "phone_number": connection.known_by_number}
    if not members.get(identifier) and not any(members.get(name) for name, known in others.items() if known):
        raise fault(BODY, f"Missing required property: {identifier}")
    return connection


def _password(work: Work, connection: ConnectionConfig, members: Mapping[str, Any]) -> str | None:
    password = members.get("password")
    if not passwords.keeps_passwords(connection):
        if password:
            raise BadRequest("Passwordless connections take no password.", "operation_not_supported", where="password")
        return None
    if not password and connection.accounts is not None and not connection.accounts.password_required:
        return None
    if not password:
        raise fault(BODY, "Missing required property: password")
    about = {name: members.get(name) for name in PERSONAL}
    return passwords.checked(work, connection, str(password), about)


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
