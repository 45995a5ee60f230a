"""Users as pages see them: found by (connection, account id) and by nothing else (security.md N1, CO8), or by id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, select

from idp.directory.users.attributes import PERSONAL
from idp.directory.users.models import Identity as I
from idp.directory.users.models import User as U
from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.tenancy.configuration import VERSION, Versioned
from idp.foundation.tenancy.work import Work


class _Columns(msgspec.Struct, frozen=True):
    user_id: str
    email_verified: bool
    blocked: bool
    connection_id: str
    account_id: str
    language: str | None
    factors: str | None
    phone_number: str | None
    phone_verified: bool | None


if TYPE_CHECKING:

    class _Person(_Columns, frozen=True):
        email: str | None
        username: str | None
        name: str | None

else:
    _Person = msgspec.defstruct("_Person", [(name, str | None) for name in PERSONAL], bases=(_Columns,), frozen=True)


class FoundUser(_Person, frozen=True):
    """A user as login pages need them, with every attribute that a password must not repeat."""

    @property
    def called(self) -> str:
        """What they are called where nothing else is known of them: an address, a name, a number."""
        return self.email or self.username or self.phone_number or self.user_id

    @property
    def about(self) -> dict[str, Any]:
        """What a password must not repeat."""
        return {name: getattr(self, name) for name in PERSONAL}


_FOUND = (
    U.user_id,
    U.email_verified,
    U.blocked,
    I.connection_id,
    I.identity_user_id.label("account_id"),
    U.language,
    U.factors,
    U.phone_number,
    U.phone_verified,
    *(getattr(U, name) for name in PERSONAL),
)
_JOINED = (I.tenant_id == U.tenant_id) & (I.user_id == U.user_id)
_BY_IDENTITY = Statement(
    "user_by_identity",
    select(VERSION, *_FOUND)
    .select_from(by_key(I, U, _JOINED))
    .where(
        I.tenant_id == bindparam("tenant"),
        I.connection_id == bindparam("connection"),
        I.identity_user_id == bindparam("account"),
    ),
    row=Versioned[FoundUser],
)
_PRIMARY = Statement(
    "user_by_id_with_primary_identity",
    select(VERSION, *_FOUND)
    .select_from(by_key(U, I, _JOINED))
    .where(U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user"))
    .order_by(I.position)
    .limit(1),
    row=Versioned[FoundUser],
)


def by_identity(work: Work, connection_id: str, account_id: str) -> FoundUser | None:
    """The user an account belongs to."""
    return work.first(_BY_IDENTITY, connection=connection_id, account=account_id)


def by_id(work: Work, user_id: str) -> FoundUser | None:
    """The user with their primary identity."""
    return work.first(_PRIMARY, user=user_id)
