"""PATCH /users/{id}: who may change what of whom (spec/user-profile.md, "PATCH rules")."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarResult, Select, select

from connectors.directories import Directory
from idp.directory.connections import runtime as connections
from idp.directory.connections.models import Connection
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import metadata, provision
from idp.directory.users.attributes import COLUMNLESS, IDENTIFIERS, PERSONAL, ROOT
from idp.directory.users.identifiers import email_key, username_key
from idp.directory.users.log_types import UserLog
from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.directory.users.service import checks, creation, directories, passwords, told_elsewhere
from idp.directory.users.service.profile import get, locked
from idp.foundation.kernel import clock
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import BadRequest, Conflict
from idp.foundation.kernel.events import (
    EmailVerificationWanted,
    IdentifiersChanged,
    UserBlocked,
    UserUnblocked,
    UserUpdated,
)
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.members import service as administrators

EXCLUSIVE = (
    ("password", "email"),
    ("password", "email_verified"),
    ("username", "email"),
    ("username", "email_verified"),
    ("username", "password"),
)
LOGGED = (
    ("email", UserLog.EMAIL_CHANGED),
    ("username", UserLog.USERNAME_CHANGED),
    ("phone_number", UserLog.PHONE_NUMBER_CHANGED),
)
WAYS_IN = frozenset({"password", "blocked", *IDENTIFIERS})
"""Members by which somebody else could get in as them, or keep them out."""
_CONTEXT = frozenset({"connection", "client_id"})
"""Members that say which identity is meant, and for whom mails are written."""


@dataclass(frozen=True)
class Source:
    """Where an account comes from: its connection (None where that is gone)."""

    connection: ConnectionConfig | None

    @property
    def has_account_here(self) -> bool:
        """Whether the account stands in our own store."""
        return self.connection is not None and self.connection.is_database and self.connection.keeps_accounts

    @property
    def ours(self) -> bool:
        """Whether we are the source of its profile."""
        return self.has_account_here or (self.connection is not None and self.connection.passwordless_by is not None)

    @property
    def identifiers_are_ours(self) -> bool:
        """Whether its identifiers are changed here, in a database of the tenant's own too."""
        return self.ours or (self.connection is not None and self.connection.is_database)

    @property
    def follows_source(self) -> bool:
        """Whether its root attributes are what the source says at each login."""
        sync = self.connection.options.sync() if self.connection else "on_each_login"
        return not self.ours and sync == "on_each_login"

    @property
    def never_stored(self) -> Collection[str]:
        """Attributes that are taken from no source, and may be removed."""
        return self.connection.options.never_stored() if self.connection else ()


@dataclass(frozen=True)
class Target(Source):
    """The user, the identity the change is about, and its connection."""

    user: User
    identity: Identity


def update(work: Work, user_id: str, changes: Mapping[str, Any]) -> User:
    """Apply the change in ``work.rows``. Whether the user is blocked is said by ``blocked`` alone: a new password lets
    nobody in again.

    :raises BadRequest: attributes that may not change together, here, or to that.
    :raises Conflict: the new identifier is taken.
    :raises Forbidden: an administrator with more rights than the caller.
    """
    members = {name: value for name, value in changes.items() if (name, value) != ("password", None)}
    metadata.check(members)
    _check_combinations(members)
    _refuse_stronger(work, user_id, members)
    prepared = _prepared_password(work, user_id, members)
    told_elsewhere.tell(work, user_id, members)
    _hold_connection(work, user_id, members)
    target = _target(work, locked(work, user_id), members.get("connection") or None)
    for check in (_check_secondary, _check_identifiers, _check_root_attributes):
        check(target, members)
    _refuse_twin_by(work, target, members)
    was_blocked = target.user.blocked
    _apply(work, target, members)
    if members.get("password") is not None:
        _replace_password(work, target, prepared)
    target.user.updated_at = clock.now_ms()
    work.rows.flush()
    _announce(work, target, members, was_blocked=was_blocked)
    return target.user


def kept_elsewhere(work: Work, user_id: str, connection: str, *, social: bool) -> Collection[str]:
    """The attributes of somebody that belong to the source of their main account, at the connection of that name:
    :func:`update` refuses them. What is never stored, and still is, may be removed.
    """
    source = Source(connections.named(work, connection))
    kept = set() if source.identifiers_are_ours else set(IDENTIFIERS)
    if social:
        kept.discard("email_verified")
    if source.follows_source:
        user = get(work, user_id) if source.never_stored else None
        kept |= {name for name in ROOT if user is None or not (name in source.never_stored and _stored(user, name))}
    return kept


def _stored(user: User, name: str) -> bool:
    return ((user.profile or {}).get(name) if name in COLUMNLESS else getattr(user, name)) is not None


