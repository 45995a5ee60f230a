"""Many users in one transaction: what an import makes and changes, once each row was checked.

Existing people are found by the three keys of a batch, three statements whatever its size, and new ones are written
with the functions that write a single one (docs/decisions/0205).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlalchemy import select

from connectors.contract import NewAccount
from idp.directory.connections.models import Connection
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import imported_factors
from idp.directory.users.attributes import METADATA
from idp.directory.users.credentials import INSERT as INSERT_ACCOUNT
from idp.directory.users.credentials import account_row
from idp.directory.users.foreign_hashes import is_imported
from idp.directory.users.identifiers import email_key, username_key
from idp.directory.users.imported_factors import Factor
from idp.directory.users.models import DatabaseAccount, Identity, ImportedFactor, User
from idp.directory.users.service.creation import INSERT_IDENTITY, INSERT_USER, NewUser, identity_row, user_row
from idp.directory.users.service.creation import made as made_known
from idp.directory.users.service.update import known_otherwise
from idp.foundation.db.code_points import by_code_point
from idp.foundation.db.hot import Statement
from idp.foundation.db.insert_row import insert_row
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.actor import DASHBOARD
from idp.foundation.kernel.events import UserUpdated
from idp.foundation.tenancy.work import Work
from idp.tenant.members import service as administrators

UPSERTED = ("email_verified", "name", "given_name", "family_name", "nickname", "picture", *METADATA)
"""Attributes that an import may change of somebody who is there (spec/user-profile.md, flag P)."""
_INSERT_FACTOR = Statement("imported_factor_insert", insert_row(ImportedFactor))


class Outcome(Enum):
    """What became of a row."""

    INSERTED = "inserted"
    UPDATED = "updated"
    CONFLICT = "CONFLICT"
    CONFLICT_EMAIL = "CONFLICT_EMAIL"
    CONFLICT_USERNAME = "CONFLICT_USERNAME"
    NOT_PASSED = "NOT_PASSED"
    """It is an administrator with more rights than whoever asked."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A row of an import, checked. ``password_hash`` is as it is kept with an account; ``account_id`` the id at the
    connection, where the file names one.
    """

    attributes: Mapping[str, Any]
    account_id: str | None = None
    password_hash: str | None = None
    factors: Sequence[Factor] = ()

    @property
    def email(self) -> str | None:
        """The address, as it is stored."""
        return self.attributes.get("email")

    @property
    def username(self) -> str | None:
        """The username, as it is stored."""
        return self.attributes.get("username")

    @property
    def number(self) -> str | None:
        """The telephone number."""
        return self.attributes.get("phone_number")


@dataclass
class _Known:
    """Accounts of the connection by what a batch names them by."""

    by_id: dict[str, str] = field(default_factory=dict)
    by_email: dict[str, str] = field(default_factory=dict)
    by_username: dict[str, str] = field(default_factory=dict)
    by_number: dict[str, str] = field(default_factory=dict)


def write(work: Work, connection: ConnectionConfig, people: Sequence[Person], *, upsert: bool) -> list[Outcome]:
    """Make these people, or change those that are there where ``upsert`` says so, in the caller's transaction. Nobody
    is named twice among them. Answers what became of each.

    :raises UniqueViolation: another transaction made one of them at this moment: nothing of the caller's is written,
        and the next try finds them.
    """
    if connection.known_by_number:  # no index keeps two from having one number
        work.rows.lock_one(Connection, connection.id)
    outcomes, new, changed = _planned(work, connection, people, upsert=upsert)
    _insert(work, connection, new)
    _change(work, connection, changed)
    return outcomes


def foreseen(work: Work, connection: ConnectionConfig, people: Sequence[Person], *, upsert: bool) -> list[Outcome]:
    """What :func:`write` would answer at this moment; nothing is written."""
    return _planned(work, connection, people, upsert=upsert)[0]


def _planned(
    work: Work, connection: ConnectionConfig, people: Sequence[Person], *, upsert: bool
) -> tuple[list[Outcome], list[Person], dict[str, Person]]:
    """What is to become of each, who is new, and who changes by their account."""
    known = _known(work, connection, people)
    outcomes: list[Outcome] = []
    new: list[Person] = []
    changed: dict[str, Person] = {}
    for person in people:
        outcome, account_id = _outcome(known, person, upsert=upsert)
        if account_id in changed:  # an earlier row moves the account away from what this one calls it
            outcome, account_id = Outcome.CONFLICT, None
        outcomes.append(outcome)
        if outcome is Outcome.INSERTED:
            new.append(person)
        elif account_id is not None:
            changed[account_id] = person
    stronger = _stronger(work, connection, changed)
    for number, person in enumerate(people):
        if any(changed[account_id] is person for account_id in stronger):
            outcomes[number] = Outcome.NOT_PASSED
    return outcomes, new, {account_id: each for account_id, each in changed.items() if account_id not in stronger}


def _stronger(work: Work, connection: ConnectionConfig, account_ids: Collection[str]) -> set[str]:
    """The accounts by which administrators sign in who have more rights than whoever asked at the dashboard."""
    if work.actor.channel != DASHBOARD or not account_ids:
        return set()
    theirs = Identity.connection_id == connection.id, Identity.identity_user_id.in_(sorted(account_ids))
    rows = list(work.rows.scalars(select(Identity).where(*theirs)))
    kept = administrators.stronger(work, {row.user_id for row in rows})
    return {row.identity_user_id for row in rows if row.user_id in kept}


def _known(work: Work, connection: ConnectionConfig, people: Sequence[Person]) -> _Known:
    a, found = DatabaseAccount, _Known()
    mine = a.connection_id == connection.id
    ids_ = [person.account_id for person in people if person.account_id]
    emails = [email_key(person.email) for person in people if person.email]
    usernames = [username_key(person.username) for person in people if person.username]
    if ids_:
        accounts = work.rows.scalars(select(a.account_id).where(mine, a.account_id.in_(ids_)))
        users = select(User.user_id).where(User.user_id.in_([f"{connection.provider}|{each}" for each in ids_]))
        taken = [each.removeprefix(f"{connection.provider}|") for each in work.rows.scalars(users)]
        found.by_id = {each: each for each in (*accounts, *taken)}
    if emails:
        rows = work.rows.execute(select(a.email_key, a.account_id).where(mine, a.email_key.in_(emails)))
        found.by_email = {key: account for key, account in rows if key is not None}
    if usernames:
        rows = work.rows.execute(select(a.username_key, a.account_id).where(mine, a.username_key.in_(usernames)))
        found.by_username = {key: account for key, account in rows if key is not None}
    numbers = [person.number for person in people if person.number] if connection.known_by_number else []
    if numbers:
        rows = work.rows.execute(
            select(User.phone_number, Identity.identity_user_id)
            .join(Identity, (Identity.tenant_id == User.tenant_id) & (Identity.user_id == User.user_id))
            .where(
                Identity.connection_id == connection.id,
                Identity.position == 0,
                by_code_point(User.phone_number).in_(numbers),
                User.phone_number.is_not(None),
            )
        )
        mine_linked = Identity.connection_id == connection.id, Identity.linked_number.in_(numbers)
        linked = work.rows.execute(select(Identity.linked_number, Identity.identity_user_id).where(*mine_linked))
        found.by_number = {number: account for number, account in (*linked, *rows) if number is not None}
    return found


def _outcome(known: _Known, person: Person, *, upsert: bool) -> tuple[Outcome, str | None]:
    """What is to become of somebody, and the account that is to change."""
    by_id = known.by_id.get(person.account_id) if person.account_id else None
    by_email = known.by_email.get(email_key(person.email)) if person.email else None
    by_username = known.by_username.get(username_key(person.username)) if person.username else None
    by_number = known.by_number.get(person.number) if person.number else None
    account = by_id or by_email or by_username or by_number
    if account is None:
        return Outcome.INSERTED, None
    named = (
        (account if not person.account_id else person.account_id, Outcome.CONFLICT),
        (by_email, Outcome.CONFLICT_EMAIL),
        (by_username, Outcome.CONFLICT_USERNAME),
        (by_number, Outcome.CONFLICT),
    )
    if not upsert:
        hit = next((why for found, why in named[1:] if found is not None), Outcome.CONFLICT)
        return Outcome.CONFLICT if by_id else hit, None
    others = next((why for found, why in named if found not in {None, account}), None)
    return (Outcome.UPDATED, account) if others is None else (others, None)


def _insert(work: Work, connection: ConnectionConfig, people: Sequence[Person]) -> None:
    if not people:
        return
    made = [(person, person.account_id or ids.hex24()) for person in people]
    accounts, users, identities, factors = [], [], [], []
    shares = connection.accounts is not None and not connection.accounts.unique_email
    for person, account_id in made:
        user_id = f"{connection.provider}|{account_id}"
        new = NewUser(connection=connection, attributes=person.attributes, account_id=account_id)
        account = NewAccount(email=person.email, username=person.username, account_id=account_id, shares_email=shares)
        accounts.append(account_row(work.tenant_id, connection.id, account_id, account, person.password_hash))
        row = user_row(work, new, user_id)
        users.append(row if not person.factors else {**row, "factors": imported_factors.IMPORTED})
        identities.append(identity_row(work, new, user_id, account_id))
        factors += _factor_rows(work, user_id, person.factors)
    work.hot.pour(INSERT_ACCOUNT, accounts)
    work.hot.pour(INSERT_USER, users)
    work.hot.pour(INSERT_IDENTITY, identities)
    work.hot.pour(_INSERT_FACTOR, factors)
    for person, account_id in made:
        user_id = f"{connection.provider}|{account_id}"
        made_known(work, connection, user_id, person.email)


def _factor_rows(work: Work, user_id: str, factors: Iterable[Factor]) -> list[dict[str, Any]]:
    return [imported_factors.row(work, user_id, number, factor) for number, factor in enumerate(factors)]


def _change(work: Work, connection: ConnectionConfig, people: Mapping[str, Person]) -> None:
    """Users first, by their ids, then what belongs to them (docs/decisions/0099)."""
    if not people:
        return
    shares = connection.accounts is not None and not connection.accounts.unique_email
    of = Identity.connection_id == connection.id
    owners = select(Identity.user_id).where(of, Identity.identity_user_id.in_(list(people)))
    users = {
        row.user_id: row
        for row in work.rows.lock_all(select(User).where(User.user_id.in_(owners)).order_by(User.user_id))
    }
    mine = select(Identity).where(of, Identity.identity_user_id.in_(list(people))).order_by(Identity.identity_user_id)
    held = select(DatabaseAccount).where(
        DatabaseAccount.connection_id == connection.id, DatabaseAccount.account_id.in_(list(people))
    )
    identities = {row.identity_user_id: row for row in work.rows.lock_all(mine)}
    accounts = {row.account_id: row for row in work.rows.lock_all(held.order_by(DatabaseAccount.account_id))}
    for account_id, person in people.items():
        identity = identities.get(account_id)
        user = users.get(identity.user_id) if identity is not None else None
        if identity is None or user is None:
            continue
        _change_account(accounts.get(account_id), person, shares=shares)
        _change_profile(work, user, identity, person)
        if person.factors:
            imported_factors.forget(work, [user.user_id])
            user.factors = " ".join(dict.fromkeys([*(user.factors or "").split(), imported_factors.IMPORTED]))
            work.rows.flush()
            work.hot.pour(_INSERT_FACTOR, _factor_rows(work, user.user_id, person.factors))
    work.rows.flush()


def _change_account(account: DatabaseAccount | None, person: Person, *, shares: bool) -> None:
    """A password is set where there is none, and replaced only where it was imported and nobody has signed in with it
    (security.md Z3).
    """
    if account is None:
        return
    if person.email:
        account.email, account.email_key = person.email, None if shares else email_key(person.email)
    if person.password_hash is None:
        return
    known = account.password_hash
    if known is None or (is_imported(known) and is_imported(person.password_hash)):
        account.password_hash, account.password_set_at = person.password_hash, clock.now_ms()


def _change_profile(work: Work, user: User, identity: Identity, person: Person) -> None:
    """Metadata is replaced, not merged; another address is proven only where the file says so."""
    said = {name: value for name, value in person.attributes.items() if name in UPSERTED}
    before = (identity.profile_data or {}).get("email") if identity.position else user.email
    moved = person.email is not None and person.email != before
    if moved:
        said |= {"email": person.email, "email_verified": bool(person.attributes.get("email_verified"))}
    if identity.position:
        identity.profile_data = {**(identity.profile_data or {}), **said}
    else:
        for name, value in said.items():
            setattr(user, name, value)
        user.email_key = email_key(user.email) if user.email else None
    user.updated_at = clock.now_ms()
    work.emit(UserUpdated(user.user_id, sorted(said)))
    if moved:
        known_otherwise(work, user.user_id, ("email",))
