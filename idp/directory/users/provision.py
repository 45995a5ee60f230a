"""An identity becomes a user: found by (connection, account id) and by nothing else (security.md N1, CO8), its profile
cached.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update

from idp.directory.users import normalize
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import Identity as I
from idp.directory.users.models import User as U
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.tenancy.configuration import VERSION, Versioned
from idp.foundation.tenancy.work import Work

_FOUND = (
    U.user_id,
    U.email,
    U.email_verified,
    U.username,
    U.name,
    U.blocked,
    U.nickname,
    U.given_name,
    U.family_name,
    I.connection_id,
    I.identity_user_id.label("account_id"),
)


class FoundUser(msgspec.Struct, frozen=True):
    """A user as login pages need them."""

    user_id: str
    email: str | None
    email_verified: bool
    username: str | None
    name: str | None
    blocked: bool
    nickname: str | None
    given_name: str | None
    family_name: str | None
    connection_id: str
    account_id: str

    @property
    def about(self) -> dict[str, Any]:
        """What a password must not repeat."""
        return {
            name: getattr(self, name) for name in ("email", "username", "name", "nickname", "given_name", "family_name")
        }


_JOINED = (I.tenant_id == U.tenant_id) & (I.user_id == U.user_id)
_BY_IDENTITY = Statement(
    "user_by_identity",
    select(VERSION, *_FOUND)
    .join(I, _JOINED)
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
    .join(I, _JOINED)
    .where(U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user"))
    .order_by(I.position)
    .limit(1),
    row=Versioned[FoundUser],
)
_USER_COLUMNS = (
    U.tenant_id,
    U.user_id,
    U.email,
    U.email_key,
    U.email_verified,
    U.username,
    U.name,
    U.nickname,
    U.given_name,
    U.family_name,
    U.picture,
    U.blocked,
    U.profile,
    U.user_metadata,
    U.app_metadata,
    U.logins_count,
    U.created_at,
    U.updated_at,
)
_INSERT_USER = Statement("user_insert", insert(U).values({c: bindparam(c.key) for c in _USER_COLUMNS}))
_INSERT_IDENTITY = Statement(
    "identity_insert",
    insert(I).values(
        {
            c: bindparam(c.key)
            for c in (
                I.tenant_id,
                I.connection_id,
                I.identity_user_id,
                I.user_id,
                I.position,
                I.provider,
                I.connection,
                I.is_social,
            )
        }
    ),
)
_RECORD_LOGIN = Statement(
    "user_record_login",
    update(U)
    .where(U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user"))
    .values(
        last_login=bindparam("now"),
        last_ip=bindparam("ip"),
        logins_count=U.logins_count + 1,
        updated_at=bindparam("now"),
    ),
)
_VERIFY_EMAIL = Statement(
    "user_verify_email",
    update(U)
    .where(U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user"), U.email == bindparam("email"))
    .values(email_verified=True, updated_at=bindparam("now")),
)
_PASSWORD_RESET = Statement(
    "user_password_reset",
    update(U)
    .where(U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user"))
    .values(last_password_reset=bindparam("now"), updated_at=bindparam("now")),
)
_RENAME = Statement(
    "user_rename",
    update(U)
    .where(U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user"))
    .values(name=bindparam("name"), updated_at=bindparam("now")),
)


def by_identity(work: Work, connection_id: str, account_id: str) -> FoundUser | None:
    """The user an account belongs to."""
    return work.first(_BY_IDENTITY, connection=connection_id, account=account_id)


def by_id(work: Work, user_id: str) -> FoundUser | None:
    """The user with their primary identity."""
    return work.first(_PRIMARY, user=user_id)


def create(
    work: Work,
    *,
    connection_id: str,
    connection_name: str,
    provider: str,
    account_id: str,
    profile: dict[str, Any],
    email_verified: bool = False,
    user_metadata: dict[str, Any] | None = None,
    app_metadata: dict[str, Any] | None = None,
) -> str:
    """Insert the user and its identity in the caller's transaction; answers the user id (``provider|account id``)."""
    full = normalize.defaults(work.config.url, profile)
    moment = clock.now_ms()
    user_id = f"{provider}|{account_id}"
    columns = {
        name: full.pop(name, None)
        for name in ("email", "username", "name", "nickname", "given_name", "family_name", "picture")
    }
    work.hot.run(
        _INSERT_USER,
        tenant_id=work.tenant_id,
        user_id=user_id,
        email_key=email_key(columns["email"]) if columns["email"] else None,
        email_verified=email_verified,
        blocked=False,
        profile=msgspec.json.encode(full).decode(),
        user_metadata=_json(user_metadata),
        app_metadata=_json(app_metadata),
        logins_count=0,
        created_at=moment,
        updated_at=moment,
        **columns,
    )
    work.hot.run(
        _INSERT_IDENTITY,
        tenant_id=work.tenant_id,
        connection_id=connection_id,
        identity_user_id=account_id,
        user_id=user_id,
        position=0,
        provider=provider,
        connection=connection_name,
        is_social=False,
    )
    return user_id


def record_login(work: Work, user_id: str) -> None:
    """Count a sign-in: also for a blocked user (spec/account-lifecycle.md)."""
    work.hot.run(_RECORD_LOGIN, tenant=work.tenant_id, user=user_id, now=clock.now_ms(), ip=work.ip)


def verify_email(work: Work, user_id: str, email: str) -> bool:
    """The person proved that address, provided it is still theirs (security.md M7)."""
    return work.hot.run(_VERIFY_EMAIL, tenant=work.tenant_id, user=user_id, email=email, now=clock.now_ms()) == 1


def password_was_reset(work: Work, user_id: str) -> None:
    """Remember when."""
    work.hot.run(_PASSWORD_RESET, tenant=work.tenant_id, user=user_id, now=clock.now_ms())


def rename(work: Work, user_id: str, name: str) -> None:
    """The person's own choice of name, from the account page."""
    work.hot.run(_RENAME, tenant=work.tenant_id, user=user_id, name=name, now=clock.now_ms())


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
