"""Users, identities, and the accounts of database connections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, PrimaryKeyConstraint, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from idp.directory.users.identifiers import email_key
from idp.foundation.db.base import SEALED, Base, FoldedText, JSONText, Millis, TenantScoped
from idp.foundation.db.editable import Editable
from idp.foundation.kernel.folding import fold

FOLDED = {name: f"{name}_folded" for name in ("email", "name", "given_name", "family_name", "nickname")}
"""Attributes that searches compare regardless of case, and the columns that hold them folded."""
_SORTED = ("username", "phone_number", "email_verified", "phone_verified", "blocked")
UNVERIFIED = ("name", "email")
"""Orders in which those whose address is not proved have an index of their own (docs/decisions/0411)."""

MOST_OF_NUMBER = 32
"""Characters of a stored telephone number."""


class User(Editable, TenantScoped, Base):
    """The normalized profile (spec/user-profile.md). ``profile`` holds every root attribute that has no column.

    Lists and searches have indexes that begin with the tenant (docs/decisions/0125); those of Postgres, and the ones
    that find parts of texts and members of documents, are declared in :mod:`idp.foundation.db.online_indexes`. None of
    them covers what a sign-in changes: that is :class:`UserActivity`.
    """

    __tablename__ = "users"
    edited_as = "users"
    flat = frozenset({"profile"})
    unnoted = frozenset({"email_key", "last_login", "last_ip", "logins_count", "last_password_reset", "signup_agent"})
    __table_args__ = (
        Index("ix_users_email_key", "email_key", "tenant_id"),
        Index("ix_users_listed", "tenant_id", "created_at", "user_id"),
        Index("ix_users_sorted_user_id", "tenant_id", "user_id"),
        Index(
            "ix_users_deletion_due",
            "tenant_id",
            "deletion_due",
            "user_id",
            sqlite_where=text("deletion_due IS NOT NULL"),
        ),
        *(Index(f"ix_users_sorted_{name}", "tenant_id", name, "user_id") for name in _SORTED),
        *(Index(f"ix_users_by_{name}", "tenant_id", kept, "user_id", "created_at") for name, kept in FOLDED.items()),
        *(
            Index(
                f"ix_users_unverified_{name}",
                "tenant_id",
                FOLDED[name],
                "user_id",
                sqlite_where=text("email_verified = 0"),
            )
            for name in UNVERIFIED
        ),
    )

    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254))
    email_verified: Mapped[bool] = mapped_column(Boolean, default=False)
    username: Mapped[str | None] = mapped_column(String(128))
    phone_number: Mapped[str | None] = mapped_column(String(32))
    phone_verified: Mapped[bool | None] = mapped_column(Boolean)
    name: Mapped[str | None] = mapped_column(String(300))
    nickname: Mapped[str | None] = mapped_column(String(300))
    given_name: Mapped[str | None] = mapped_column(String(150))
    family_name: Mapped[str | None] = mapped_column(String(150))
    picture: Mapped[str | None] = mapped_column(Text)
    blocked: Mapped[bool] = mapped_column(Boolean, default=False)
    profile: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    user_metadata: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    app_metadata: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    last_login: Mapped[int | None] = mapped_column(Millis)
    last_ip: Mapped[str | None] = mapped_column(String(64))
    logins_count: Mapped[int] = mapped_column(Integer, default=0)
    last_password_reset: Mapped[int | None] = mapped_column(Millis)
    signup_agent: Mapped[str | None] = mapped_column(String(512))
    """``User-Agent`` of the browser in which the person made the account; None where somebody else did."""
    language: Mapped[str | None] = mapped_column(String(35))
    """The language tag that the person picked on our pages; no attribute, and no claim."""
    theme: Mapped[str | None] = mapped_column(String(8))
    """``light`` or ``dark``, as the person wants our pages; None: as their device is set. No attribute, no claim."""
    deletion_due: Mapped[int | None] = mapped_column(Millis)
    """When the account is erased, as its owner asked for; None where nobody did."""
    factors: Mapped[str | None] = mapped_column(String(200))
    """Kinds of second factors that the person has, with spaces between; ``imported`` while they wait in
    ``imported_factors``. A summary for whoever reads the row anyway; :mod:`idp.signin.factors.service` keeps it."""
    factors_changed_at: Mapped[int | None] = mapped_column(Millis)
    created_at: Mapped[int] = mapped_column(Millis)
    updated_at: Mapped[int] = mapped_column(Millis)
    email_folded: Mapped[str | None] = mapped_column(FoldedText)
    name_folded: Mapped[str | None] = mapped_column(FoldedText)
    given_name_folded: Mapped[str | None] = mapped_column(FoldedText)
    family_name_folded: Mapped[str | None] = mapped_column(FoldedText)
    nickname_folded: Mapped[str | None] = mapped_column(FoldedText)

    @validates(*FOLDED)
    def _keep_folded(self, name: str, value: str | None) -> str | None:
        setattr(self, FOLDED[name], None if value is None else fold(value))
        return value


def folded(columns: Mapping[str, Any]) -> dict[str, str | None]:
    """The folded columns that go with ``columns`` of a user: for statements that write rows past the model."""
    return {FOLDED[name]: None if value is None else fold(value) for name, value in columns.items() if name in FOLDED}


class UserActivity(TenantScoped, Base):
    """What each sign-in changes, once more and with indexes: in ``users`` itself each of them would make Postgres write
    every other index of the row anew (docs/decisions/0126). Triggers of the database keep it; nobody else writes it.
    """

    __tablename__ = "user_activity"
    __table_args__ = tuple(
        Index(f"ix_user_activity_{name}", "tenant_id", name, "user_id")
        for name in ("last_login", "last_ip", "logins_count", "updated_at")
    )

    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    last_login: Mapped[int | None] = mapped_column(Millis)
    last_ip: Mapped[str | None] = mapped_column(String(64))
    logins_count: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[int] = mapped_column(Millis)


class UserCount(TenantScoped, Base):
    """How many users a tenant has: the sum of its rows. Triggers of the database keep it; on Postgres every writer adds
    a row and waits for nobody, and now and then one of them adds them up (docs/decisions/0126).
    """

    __tablename__ = "user_counts"
    __table_args__ = (PrimaryKeyConstraint("tenant_id", "part"),)

    part: Mapped[str] = mapped_column(String(64), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class Identity(TenantScoped, Base):
    """One account at one connection; ``position`` 0 is the user's primary identity."""

    __tablename__ = "identities"
    __table_args__ = (
        Index("ix_identities_user_id", "user_id", "tenant_id"),
        Index("ix_identities_connection", "tenant_id", "connection", "user_id"),
        *(
            Index(
                f"ix_identities_{name}",
                name,
                "connection_id",
                "tenant_id",
                sqlite_where=text(f"{name} IS NOT NULL"),  # on Postgres too (0065), whose dialect stays unloaded here
            )
            for name in ("linked_email_key", "linked_number")
        ),
    )

    connection_id: Mapped[str] = mapped_column(String(64), primary_key=True, sort_order=50)
    identity_user_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(300))
    position: Mapped[int] = mapped_column(Integer, default=0)
    provider: Mapped[str] = mapped_column(String(64))
    connection: Mapped[str] = mapped_column(String(128))
    is_social: Mapped[bool] = mapped_column(Boolean, default=False)
    profile_data: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    tokens_sealed: Mapped[str | None] = mapped_column(Text, info=SEALED)
    raw_profile: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    """What the source said at the last sign-in, as it said it; nobody's attributes, and no claim."""
    linked_email_key: Mapped[str | None] = mapped_column(String(254))
    linked_number: Mapped[str | None] = mapped_column(String(32))
    """Address and number of a linked account, out of its ``profile_data``: what its connection may know it by (decision
    0322). Those of a primary one stand in ``users``.
    """

    @validates("profile_data")
    def _keep_known(self, _name: str, value: dict[str, Any] | None) -> dict[str, Any] | None:
        for column, known in linked_columns(value).items():
            setattr(self, column, known)
        return value