def _refuse_stronger(work: Work, user_id: str, members: Mapping[str, Any]) -> None:
    """How an administrator with more rights gets in is not somebody else's to change."""
    if not WAYS_IN.isdisjoint(members):
        with work.looking():
            administrators.refuse_stronger(work, [user_id])


def _check_combinations(members: Mapping[str, Any]) -> None:
    for one, other in EXCLUSIVE:
        if one in members and other in members:
            raise BadRequest(f"Cannot update {one} and {other} simultaneously", "operation_not_supported")


def _prepared_password(work: Work, user_id: str, members: Mapping[str, Any]) -> str | None:
    """Look and hash before ``work.rows`` begins: no transaction stays open meanwhile. None where there is no new
    password, or a database of the tenant's own has taken it.
    """
    password = members.get("password")
    if password is None:
        return None
    with work.looking():
        user = get(work, user_id)
        identity = _identity(list(_identities(work, user_id)), members.get("connection"))
        about = {name: getattr(user, name) for name in PERSONAL}
        known_as = user.email or user.username or ""
    connection = connections.find(work, identity.connection_id)
    if connection is not None and connection.can(Directory):
        passwords.check(work, connection, str(password), about)
        directories.ask(work, connection, lambda source: source.replace_password(known_as, str(password)))
        return None
    if connection is None or not passwords.keeps_passwords(connection):
        raise BadRequest("Cannot change password for a user of a non-database connection.", "operation_not_supported")
    return passwords.checked(work, connection, str(password), about, account_id=identity.identity_user_id)


def _hold_connection(work: Work, user_id: str, members: Mapping[str, Any]) -> None:
    """Whose address or number is about to change where people are known by it and no index keeps two from having one:
    these change one at a time. Connections are locked before users.
    """
    if not {"email", "phone_number"} & members.keys():
        return
    identity = next((each for each in _identities(work, user_id) if _is_meant(each, members)), None)
    connection = connections.find(work, identity.connection_id) if identity else None
    if connection is not None and _found_by(connection) in members:
        work.rows.lock_one(Connection, connection.id)


def _found_by(connection: ConnectionConfig) -> str | None:
    """The attribute that the connection knows its people by and that no index keeps apart."""
    return connection.passwordless_by or ("phone_number" if connection.known_by_number else None)


def _refuse_twin_by(work: Work, target: Target, members: Mapping[str, Any]) -> None:
    identifier = _found_by(target.connection) if target.connection else None
    if target.connection is None or identifier is None or identifier not in members:
        return
    value = members[identifier]
    if value is None:
        if target.connection.passwordless_by is not None:
            raise BadRequest("Cannot remove the only identifier of the user.", "operation_not_supported")
        return
    if creation.taken_by(work, target.connection.id, identifier, value, but=target.user.user_id) is not None:
        raise Conflict(f"The specified new {identifier} already exists", "auth0_idp_error")


def _replace_password(work: Work, target: Target, prepared: str | None) -> None:
    work.rows.flush()
    identity = target.identity
    owner = provision.by_identity(work, identity.connection_id, identity.identity_user_id)
    if owner is None:
        raise AssertionError("the identity was read a moment ago")
    if prepared is None:
        passwords.password_replaced(work, owner)
    else:
        passwords.change_password(work, owner, prepared)
    work.rows.refresh(target.user)


def _identities(work: Work, user_id: str) -> ScalarResult[Identity]:
    return work.rows.scalars(_of_user(user_id))


def _of_user(user_id: str) -> Select[Identity]:
    return select(Identity).where(Identity.user_id == user_id).order_by(Identity.position)


def _identity(mine: list[Identity], connection: str | None) -> Identity:
    for identity in mine:
        if _is_meant(identity, {"connection": connection}):
            return identity
    raise BadRequest(f"The user has no identity in the connection '{connection}'.", "operation_not_supported")


def _is_meant(identity: Identity, members: Mapping[str, Any]) -> bool:
    return members.get("connection") in (None, "", identity.connection)


def _target(work: Work, user: User, connection: str | None) -> Target:
    identity = _identity(work.rows.lock_all(_of_user(user.user_id)), connection)
    return Target(connections.find(work, identity.connection_id), user, identity)


def _check_secondary(target: Target, members: Mapping[str, Any]) -> None:
    refused = [name for name in ROOT if name in members] if target.identity.position else []
    if refused:
        raise BadRequest(
            f"The following user attributes cannot be updated on a secondary identity: {', '.join(refused)}.",
            "operation_not_supported",
        )


