"""The people of a tenant that is copied: those whose accounts a database here keeps, those who come from another
source, and the accounts that are linked to either.

Each keeps the id, so that applications know them again. Nothing here proves anything anew: who is one person there is
one here (docs/decisions/0251).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from connectors.contract import AlreadyExists
from connectors.contract import Identity as Arrived
from idp.directory.bulk import importing
from idp.directory.bulk.converters.auth0 import made
from idp.directory.bulk.importing import Row, SeenHere
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import metadata
from idp.directory.users import service as users
from idp.directory.users.attributes import METADATA
from idp.directory.users.models import Identity
from idp.foundation.kernel.errors import GatehouseError
from idp.foundation.tenancy.work import Platform, Work
from idp.operations.migration.report import Report

_CONFLICTS = frozenset({"CONFLICT", "CONFLICT_EMAIL", "CONFLICT_USERNAME"})


class Run(Protocol):
    """The run that people are copied in."""

    @property
    def platform(self) -> Platform:
        """Where to."""

    @property
    def tenant(self) -> str:
        """Into which tenant."""

    @property
    def dry_run(self) -> bool:
        """Nothing is written."""


@dataclass(frozen=True)
class _Account:
    """One account of somebody: where it is, its id there, and what is known of the person by it."""

    user_id: str
    connection: str
    account_id: str
    document: Mapping[str, Any]


def copy_people(run: Run, report: Report, some: Iterable[Mapping[str, Any]]) -> None:
    """Everybody in ``some``, as the Management API shows them, with whatever is linked to them."""
    known = list(some)
    _copy(run, report, "users", [found for user in known for found in _main(report, user)])
    linked = [found for user in known for found in _linked(user)]
    if linked:
        _copy_linked(run, report, linked)


def _main(report: Report, user: Mapping[str, Any]) -> Iterator[_Account]:
    for identity in _identities(user)[:1]:
        yield _Account(str(user.get("user_id")), str(identity.get("connection")), _account_id(identity), user)
        return
    report.refuse("users", user.get("user_id"), "has no account")


def _linked(user: Mapping[str, Any]) -> Iterator[_Account]:
    """What is linked, as a user of its own before it is joined; ``user_id`` is whose it is."""
    for identity in _identities(user)[1:]:
        said = identity.get("profileData")
        profile = said if isinstance(said, Mapping) else {}
        account_id = _account_id(identity)
        own = {**profile, "user_id": f"{identity.get('provider')}|{account_id}", "identities": [identity]}
        yield _Account(str(user.get("user_id")), str(identity.get("connection")), account_id, own)


def _identities(user: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = user.get("identities")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _account_id(identity: Mapping[str, Any]) -> str:
    return str(identity.get("user_id")).removeprefix(f"{identity.get('provider')}|")


def _copy(run: Run, report: Report, kind: str, accounts: Iterable[_Account]) -> None:
    by_connection: dict[str, list[_Account]] = {}
    for account in accounts:
        by_connection.setdefault(account.connection, []).append(account)
    for name, theirs in by_connection.items():
        with run.platform.work(run.tenant, orm=True) as work:
            connection = connections.named(work, name)
            if connection is None:
                for account in theirs:
                    report.refuse(kind, account.document.get("user_id"), f"there is no connection {name} here")
            elif connection.is_database and connection.keeps_accounts:
                _import(run, work, report, kind, connection, theirs)
            elif connection.is_database:
                for account in theirs:
                    report.refuse(kind, account.document.get("user_id"), f"{name} keeps no accounts here")
            else:
                _expect(run, work, report, kind, connection, theirs)


def _import(
    run: Run, work: Work, report: Report, kind: str, connection: ConnectionConfig, theirs: Iterable[_Account]
) -> None:
    """Those whose accounts a database here keeps, in one batch."""
    rows = [Row(number, made(account.document).row) for number, account in enumerate(theirs)]
    batch = importing.looked_at(connection, rows, SeenHere())
    if run.dry_run:
        report.counts[kind].copied += len(batch.people)
        refused = list(batch.refused)
    else:
        result = importing.write(work, connection, batch, upsert=False)
        report.counts[kind].copied += result.inserted
        refused = result.refused
    for each in refused:
        if {fault.code.value for fault in each.faults} <= _CONFLICTS:
            report.counts[kind].there += 1
        else:
            report.refuse(kind, each.row.document.get("user_id"), each.faults[0].message)


def _expect(
    run: Run, work: Work, report: Report, kind: str, connection: ConnectionConfig, theirs: Iterable[_Account]
) -> None:
    """Those who come from a source that keeps its own accounts."""
    for account in theirs:
        document, wanted = account.document, str(account.document.get("user_id"))
        if wanted != f"{connection.provider}|{account.account_id}":
            report.refuse(kind, wanted, f"would be {connection.provider}|{account.account_id} here")
            continue
        extra = {name: document[name] for name in (*METADATA, "blocked") if document.get(name)}
        try:
            metadata.check(extra)
            with work.transaction():
                fresh = _identity(work, connection.id, account.account_id) is None
                if fresh and not run.dry_run:
                    users.expect(work, connection, Arrived(account.account_id, dict(document)), extra)
        except AlreadyExists:
            report.refuse(kind, wanted, "belongs to another connection here")
        except GatehouseError as error:
            report.refuse(kind, wanted, error.message)
        else:
            report.counts[kind].copied += fresh
            report.counts[kind].there += not fresh


def _copy_linked(run: Run, report: Report, accounts: list[_Account]) -> None:
    """Each is made as a user of its own, then joined to whom it belongs; what was joined before is there."""
    kind, unjoined = "linked accounts", []
    with run.platform.work(run.tenant, orm=True) as work:
        for account in accounts:
            connection = connections.named(work, account.connection)
            found = None if connection is None else _identity(work, connection.id, account.account_id)
            if found is not None and found.user_id == account.user_id:
                report.counts[kind].there += 1
            else:
                unjoined.append(account)
    made_now = Report()
    _copy(run, made_now, kind, unjoined)
    report.reasons += made_now.reasons
    report.counts[kind].refused += made_now.counts[kind].refused
    if run.dry_run:
        report.counts[kind].copied += made_now.counts[kind].copied + made_now.counts[kind].there
        return
    with run.platform.work(run.tenant, orm=True) as work:
        for account in unjoined:
            _join(work, report, kind, account)


def _join(work: Work, report: Report, kind: str, account: _Account) -> None:
    connection = connections.named(work, account.connection)
    found = None if connection is None else _identity(work, connection.id, account.account_id)
    if found is None:  # it was said why
        return
    own = f"{found.provider}|{found.identity_user_id}"
    if found.user_id != own:
        report.refuse(kind, own, "is linked to somebody else here")
        return
    try:
        with work.transaction():
            users.join(work, account.user_id, own, known=True)
    except GatehouseError as error:
        report.refuse(kind, own, error.message)
    else:
        report.counts[kind].copied += 1


def _identity(work: Work, connection_id: str, account_id: str) -> Identity | None:
    return work.rows.get(Identity, (work.tenant_id, connection_id, account_id))
