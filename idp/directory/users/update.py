"""PATCH /users/{id}: who may change what of whom (spec/user-profile.md, "PATCH rules")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarResult, select

from idp.directory.connections.models import Connection
from idp.directory.users import metadata, password_history, removal
from idp.directory.users.creation import DATABASE, PASSWORDLESS, check_email, check_password, check_username
from idp.directory.users.identifiers import email_key, username_key
from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.kernel.events import CredentialsChanged, EmailVerificationWanted, UserBlocked, UserUpdated
from idp.foundation.tenancy.work import Work

EXCLUSIVE = (
    ("password", "email"),
    ("password", "email_verified"),
    ("username", "email"),
    ("username", "email_verified"),
    ("username", "password"),
)
ROOT_ATTRIBUTES = ("name", "nickname", "given_name", "family_name", "picture")
ENDS_SESSIONS = ("email", "phone_number", "username", "password", "email_verified")
OF_IDENTITY = ("email", "email_verified", "phone_number", "phone_verified", "username", "password")


@dataclass(frozen=True)
class Target:
    """The user, the identity the change is about, and its connection (None where that is gone)."""

    user: User
    identity: Identity
    connection: Connection | None

    @property
    def strategy(self) -> str:
        """Of the identity's connection."""
        return self.connection.strategy if self.connection else self.identity.provider

    @property
    def ours(self) -> bool:
        """Whether we are the source of its profile."""
        return self.strategy == DATABASE or self.strategy in PASSWORDLESS


def get(work: Work, user_id: str) -> User:
    """The user.

    :raises NotFound: ``inexistent_user``.
    """
    row = work.rows.get(User, (work.tenant_id, user_id))
    if row is None:
        raise NotFound("The user does not exist.", "inexistent_user")
    return row


def update(work: Work, user_id: str, changes: Mapping[str, Any]) -> User:
    """Apply the change in ``work.rows``. A new password lifts the administrator's block unless the same call sets it.

    :raises BadRequest: attributes that may not change together, here, or to that.
    :raises Conflict: the new identifier is taken.
    """
    members = {name: value for name, value in changes.items() if (name, value) != ("password", None)}
    metadata.check(members)
    _check_combinations(members)
    password_hash = _hash_password(work, user_id, members)
    target = _target(work, get(work, user_id), members.get("connection") or None)
    for check in (_check_secondary, _check_identifiers, _check_root_attributes):
        check(target, members)
    was_blocked = target.user.blocked
    _apply(work, target, members, password_hash)
    target.user.updated_at = clock.now_ms()
    work.rows.flush()
    _announce(work, target, members)
    if target.user.blocked and not was_blocked:
        work.emit(UserBlocked(target.user.user_id))
    return target.user


def _check_combinations(members: Mapping[str, Any]) -> None:
    for one, other in EXCLUSIVE:
        if one in members and other in members:
            raise BadRequest(f"Cannot update {one} and {other} simultaneously", "operation_not_supported")


def _hash_password(work: Work, user_id: str, members: Mapping[str, Any]) -> str | None:
    """Look and hash before ``work.rows`` begins: no transaction stays open meanwhile."""
    password = members.get("password")
    if password is None:
        return None
    with work.looking():
        user = work.rows.get(User, (work.tenant_id, user_id))
        if user is None:
            raise NotFound("The user does not exist.", "inexistent_user")
        identity = _identity(list(_identities(work, user_id)), members.get("connection"))
        connection = work.rows.get(Connection, (work.tenant_id, identity.connection_id))
        about = {name: getattr(user, name) for name in ("email", "username", *ROOT_ATTRIBUTES)}
        account = work.rows.get(DatabaseAccount, (work.tenant_id, identity.connection_id, identity.identity_user_id))
        known = password_history.of(account.password_hash, account.password_history) if account else []
    if connection is None or connection.strategy != DATABASE:
        raise BadRequest("Cannot change password for a user of a non-database connection.", "operation_not_supported")
    return check_password(str(password), connection, about, known)


def _identities(work: Work, user_id: str) -> ScalarResult[Identity]:
    return work.rows.scalars(select(Identity).where(Identity.user_id == user_id).order_by(Identity.position))


def _identity(own: list[Identity], connection: str | None) -> Identity:
    for identity in own:
        if connection is None or identity.connection == connection:
            return identity
    raise BadRequest(f"The user has no identity in the connection '{connection}'.", "operation_not_supported")


def _target(work: Work, user: User, connection: str | None) -> Target:
    identity = _identity(list(_identities(work, user.user_id)), connection)
    return Target(user, identity, work.rows.get(Connection, (work.tenant_id, identity.connection_id)))


def _check_secondary(target: Target, members: Mapping[str, Any]) -> None:
    refused = [name for name in ROOT_ATTRIBUTES if name in members] if target.identity.position else []
    if refused:
        raise BadRequest(
            f"The following user attributes cannot be updated on a secondary identity: {', '.join(refused)}.",
            "operation_not_supported",
        )


