"""Fills an installation with a crowd: users, sessions, tokens and log entries, as the product would write them."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import click
import msgspec
from sqlalchemy import Engine, Table, delete, func, select, text

from connectors.contract import NewAccount
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import credentials
from idp.directory.users.models import DatabaseAccount, Identity, User, UserActivity
from idp.directory.users.service import NewUser
from idp.directory.users.service.creation import identity_row, user_row
from idp.foundation.kernel import clock, ids
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.audit.models import LogEntry, LogStretch
from idp.tenant.audit.stretches import describe
from tests.scale import samples, store, two
from tests.scale.people import (
    CORPORATE,
    MAIN,
    PREFIX,
    SOCIAL,
    STAFF,
    YEARS_MS,
    Person,
    account_id,
    email,
    ip,
    linked,
    names,
    person,
    source,
)
from tests.scale.samples import Samples
from tests.scale.two import Part
from tests.world.world import PASSWORD, World, hashed

SIGNED_IN_MS = 20 * 3_600_000
"""Sessions began within these last hours: nothing of them is over yet."""
LOGGED_MS = 29 * 86_400_000
"""Log entries were written within these last days: no retention takes them yet."""
DATABASES = (MAIN, STAFF)
APART = 50_000
"""From so many users on a second process is worth its start."""
Row = Sequence[Any]
USER, IDENTITY, ACCOUNT = (
    tuple(column.key for column in model.__table__.columns) for model in (User, Identity, DatabaseAccount)
)
"""The columns of these tables."""


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How many of each kind to add. ``tokens`` are families of tokens: those beyond the sign-ins' own come of silent
    ones in the same sessions.
    """

    users: int = 0
    sessions: int = 0
    tokens: int = 0
    logs: int = 0


