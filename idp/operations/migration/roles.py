"""The roles of a tenant that is copied, what they may do, and who has them. Roles are known by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from idp.applications.resource_servers.models import ResourceServer
from idp.directory.roles import service
from idp.directory.roles.models import Role, UserRole
from idp.directory.roles.service import Named
from idp.directory.users.models import User
from idp.foundation.kernel.errors import GatehouseError
from idp.foundation.tenancy.work import Work
from idp.operations.migration.people import Run
from idp.operations.migration.report import Report
from idp.operations.migration.source import PAGE, Source, listed

KIND = "members of roles"


def with_permissions(source: Source) -> Iterator[dict[str, Any]]:
    """Every role, and what it may do: read before anything is written."""
    for row in list(listed(source, "/roles")):
        yield {**row, "permissions": list(listed(source, f"/roles/{row.get('id')}/permissions"))}


def role(work: Work, row: Mapping[str, Any]) -> bool:
    """Copy one with its permissions, in the caller's transaction; False where one of that name is here."""
    name = str(row.get("name"))
    if by_name(work, name) is not None:
        return False
    made = service.create(work, name, row.get("description") or None)
    wanted = [
        Named(str(each.get("resource_server_identifier")), str(each.get("permission_name")))
        for each in row["permissions"]
    ]
    apis = {each.resource_server_identifier for each in wanted}
    here = {
        found.identifier: {scope.get("value") for scope in found.data.get("scopes") or []}
        for found in work.rows.scalars(select(ResourceServer).where(ResourceServer.identifier.in_(apis)))
    }
    may = [each for each in wanted if each.permission_name in here.get(each.resource_server_identifier, ())]
    if may:
        service.add_to_role(work, made.id, may)
    return True


def by_name(work: Work, name: str) -> Role | None:
    """The role of that name."""
    return work.rows.scalars(select(Role).where(Role.name == name)).first()


def copy_members(run: Run, source: Source, report: Report) -> None:
    """Give everybody who is here the roles that they have there."""
    for row in listed(source, "/roles"):
        name = str(row.get("name"))
        for some in _members(source, str(row.get("id"))):
            with run.platform.work(run.tenant, orm=True) as work:
                _assign(run, work, report, name, some)


def _assign(run: Run, work: Work, report: Report, name: str, user_ids: Sequence[str]) -> None:
    found = by_name(work, name)
    if found is None:  # a dry run made none
        report.counts[KIND].copied += len(user_ids)
        return
    here = set(work.rows.scalars(select(User.user_id).where(User.user_id.in_(user_ids))))
    had = set(
        work.rows.scalars(select(UserRole.user_id).where(UserRole.role_id == found.id, UserRole.user_id.in_(user_ids)))
    )
    new = sorted(here - had)
    for user_id in sorted(set(user_ids) - here):
        report.refuse(KIND, f"{user_id} of {name}", "is not here")
    try:
        if new and not run.dry_run:
            with work.transaction():
                service.assign_users(work, found.id, new)
    except GatehouseError as error:
        report.refuse(KIND, name, error.message)
        return
    report.counts[KIND].copied += len(new)
    report.counts[KIND].there += len(had)


def _members(source: Source, role_id: str) -> Iterator[list[str]]:
    """Who has it, page by page: by checkpoint, since pages end at a thousand."""
    after: dict[str, str] = {}
    while True:
        found = source.get(f"/roles/{role_id}/users", take=str(PAGE), **after)
        rows = found.get("users") if isinstance(found, Mapping) else found
        ids = [str(each.get("user_id")) for each in rows or [] if isinstance(each, Mapping)]
        if ids:
            yield ids
        following = found.get("next") if isinstance(found, Mapping) else None
        if not isinstance(following, str) or not following:
            return
        after = {"from": following}