def linked_columns(profile_data: Mapping[str, Any] | None) -> dict[str, str | None]:
    """What a linked account may be known by, from the profile it brought."""
    data = profile_data or {}
    email, number = data.get("email"), data.get("phone_number")
    return {
        "linked_email_key": email_key(email)[:254] if isinstance(email, str) and email else None,
        "linked_number": number if isinstance(number, str) and 0 < len(number) <= MOST_OF_NUMBER else None,
    }


class ConnectedAccount(TenantScoped, Base):
    """An account at a source whose tokens applications may have in somebody's name, and that opens nothing here: it is
    no identity of theirs (spec/my-account.md, "Endpoints").
    """

    __tablename__ = "connected_accounts"
    __table_args__ = (Index("ix_connected_accounts_user_id", "user_id", "tenant_id"),)

    connection_id: Mapped[str] = mapped_column(String(64), primary_key=True, sort_order=50)
    account_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    tokens_sealed: Mapped[str] = mapped_column(Text, info=SEALED)
    created_at: Mapped[int] = mapped_column(Millis)


class Picture(TenantScoped, Base):
    """The photo of one account at one connection, whose source brought it as bytes. ``data`` is Base64; ``id`` is what
    it is shown under, new with every other photo.
    """

    __tablename__ = "pictures"
    __table_args__ = (UniqueConstraint("id", "tenant_id"),)

    connection_id: Mapped[str] = mapped_column(String(64), primary_key=True, sort_order=50)
    identity_user_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    data: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[int] = mapped_column(Millis)


class DatabaseAccount(TenantScoped, Base):
    """A person's row in the built-in user store. The keys are the normalized identifiers that sign-in compares
    (security.md J5).
    """

    __tablename__ = "database_accounts"
    __table_args__ = (
        UniqueConstraint("email_key", "connection_id", "tenant_id"),
        UniqueConstraint("username_key", "connection_id", "tenant_id"),
    )

    connection_id: Mapped[str] = mapped_column(String(64), primary_key=True, sort_order=50)
    account_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254))
    username: Mapped[str | None] = mapped_column(String(128))
    username_key: Mapped[str | None] = mapped_column(String(128))
    password_hash: Mapped[str | None] = mapped_column(Text)
    password_history: Mapped[list[str] | None] = mapped_column(JSONText)
    password_set_at: Mapped[int | None] = mapped_column(Millis)
    created_at: Mapped[int] = mapped_column(Millis)


class ImportedFactor(TenantScoped, Base):
    """A second factor that somebody brought along from elsewhere: ``kind`` is ``totp``, ``phone`` or ``email``. It
    waits here, sealed, for whoever enrolls factors to take it up (:mod:`idp.directory.users.imported_factors`).
    """

    __tablename__ = "imported_factors"

    user_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    number: Mapped[str] = mapped_column(String(8), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    value_sealed: Mapped[str] = mapped_column(Text, info=SEALED)
    created_at: Mapped[int] = mapped_column(Millis)