@dataclass
class Crowd:
    """What rows are made of: the work of one tenant, its connections, the patterns, and whom there are already."""

    work: Work
    samples: Samples
    sources: dict[str, ConnectionConfig]
    password_hash: str
    now: int
    there: int = 0
    """Generated people who are there already."""
    people: int = 0
    """All of them in the end."""
    providers: dict[str, str] = field(init=False)
    newcomers: dict[str, NewUser] = field(init=False)

    def __post_init__(self) -> None:
        self.newcomers = {name: NewUser(connection=each, attributes={}) for name, each in self.sources.items()}
        self.providers = {name: each.provider for name, each in self.sources.items()}

    # ---- users
    def user(self, who: Person) -> Row:
        """A row of ``users``: as made by the product, some time ago, with the sign-ins since."""
        new = NewUser(connection=self.sources[who.source], attributes=who.attributes(), made_with=who.agent)
        row = user_row(self.work, new, self.user_id(who.number))
        came = self.now - int((1 - who.came) * YEARS_MS)
        last = came + int((self.now - came) * (who.number % 97) / 97) if who.logins else None
        row |= {"created_at": came, "updated_at": last or came, "last_login": last}
        row |= {"logins_count": who.logins, "last_ip": who.ip if who.logins else None}
        return [row[name] for name in USER]

    def identities(self, number: int) -> Iterator[Row]:
        """The identity somebody came with, and the one that is linked to it."""
        new, user_id = self.newcomers[source(number)], self.user_id(number)
        row = identity_row(self.work, new, user_id, account_id(number))
        yield [row[name] for name in IDENTITY]
        if linked(number):
            row = identity_row(self.work, self.newcomers[SOCIAL], user_id, f"1{number:020d}")
            data = {"email": email(number), "name": " ".join(names(number))}
            row |= {"position": 1, "profile_data": msgspec.json.encode(data).decode()}
            yield [row[name] for name in IDENTITY]

    def account(self, number: int) -> Row:
        """The stored account of somebody from a database connection; everybody has the same password."""
        account = NewAccount(email=email(number), username=None, account_id=account_id(number))
        connection_id = self.sources[source(number)].id
        row = credentials.account_row(
            self.work.tenant_id, connection_id, account_id(number), account, self.password_hash
        )
        return [row.get(name) for name in ACCOUNT]

    def user_id(self, number: int) -> str:
        """The id of a person's user."""
        return f"{self.providers[source(number)]}|{account_id(number)}"

    # ---- what they did
    def values(self, number: int, **more: str) -> dict[str, str]:
        """What stands for somebody in the patterns."""
        clients, address = self.samples.clients, email(number)
        return {
            "user_id": self.user_id(number),
            "account_id": account_id(number),
            "email": address,
            "local": address.partition("@")[0],
            "ip": ip(number),
            "client_id": clients[number % len(clients)],
            **more,
        }

    def sign_ins(self, amount: int) -> list[tuple[dict[str, str], int]]:
        """For each sign-in what stands in its rows, and by how much it is later than the sample."""
        return [
            (
                self.values(n * 3 % self.people, session_id=ids.sid(), family_id=_family()),
                -(n * SIGNED_IN_MS // max(amount, 1)),
            )
            for n in range(amount)
        ]

    def entries(self, amount: int) -> Iterator[Row]:
        """Log entries, oldest first, the types of :data:`tests.scale.samples.WEIGHTS` in turn."""
        turns = [kind for kind, weight in samples.WEIGHTS.items() for _ in range(weight)]
        columns = [column.name for column in LogEntry.__table__.columns]
        at_id, at_date = columns.index("log_id"), columns.index("date")
        begin, step = self.now - LOGGED_MS, LOGGED_MS * log.PER_MS // max(amount, 1)
        # whoever fills twice gets other ids: the moment of filling sets them apart
        position = begin * log.PER_MS + self.now % 1_000
        for n in range(amount):
            pattern = self.samples.logs[turns[n * 37 % len(turns)]]
            row = pattern.row(self.values(n * 17 % self.people), 0)
            row[at_id], row[at_date] = log.log_id(position), position // log.PER_MS
            position += step
            yield row


def _family() -> str:
    return f"rlp_{ids.alphanumeric(19)}"


def fill(world: World, amounts: Amounts, say: Callable[[str], None] = lambda _text: None) -> dict[str, int]:
    """Add a crowd to the tenant; answers how many rows of which table. All or nothing."""
    crowd_samples = samples.take(world)
    others = samples.connection_ids(world)
    with world.context() as work:
        sources = {MAIN: connections.find(work, world.connection_id)}
        sources |= {name: connections.find(work, others[name]) for name in (STAFF, SOCIAL, CORPORATE)}
        crowd = Crowd(work, crowd_samples, sources, hashed(PASSWORD), clock.now_ms())
        crowd.there = _there(world, [each.id for each in sources.values()])
        crowd.people = crowd.there + amounts.users
        if crowd.people == 0:
            raise click.ClickException("There is nobody yet who could sign in: fill with --users first.")
        written = _write(world, crowd, amounts, say)
    _look_again(world, written)
    return written


def _there(world: World, connection_ids: Iterable[str]) -> int:
    """How many generated people there are: they are numbered, and their ids sort as their numbers do."""
    table = Identity.__table__
    numbers = [0]
    with world.platform.db.engine.connect() as connection:
        for each in connection_ids:
            newest = select(func.max(table.c.identity_user_id)).where(
                table.c.tenant_id == world.tenant,
                table.c.connection_id == each,
                table.c.identity_user_id >= PREFIX,
                table.c.identity_user_id < f"{PREFIX}g",
            )
            found = connection.execute(newest).scalar()
            numbers.append(int(str(found).removeprefix(PREFIX), 16) + 1 if found else 0)
    return max(numbers)


def _write(world: World, crowd: Crowd, amounts: Amounts, say: Callable[[str], None]) -> dict[str, int]:
    """All rows, in one transaction; where very many go to Postgres the profiles are written by a process of their own
    in a second one (:mod:`tests.scale.two`).
    """
    numbers = range(crowd.there, crowd.people)

    def profiles(writer: _Writer) -> None:
        writer.write(User.__table__, len(numbers), (crowd.user(person(n)) for n in numbers), UserActivity.__table__)

    def others(writer: _Writer) -> None:
        if amounts.users:
            identities = (row for n in numbers for row in crowd.identities(n))
            writer.write(Identity.__table__, len(numbers) * 51 // 50, identities)
            accounts = (crowd.account(n) for n in numbers if source(n) in DATABASES)
            writer.write(DatabaseAccount.__table__, len(numbers) * 21 // 25, accounts)
        if amounts.sessions or amounts.tokens:
            _write_sign_ins(writer, crowd, amounts)
        if amounts.logs:
            writer.write(LogEntry.__table__, amounts.logs, crowd.entries(amounts.logs))

    def part(*rows_of: Callable[[_Writer], None], quiet: bool = False) -> Part:
        def write(rows: store.Store) -> dict[str, int]:
            writer = _Writer(rows, say, quiet=quiet)
            for each in rows_of:
                each(writer)
            writer.build_indexes()
            return writer.written

        return write

    engine = world.platform.db.engine
    if amounts.users < APART or world.platform.db.sqlite:
        with store.opened(engine) as rows:
            return part(profiles, others)(rows)
    return two.written(engine, part(profiles), part(others, quiet=True))


def _write_sign_ins(writer: _Writer, crowd: Crowd, amounts: Amounts) -> None:
    """The rows of sign-ins, table by table; then further families of these sessions until there are as many as were
    asked for.
    """
    sign_ins = crowd.sign_ins(amounts.sessions)
    for table in samples.PER_SIGN_IN:
        patterns = [each for each in crowd.samples.sign_in if each.table is table]
        rows = (pattern.row(values, later) for values, later in sign_ins for pattern in patterns)
        writer.write(table, len(patterns) * len(sign_ins), rows)
    missing = max(0, amounts.tokens - amounts.sessions)
    if missing and not sign_ins:
        raise click.ClickException("Tokens need sessions that they come of: fill with --sessions too.")
    again = [
        ({**sign_ins[n % len(sign_ins)][0], "family_id": _family()}, sign_ins[n % len(sign_ins)][1])
        for n in range(missing)
    ]
    for table in samples.FAMILY:
        patterns = [each for each in crowd.samples.silent if each.table is table]
        rows = (pattern.row(values, later) for values, later in again for pattern in patterns)
        writer.write(table, len(patterns) * len(again), rows)


class _Writer:
    """Writes tables with a progress bar for each."""

    def __init__(self, rows: store.Store, say: Callable[[str], None], *, quiet: bool) -> None:
        self._rows = rows
        self.written: dict[str, int] = {}
        self._say = say
        self._quiet = quiet

    def write(self, table: Table, amount: int, rows: Iterable[Row], *kept: Table) -> None:
        """Add the rows, of which there are about ``amount``; triggers write as many into the tables that are ``kept``
        with it.
        """
        if amount == 0:
            return
        if amount >= store.MANY and table.name not in self.written:
            for each in (table, *kept):
                self._rows.drop_indexes(each)
        with self._bar(amount, table.name) as bar:

            def told(count: int) -> None:
                self.written[table.name] = self.written.get(table.name, 0) + count
                bar.update(count)

            self._rows.write(table, rows, told)

    def build_indexes(self) -> None:
        """Those that were dropped."""
        dropped = self._rows.indexes()
        if not dropped:
            return
        with self._bar(len(dropped), "indexes") as bar:
            for name, statement in dropped:
                begun = time.monotonic()
                self._rows.build_index(statement)
                self._say(f"{name} {time.monotonic() - begun:.1f} s")
                bar.update(1)

    def _bar(self, length: int, label: str) -> AbstractContextManager[Any]:
        return click.progressbar(length=length, label=f"{label:<18}", file=sys.stderr, hidden=self._quiet)


def _look_again(world: World, written: dict[str, int]) -> None:
    """What a database that has been in use for long knows of its tables, and its worker of the log."""
    first = sorted(written, key=LogEntry.__tablename__.__ne__)
    _look_at(world.platform.db.engine, first[:1])  # whoever describes the log goes by its statistics
    with ThreadPoolExecutor(1) as beside:  # the server's work, not ours
        looked_at = beside.submit(_look_at, world.platform.db.engine, first[1:])
        if LogEntry.__tablename__ in written:
            with world.platform.db.unit(world.tenant) as rows:  # these entries lie between those that were described
                rows.execute(delete(LogStretch).where(LogStretch.tenant_id == world.tenant))
            written[LogStretch.__tablename__] = describe(world.platform, world.tenant, threading.Event(), pause_s=0)
        looked_at.result()
    _look_at(world.platform.db.engine, {LogStretch.__tablename__} & written.keys())
    if world.platform.db.sqlite:  # a connection reads the statistics of the planner when it is opened
        world.platform.db.dispose()


def _look_at(engine: Engine, tables: Iterable[str]) -> None:
    verb = "ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM (ANALYZE)"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.execute(text(f'{verb} "{table}"'))
