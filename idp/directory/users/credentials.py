"""The credential store of database connections: :class:`connectors.contract.CredentialStore` over
``database_accounts``.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ScalarSelect, bindparam, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from connectors.contract import Account, AlreadyExists, NewAccount
from idp.directory.users import password_history
from idp.directory.users.identifiers import email_key, username_key
from idp.directory.users.models import DatabaseAccount as A
from idp.directory.users.models import Identity as I
from idp.directory.users.models import User as U
from idp.foundation.db.by_key import by_key
from idp.foundation.db.code_points import by_code_point
from idp.foundation.db.hot import HotConnection, Statement, UniqueViolation
from idp.foundation.db.insert_row import insert_row
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import clock, ids


class _Found(msgspec.Struct, frozen=True):
    account_id: str
    email: str | None
    username: str | None
    password_hash: str | None


class _Passwords(msgspec.Struct, frozen=True):
    """The current password's hash, and what is remembered of earlier ones."""

    password_hash: str | None
    password_history: Json[Any] | None


_MINE = (A.tenant_id == bindparam("tenant"), A.connection_id == bindparam("connection"))
_O = aliased(A)


def _of(column: InstrumentedAttribute[str | None]) -> ScalarSelect[str]:
    """The account whose key that is. One column at a time: an OR of both leads Postgres to neither's index."""
    mine = (_O.tenant_id == bindparam("tenant"), _O.connection_id == bindparam("connection"))
    return select(_O.account_id).where(*mine, getattr(_O, column.key) == bindparam("key")).scalar_subquery()


_BY_KEY = Statement(
    "account_by_identifier",
    select(A.account_id, A.email, A.username, A.password_hash).where(
        *_MINE, A.account_id == func.coalesce(_of(A.email_key), _of(A.username_key))
    ),
    row=_Found,
)
_OWN = (I.connection_id == bindparam("connection")) & (I.position == 0)
_OF_USER = (I.tenant_id == U.tenant_id) & (I.user_id == U.user_id) & _OWN
_ACCOUNT = (A.tenant_id == I.tenant_id) & (A.connection_id == I.connection_id) & (A.account_id == I.identity_user_id)
_BY_NUMBER = Statement(
    "account_by_number",
    select(A.account_id, A.email, A.username, A.password_hash)
    .select_from(by_key(by_key(U, I, _OF_USER), A, _ACCOUNT))
    .where(
        U.tenant_id == bindparam("tenant"),
        by_code_point(U.phone_number) == bindparam("number"),
        U.phone_number.is_not(None),
    )
    .limit(1),
    row=_Found,
)
_BY_LINKED_NUMBER = Statement(
    "account_by_linked_number",
    select(A.account_id, A.email, A.username, A.password_hash)
    .select_from(by_key(I, A, _ACCOUNT))
    .where(
        I.tenant_id == bindparam("tenant"),
        I.connection_id == bindparam("connection"),
        I.linked_number == bindparam("number"),
        I.linked_number.is_not(None),
    )
    .limit(1),
    row=_Found,
)
INSERT = Statement("account_insert", insert_row(A, without=(A.password_history,)))
_SET_PASSWORD = Statement(
    "account_set_password",
    update(A)
    .where(*_MINE, A.account_id == bindparam("account"))
    .values(password_hash=bindparam("hash"), password_set_at=bindparam("now"), password_history=bindparam("history")),
)
_REHASH = Statement(
    "account_rehash",
    update(A)
    .where(*_MINE, A.account_id == bindparam("account"), A.password_hash == bindparam("before"))
    .values(password_hash=bindparam("after")),
)
_PASSWORDS = Statement(
    "account_passwords",
    select(A.password_hash, A.password_history).where(*_MINE, A.account_id == bindparam("account")),
    row=_Passwords,
)
_REMOVE = Statement("account_remove", delete(A).where(*_MINE, A.account_id == bindparam("account")))


def account_row(
    tenant_id: str, connection_id: str, account_id: str, account: NewAccount, password_hash: str | None
) -> dict[str, Any]:
    """The row of an account that is made now."""
    moment = clock.now_ms()
    return {
        "tenant_id": tenant_id,
        "connection_id": connection_id,
        "account_id": account_id,
        "email": account.email,
        "email_key": email_key(account.email) if account.email and not account.shares_email else None,
        "username": account.username,
        "username_key": username_key(account.username) if account.username else None,
        "password_hash": password_hash,
        "password_set_at": moment if password_hash else None,
        "created_at": moment,
    }


class Credentials:
    """Accounts of one database connection of one tenant."""

    def __init__(self, hot: HotConnection, tenant_id: str, connection_id: str) -> None:
        self._hot = hot
        self._mine = {"tenant": tenant_id, "connection": connection_id}

    def by_identifier(self, identifier: str) -> Account | None:
        """See :class:`connectors.contract.CredentialStore`."""
        row = self._hot.one(_BY_KEY, key=email_key(identifier), **self._mine)
        return Account(row.account_id, row.email, row.username, row.password_hash) if row else None

    def by_number(self, number: str) -> Account | None:
        """See :class:`connectors.contract.CredentialStore`. Found by the profile, in the index of numbers: the user's,
        or the one that a linked account brought along.
        """
        row = self._hot.one(_BY_NUMBER, number=number, **self._mine)
        row = row or self._hot.one(_BY_LINKED_NUMBER, number=number, **self._mine)
        return Account(row.account_id, row.email, row.username, row.password_hash) if row else None

    def insert(self, account: NewAccount, password_hash: str | None) -> Account:
        """See :class:`connectors.contract.CredentialStore`; unique indexes decide between twins (security.md J1)."""
        account_id = account.account_id or ids.hex24()
        values = account_row(self._mine["tenant"], self._mine["connection"], account_id, account, password_hash)
        try:
            self._hot.run(INSERT, **values)
        except UniqueViolation as error:
            raise AlreadyExists("username" if "username_key" in error.columns else "email") from error
        return Account(account_id, account.email, account.username, password_hash)

    def passwords(self, account_id: str) -> list[str]:
        """Hashes of the current password and of those that are remembered, newest first."""
        row = self._hot.one(_PASSWORDS, account=account_id, **self._mine)
        return password_history.of(row.password_hash, row.password_history) if row else []

    def set_password(self, account_id: str, password_hash: str, *, remember: int = 0) -> None:
        """See :class:`connectors.contract.CredentialStore`."""
        before = self.passwords(account_id)[:remember]
        history = msgspec.json.encode(before).decode() if before else None
        self._hot.run(
            _SET_PASSWORD, account=account_id, hash=password_hash, history=history, now=clock.now_ms(), **self._mine
        )

    def rehash(self, account_id: str, before: str, after: str) -> None:
        """See :class:`connectors.contract.CredentialStore`."""
        self._hot.run(_REHASH, account=account_id, before=before, after=after, **self._mine)

    def remove(self, account_id: str) -> None:
        """See :class:`connectors.contract.CredentialStore`."""
        self._hot.run(_REMOVE, account=account_id, **self._mine)
