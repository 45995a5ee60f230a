"""Somebody comes in from a source that keeps its own accounts: a user is made at the first time, and later the cached
profile follows the source as the connection says (``set_user_root_attributes``; spec/user-profile.md).

Found by (connection, account id) and by nothing else: an address that fits is no proof (security.md N1, CO8).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import msgspec

from connectors.contract import AlreadyExists
from connectors.contract import Identity as Arrived
from connectors.strategy import Sync
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import normalize, pictures, provision, source_tokens
from idp.directory.users.attributes import ATTRIBUTES, BY_NAME, ROOT, STORED, Owner
from idp.directory.users.identifiers import email_key, valid_email
from idp.directory.users.models import Identity, User
from idp.directory.users.provision import FoundUser
from idp.directory.users.service.creation import NewUser, add
from idp.directory.users.service.profile import locked_owner
from idp.foundation.kernel import clock
from idp.foundation.kernel.events import UserUpdated
from idp.foundation.tenancy.work import Work

OURS = frozenset(row.name for row in ATTRIBUTES if row.owner in {Owner.SYSTEM, Owner.ADMINISTRATOR}) | {
    "identities",
    "multifactor",
}
"""What no source decides, whatever it calls its attributes."""
MOST_RAW_BYTES = 32_768
"""What a source says of somebody is kept up to that size."""
FOLLOWED = tuple(name for name in STORED if name not in OURS)
"""Columns that follow the source."""
EMPTY: Mapping[str, Any] = MappingProxyType({})


def arrive(
    work: Work,
    connection: ConnectionConfig,
    arrived: Arrived,
    *,
    sync: Sync | None = None,
    extra: Mapping[str, Any] = EMPTY,
) -> FoundUser:
    """The user of that identity, made or brought up to date in the caller's transaction, as the connection says, or as
    ``sync`` says for a source that tells us by itself. ``extra`` are attributes that somebody new gets besides.

    :raises AlreadyExists: another transaction made them meanwhile, or the id is that of a user of another connection.
    """
    arrived = replace(arrived, user_id=connection.account_id(arrived.user_id))
    owner = locked_owner(work, connection.id, arrived.user_id)
    sync, never = sync or connection.options.sync(), frozenset(connection.options.never_stored())
    if "picture" not in never and (owner is None or sync == "on_each_login"):
        arrived = pictures.follow(work, connection.id, arrived)
    profile = {name: value for name, value in profile_of(arrived).items() if name not in never}
    if owner is None:
        left_out = ROOT if sync == "never_on_login" else ()
        attributes = {**{name: value for name, value in profile.items() if name not in left_out}, **extra}
        new = NewUser(
            connection=connection, attributes=attributes, account_id=arrived.user_id, made_with=work.user_agent
        )
        add(work, new)
    identity = _identity(work, connection, arrived)
    if owner is not None:
        _refresh(work, owner, identity, {**_told_before(arrived, owner, identity), **profile}, follow=sync)
    if arrived.raw:
        identity.raw_profile = _kept(_raw(arrived, never))
    if arrived.tokens:
        before = source_tokens.opened(work, connection.id, arrived.user_id, identity.tokens_sealed)
        after = source_tokens.kept(arrived.tokens, before)
        identity.tokens_sealed = source_tokens.sealed(work, connection.id, arrived.user_id, after)
    work.rows.flush()
    user = provision.by_identity(work, connection.id, arrived.user_id)
    if user is None:
        raise AssertionError("the identity was just written")
    return user


def expect(work: Work, connection: ConnectionConfig, arrived: Arrived, extra: Mapping[str, Any] = EMPTY) -> bool:
    """Make the user of an account at a source who has not come here yet, in the caller's transaction; False where they
    are here already, and stay as they are. ``arrived`` says the id as it stands among all identities.

    :raises AlreadyExists: the id is that of a user of another connection.
    """
    if locked_owner(work, connection.id, arrived.user_id) is not None:
        return False
    never = frozenset(connection.options.never_stored())
    profile = {name: value for name, value in profile_of(arrived).items() if name not in never}
    add(work, NewUser(connection=connection, attributes={**profile, **extra}, account_id=arrived.user_id))
    return True


def rename_account(work: Work, connection_id: str, before: str, after: str) -> None:
    """The source knows somebody by another id from now on; they are the same user, with the id they have. Tokens of the
    source that were kept go: they were sealed for the old id.

    :raises AlreadyExists: the new id is somebody else's.
    """
    if locked_owner(work, connection_id, before) is None:
        return
    if work.rows.lock_one(Identity, connection_id, after) is not None:
        raise AlreadyExists("user_id")
    identity = work.rows.lock_one(Identity, connection_id, before)
    if identity is not None:
        identity.identity_user_id, identity.tokens_sealed = after, None
        pictures.forget_account(work, connection_id, before)
        work.rows.flush()


def _identity(work: Work, connection: ConnectionConfig, arrived: Arrived) -> Identity:
    found = work.rows.lock_one(Identity, connection.id, arrived.user_id)
    if found is None:
        raise AssertionError("the identity was there a moment ago, and its user is locked")
    return found


def _told_before(arrived: Arrived, user: User, identity: Identity) -> dict[str, Any]:
    """What is known of attributes that the source says only once."""
    known = identity.profile_data or {} if identity.position else {name: getattr(user, name) for name in FOLLOWED}
    return {name: known[name] for name in arrived.told_once if known.get(name) is not None}


def _refresh(work: Work, user: User, identity: Identity, profile: dict[str, Any], *, follow: str) -> None:
    if identity.position:  # a linked account: its attributes stand beside the identity
        identity.profile_data = profile
        return
    if follow != "on_each_login":
        return
    full = normalize.defaults(work.config, profile)
    full |= {name: value for name, value in user.profile.items() if name in OURS}
    columns = {name: full.pop(name, None) for name in FOLLOWED}
    columns["email_verified"] = bool(columns["email_verified"])
    changed = [name for name, value in columns.items() if getattr(user, name) != value]
    changed += sorted(name for name in full.keys() | user.profile.keys() if full.get(name) != user.profile.get(name))
    if not changed:
        return
    for name, value in columns.items():
        setattr(user, name, value)
    user.email_key = email_key(user.email) if user.email else None
    user.profile, user.updated_at = full, clock.now_ms()
    work.emit(UserUpdated(user.user_id, changed))


def _raw(arrived: Arrived, never: Collection[str]) -> dict[str, Any]:
    """What the source said, without attributes that are never stored: by their own name, and by the one that they have
    at the source.
    """
    unwanted = [value for name, value in arrived.profile.items() if name in never and value is not None]
    unwanted += [[value] for value in unwanted]
    return {name: said for name, said in arrived.raw.items() if name not in never and said not in unwanted}


def _kept(said: dict[str, Any]) -> dict[str, Any] | None:
    """As the store takes it; nothing where it is too large, or holds what no store takes."""
    try:
        encoded = msgspec.json.encode(said)
    except (TypeError, UnicodeEncodeError):
        return None
    return None if len(encoded) > MOST_RAW_BYTES or b"\\u0000" in encoded else said


def _holds(name: str, value: object) -> bool:
    """Whether the attribute can hold it: whoever runs the source chooses it, and it must keep nobody out.

    A column takes its type within its limits, the profile document any JSON; no store takes NUL or half a character.
    """
    try:
        encoded = msgspec.json.encode(value)
        if name in STORED:
            msgspec.convert(value, BY_NAME[name].accepts)
    except (TypeError, UnicodeEncodeError, msgspec.ValidationError):
        return False
    return value is not None and b"\\u0000" not in encoded


def profile_of(arrived: Arrived) -> dict[str, Any]:
    """What the source says, without what is not its to say and what is no such attribute. An address is proven where it
    says exactly that.
    """
    said = {name: value for name, value in arrived.profile.items() if name not in OURS and _holds(name, value)}
    email, verified = valid_email(str(said.pop("email", ""))), said.pop("email_verified", None) is True
    return {**said, "email": email, "email_verified": verified} if email else said