def _check_identifiers(target: Target, members: Mapping[str, Any]) -> None:
    if not target.ours:
        refused = [name for name in ("email", "phone_number", "username", "email_verified") if name in members]
        social = target.identity.is_social
        refused = [name for name in refused if not (social and name == "email_verified")]
        if refused:
            raise BadRequest(
                f"Cannot update {', '.join(refused)}: the user's connection is not a database or passwordless one.",
                "operation_not_supported",
            )
    if "email" in members and members["email"] is None and target.strategy == DATABASE and not target.user.username:
        raise BadRequest("Cannot remove the only identifier of the user.", "operation_not_supported")


def _check_root_attributes(target: Target, members: Mapping[str, Any]) -> None:
    """The five root attributes belong to the source where its connection syncs them at each login."""
    touched = [name for name in ROOT_ATTRIBUTES if name in members]
    options = target.connection.options if target.connection else {}
    if touched and not target.ours and options.get("set_user_root_attributes", "on_each_login") == "on_each_login":
        raise BadRequest(
            f"The following user attributes cannot be updated: {', '.join(touched)}. The connection "
            f"({target.identity.connection}) "
            "must either be a database connection (using the Auth0 store), a passwordless connection (email or "
            "sms) or has "
            "disabled 'Sync user profile attributes at each login'.",
            "operation_not_supported",
        )


def _apply(work: Work, target: Target, members: Mapping[str, Any], password_hash: str | None) -> None:
    user = target.user
    for kind in metadata.KINDS:
        if kind in members:
            setattr(user, kind, metadata.merge(kind, getattr(user, kind), members[kind]))
    for name in (*ROOT_ATTRIBUTES, "blocked"):
        if name in members:
            setattr(user, name, members[name])
    account = _account(work, target)
    if "email" in members:
        _change_email(work, target, account, members["email"])
    if "username" in members:
        _change_username(work, target, account, members["username"])
    if password_hash is not None and account is not None:
        moment = clock.now_ms()
        known = password_history.of(account.password_hash, account.password_history)
        account.password_history = password_history.pushed(
            target.connection.options if target.connection else {}, known
        )
        account.password_hash, account.password_set_at, user.last_password_reset = password_hash, moment, moment
        user.blocked = bool(members.get("blocked", False))
    _set(
        target,
        {name: members[name] for name in ("email_verified", "phone_number", "phone_verified") if name in members},
    )


def _account(work: Work, target: Target) -> DatabaseAccount | None:
    key = (work.tenant_id, target.identity.connection_id, target.identity.identity_user_id)
    return work.rows.get(DatabaseAccount, key) if target.strategy == DATABASE else None


def _change_email(work: Work, target: Target, account: DatabaseAccount | None, value: str | None) -> None:
    email = check_email(value) if value is not None else None
    key = email_key(email) if email else None
    if account is not None:
        _refuse_twin(work, account, DatabaseAccount.email_key, key, "email")
        account.email, account.email_key = email, key
    if email != target.user.email or target.identity.position:
        _set(target, {"email": email, "email_verified": False})


def _change_username(work: Work, target: Target, account: DatabaseAccount | None, value: str | None) -> None:
    if account is None or target.connection is None:
        raise BadRequest("Cannot set username for a user of a non-database connection.", "operation_not_supported")
    username = check_username(value, target.connection) if value is not None else None
    key = username_key(username) if username else None
    _refuse_twin(work, account, DatabaseAccount.username_key, key, "username")
    account.username, account.username_key = username, key
    _set(target, {"username": username})


def _refuse_twin(work: Work, account: DatabaseAccount, column: Any, key: str | None, name: str) -> None:
    if key is None:
        return
    same = select(DatabaseAccount.account_id).where(
        DatabaseAccount.connection_id == account.connection_id,
        column == key,
        DatabaseAccount.account_id != account.account_id,
    )
    if work.rows.scalars(same).first() is not None:
        raise Conflict(f"The specified new {name} already exists", "auth0_idp_error")


def _set(target: Target, values: Mapping[str, Any]) -> None:
    """On the profile of the primary identity, or in the profile data of a secondary one."""
    if target.identity.position:
        data = {**(target.identity.profile_data or {}), **values}
        target.identity.profile_data = {name: value for name, value in data.items() if value is not None}
        return
    for name, value in values.items():
        setattr(target.user, name, value)
        if name == "email":
            target.user.email_key = email_key(value) if value else None


def _announce(work: Work, target: Target, members: Mapping[str, Any]) -> None:
    user, identity = target.user, target.identity
    changed = sorted(set(members) - {"connection", "client_id"})
    work.emit(UserUpdated(user.user_id, changed))
    if set(ENDS_SESSIONS) & set(members):
        identifiers = removal.identifiers(work, [user.user_id])
        work.emit(CredentialsChanged(user.user_id, user.email, identity.connection_id, changed, identifiers))
    if members.get("verify_email") and user.email and not user.email_verified:
        work.emit(EmailVerificationWanted(user.user_id, user.email, identity.connection_id, identity.identity_user_id))