def _check_identifiers(target: Target, members: Mapping[str, Any]) -> None:
    if not target.identifiers_are_ours:
        refused = [name for name in IDENTIFIERS if name in members]
        social = target.identity.is_social
        refused = [name for name in refused if not (social and name == "email_verified")]
        if refused:
            raise BadRequest(
                f"Cannot update {', '.join(refused)}: the user's connection is not a database or passwordless one.",
                "operation_not_supported",
            )
    removed = {name for name in ("email", "username", "phone_number") if name in members and members[name] is None}
    if not removed or not target.has_account_here or target.identity.position or target.connection is None:
        return
    needed = (
        [name for name in target.connection.accounts.needs if name in removed] if target.connection.accounts else []
    )
    if needed:
        raise BadRequest(f"Cannot remove {', '.join(needed)}: the connection requires it.", "operation_not_supported")
    left = {"email", "username", *(["phone_number"] if target.connection.known_by_number else [])} - removed
    if not any(getattr(target.user, name) for name in left):
        raise BadRequest("Cannot remove the only identifier of the user.", "operation_not_supported")


def _check_root_attributes(target: Target, members: Mapping[str, Any]) -> None:
    """The root attributes belong to the source where its connection syncs them at each login."""
    never = target.never_stored
    touched = [name for name in ROOT if name in members and not (members[name] is None and name in never)]
    if touched and target.follows_source:
        raise BadRequest(
            f"The following user attributes cannot be updated: {', '.join(touched)}. The connection "
            f"({target.identity.connection}) "
            "must either be a database connection (using the Auth0 store), a passwordless connection (email or "
            "sms) or has "
            "disabled 'Sync user profile attributes at each login'.",
            "operation_not_supported",
        )


def _apply(work: Work, target: Target, members: Mapping[str, Any]) -> None:
    user = target.user
    for kind in metadata.KINDS:
        if kind in members:
            setattr(user, kind, metadata.merge(kind, getattr(user, kind), members[kind]))
    for name in (*ROOT, "blocked"):
        if name in members and name not in COLUMNLESS:
            setattr(user, name, members[name])
    inside = {name: members[name] for name in COLUMNLESS if name in members}
    if inside:
        user.profile = merged(user.profile, inside)
    account = _account(work, target)
    if "email" in members:
        _change_email(work, target, account, members["email"])
    if "username" in members:
        _change_username(work, target, account, members["username"])
    data = target.identity.profile_data or {}
    number = data.get("phone_number") if target.identity.position else target.user.phone_number
    if "phone_number" in members and members["phone_number"] != number:
        _set(target, {"phone_verified": None})
    _set(
        target,
        {name: members[name] for name in ("email_verified", "phone_number", "phone_verified") if name in members},
    )


def _account(work: Work, target: Target) -> DatabaseAccount | None:
    identity = target.identity
    if not target.has_account_here:
        return None
    return work.rows.lock_one(DatabaseAccount, identity.connection_id, identity.identity_user_id)


def _change_email(work: Work, target: Target, account: DatabaseAccount | None, value: str | None) -> None:
    email = checks.email(value) if value is not None else None
    key = email_key(email) if email else None
    if account is not None:
        rules = target.connection.accounts if target.connection else None
        key = key if rules is None or rules.unique_email else None
        _refuse_twin(work, account, DatabaseAccount.email_key, key, "email")
        account.email, account.email_key = email, key
    if email != target.user.email or target.identity.position:
        _set(target, {"email": email, "email_verified": False})


def _change_username(work: Work, target: Target, account: DatabaseAccount | None, value: str | None) -> None:
    if target.connection is None or not target.connection.is_database:
        raise BadRequest("Cannot set username for a user of a non-database connection.", "operation_not_supported")
    username = checks.username(value, target.connection) if value is not None else None
    if account is not None:
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


def known_otherwise(work: Work, user_id: str, changed: Sequence[str]) -> None:
    """Tell that what somebody is known by was changed."""
    work.emit(IdentifiersChanged(user_id, changed))


def _announce(work: Work, target: Target, members: Mapping[str, Any], *, was_blocked: bool) -> None:
    user, identity = target.user, target.identity
    work.emit(UserUpdated(user.user_id, sorted(set(members) - _CONTEXT)))
    for name, kind in LOGGED:
        if name in members:
            log.write(work, kind, user_id=user.user_id, user_name=user.email, connection_id=identity.connection_id)
    identifiers = [name for name in IDENTIFIERS if name in members]
    if identifiers:
        known_otherwise(work, user.user_id, identifiers)
    if user.blocked and not was_blocked:
        work.emit(UserBlocked(user.user_id))
    elif was_blocked and not user.blocked:
        work.emit(UserUnblocked(user.user_id))
    if members.get("verify_email") and user.email and not user.email_verified:
        work.emit(EmailVerificationWanted(user.user_id, user.email, identity.connection_id, identity.identity_user_id))
