"""What is copied, in its order: APIs, applications, connections, what applications may ask of APIs, roles, people, and
who has which role.

Everything is there or not by its name or id, so that whoever runs it again goes on: what is here already stays as it
is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import select

from idp.applications.clients import client_grants
from idp.applications.clients import service as clients
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.clients.schemas import ClientCreate
from idp.applications.resource_servers import service as apis
from idp.applications.resource_servers.models import ResourceServer
from idp.applications.resource_servers.schemas import ResourceServerCreate
from idp.directory.connections import service as stored_connections
from idp.directory.connections.schemas import ConnectionCreate
from idp.foundation.kernel.errors import GatehouseError
from idp.foundation.tenancy.work import Platform, Work
from idp.operations.migration import roles
from idp.operations.migration.people import copy_people
from idp.operations.migration.report import BEGINNING, Report
from idp.operations.migration.source import Source, listed, users


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One run. ``after``: people who were made before are left out. ``told`` hears of every step."""

    platform: Platform
    tenant: str
    source: Source
    dry_run: bool = False
    after: str = BEGINNING
    told: Callable[[Report], None] = lambda _report: None


def run(copy: Copy) -> Report:
    """Copy everything. Raises SourceError where the other tenant does not answer; what came before is copied."""
    report = Report(reached=copy.after)
    _each(copy, report, "APIs", listed(copy.source, "/resource-servers"), _api)
    _each(copy, report, "applications", listed(copy.source, "/clients"), _client)
    _each(copy, report, "connections", listed(copy.source, "/connections"), _connection)
    _each(copy, report, "grants", listed(copy.source, "/client-grants"), _grant)
    _each(copy, report, "roles", roles.with_permissions(copy.source), roles.role)
    seen: set[str] = set()
    for some in users(copy.source, copy.after):
        fresh = [each for each in some if str(each.get("user_id")) not in seen]
        seen = {str(each.get("user_id")) for each in some}
        copy_people(copy, report, fresh)
        report.reached = str(some[-1].get("created_at", report.reached))
        copy.told(report)
    roles.copy_members(copy, copy.source, report)
    return report


Maker = Callable[[Work, Mapping[str, Any]], bool]
"""Copies one; False where it is here already."""


class _NotCopied(Exception):
    """It belongs to the other tenant alone."""


def _each(copy: Copy, report: Report, kind: str, rows: Iterable[Mapping[str, Any]], make: Maker) -> None:
    for row in rows:
        name = row.get("name") or row.get("identifier") or row.get("id")
        try:
            with copy.platform.work(copy.tenant, orm=True) as work:
                fresh = _undone(work, make, row) if copy.dry_run else _made(work, make, row)
        except _NotCopied:
            continue
        except GatehouseError as error:
            report.refuse(kind, name, error.message)
        except msgspec.ValidationError as error:
            report.refuse(kind, name, str(error))
        else:
            report.counts[kind].copied += fresh
            report.counts[kind].there += not fresh
        copy.told(report)


def _made(work: Work, make: Maker, row: Mapping[str, Any]) -> bool:
    with work.transaction(lazily=True):
        return make(work, row)


class _Undo(Exception):
    """Nothing of a dry run is kept."""


def _undone(work: Work, make: Maker, row: Mapping[str, Any]) -> bool:
    fresh: list[bool] = []
    try:
        with work.transaction(lazily=True):
            fresh.append(make(work, row))
            _undo()
    except _Undo:
        pass
    return fresh[0]


def _undo() -> None:
    raise _Undo


def _members(row: Mapping[str, Any], declared: type[msgspec.Struct]) -> dict[str, Any]:
    """What of ``row`` the type of a body takes, as plain data."""
    known = set(declared.__struct_encode_fields__)
    given = {name: value for name, value in row.items() if name in known and value is not None}
    plain: dict[str, Any] = msgspec.to_builtins(msgspec.convert(given, declared))
    return plain


def _api(work: Work, row: Mapping[str, Any]) -> bool:
    identifier = str(row.get("identifier"))
    if row.get("is_system"):
        raise _NotCopied
    if work.rows.scalars(select(ResourceServer.id).where(ResourceServer.identifier == identifier)).first():
        return False
    apis.create(work, _members(row, ResourceServerCreate))
    return True


def _client(work: Work, row: Mapping[str, Any]) -> bool:
    client_id = str(row.get("client_id"))
    if row.get("global") or row.get("is_system"):
        raise _NotCopied
    if work.rows.get(Client, (work.tenant_id, client_id)) is not None:
        return False
    members = _members(row, ClientCreate)
    if row.get("client_secret"):
        members["client_secret"] = row["client_secret"]
    clients.create(work, members, client_id=client_id)
    return True


def _connection(work: Work, row: Mapping[str, Any]) -> bool:
    if stored_connections.by_name(work, str(row.get("name"))) is not None:
        return False
    members = _members(row, ConnectionCreate)
    wanted = members.get("enabled_clients") or []
    known = set(work.rows.scalars(select(Client.client_id).where(Client.client_id.in_(wanted))))
    stored_connections.create(work, {**members, "enabled_clients": [each for each in wanted if each in known]})
    return True


def _grant(work: Work, row: Mapping[str, Any]) -> bool:
    client_id, audience = str(row.get("client_id")), str(row.get("audience"))
    if work.rows.scalars(select(ResourceServer.id).where(ResourceServer.identifier == audience)).first() is None:
        raise _NotCopied  # of the other tenant's own Management API
    mine = select(ClientGrant.id).where(ClientGrant.client_id == client_id, ClientGrant.audience == audience)
    if work.rows.scalars(mine).first() is not None:
        return False
    client_grants.create(work, client_id, audience, list(row.get("scope") or []))
    return True
