"""Users, the policy, applications, connections and the configuration of the extension."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from sqlalchemy import select

from idp.applications.clients.models import Client
from idp.directory.authorization import runtime, service
from idp.directory.authorization.service import GROUP, PERMISSION, ROLE
from idp.directory.connections.models import Connection
from idp.directory.users import service as users
from idp.directory.users.models import User
from idp.foundation.apikit import Api, changes
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work
from idp.management.authorization import render
from idp.management.authorization.api import groups_by_id, roles_by_id
from idp.management.authorization.schemas import (
    ApplicationView,
    ConfigurationBody,
    ConfigurationView,
    ConnectionView,
    ExportView,
    GroupView,
    Ids,
    ImportBody,
    MembersView,
    Paged,
    PolicyBody,
    PolicyView,
    RoleView,
    StatusView,
    UserView,
)

api = Api("authorization extension")
NOTHING = HTTPStatus.NO_CONTENT


@api.get("/users", scopes={"read:users"}, summary="Get users")
def list_users(work: Work, query: Paged) -> MembersView:
    """A page of the tenant's users; ``total`` is the number on it."""
    statement = select(User).order_by(User.created_at, User.user_id)
    rows = work.rows.scalars(statement.offset(query.page * query.per_page).limit(query.per_page)).all()
    return MembersView(users=list(map(render.user, rows)), total=len(rows))


@api.get("/users/{id}", scopes={"read:users"}, summary="Get a user")
def get_user(work: Work, id: UserId) -> UserView:
    """One user."""
    return render.user(users.get(work, id))


@api.get("/users/{id}/groups", scopes={"read:groups"}, summary="Get the groups of a user")
def list_groups(work: Work, id: UserId) -> list[GroupView]:
    """The groups that somebody was put into."""
    return groups_by_id(work, service.memberships(work, users.get(work, id).user_id))


@api.patch("/users/{id}/groups", scopes={"update:groups"}, status=NOTHING, summary="Add a user to groups")
def add_groups(work: Work, id: UserId, body: Ids) -> None:
    """Put somebody into groups."""
    service.join(work, GROUP, body, [id])


@api.get("/users/{id}/groups/calculate", scopes={"read:groups"}, summary="Calculate the groups of a user")
def calculate_groups(work: Work, id: UserId) -> list[GroupView]:
    """The same with every group that holds one of them."""
    extension, mine = runtime.installed(work), service.memberships(work, users.get(work, id).user_id)
    return groups_by_id(work, runtime.with_parents(extension, mine & extension.groups.keys()))


@api.get("/users/{id}/roles", scopes={"read:roles"}, summary="Get the roles of a user")
def list_roles(work: Work, id: UserId) -> list[RoleView]:
    """The roles that somebody was given."""
    return roles_by_id(work, service.memberships(work, users.get(work, id).user_id))


@api.patch("/users/{id}/roles", scopes={"update:roles"}, status=NOTHING, summary="Add a user to roles")
def add_roles(work: Work, id: UserId, body: Ids) -> None:
    """Give somebody roles."""
    service.join(work, ROLE, body, [id])


@api.delete("/users/{id}/roles", scopes={"update:roles"}, summary="Remove a user from roles")
def remove_roles(work: Work, id: UserId, body: Ids) -> None:
    """Take roles from somebody."""
    service.leave(work, ROLE, body, [users.get(work, id).user_id])


@api.get("/users/{id}/roles/calculate", scopes={"read:roles"}, summary="Calculate the roles of a user")
def calculate_roles(work: Work, id: UserId) -> list[RoleView]:
    """The same with those of their groups and of the groups that hold these."""
    extension, mine = runtime.installed(work), service.memberships(work, users.get(work, id).user_id)
    groups = runtime.with_parents(extension, mine & extension.groups.keys())
    return roles_by_id(work, mine | runtime.roles_of(extension, groups))


@api.post(
    "/users/{user_id}/policy/{client_id}",
    scopes={"read:users"},
    status=HTTPStatus.OK,
    summary="Execute the authorization policy",
)
def execute_policy(work: Work, user_id: UserId, client_id: str, body: PolicyBody) -> PolicyView:
    """What somebody has at an application, coming from a connection whose source named ``groups``."""
    at_source = body.groups if isinstance(body.groups, list) else []
    found = runtime.policy(
        work, runtime.installed(work), users.get(work, user_id).user_id, client_id, body.connectionName, at_source
    )
    return PolicyView(groups=found.groups, roles=found.roles, permissions=found.permissions)


@api.get("/applications", scopes={"read:applications"}, summary="Get applications")
def list_applications(work: Work) -> list[ApplicationView]:
    """The tenant's applications."""
    statement = select(Client).where(Client.is_global.is_(False)).order_by(Client.created_at, Client.client_id)
    rows = work.rows.scalars(statement.limit(1000))
    return [ApplicationView(client_id=row.client_id, name=row.name) for row in rows]


@api.get("/applications/{client_id}", scopes={"read:applications"}, summary="Get an application")
def get_application(work: Work, client_id: str) -> ApplicationView:
    """One application."""
    row = work.rows.get(Client, (work.tenant_id, client_id))
    if row is None or row.is_global:
        raise NotFound("The client does not exist.", "inexistent_client")
    return ApplicationView(client_id=row.client_id, name=row.name)


@api.get("/connections", scopes={"read:connections"}, summary="Get connections")
def list_connections(work: Work) -> list[ConnectionView]:
    """The tenant's connections."""
    rows = work.rows.scalars(select(Connection).order_by(Connection.created_at, Connection.id).limit(1000))
    return [ConnectionView(id=row.id, name=row.name, strategy=row.strategy) for row in rows]


@api.get("/configuration", scopes={"read:configuration"}, summary="Get the configuration")
def get_configuration(work: Work) -> ConfigurationView:
    """Every switch."""
    return render.configuration(work)


@api.patch("/configuration", scopes={"update:configuration"}, summary="Update the configuration")
def update_configuration(work: Work, body: ConfigurationBody) -> ConfigurationView:
    """Change switches; the next sign-in obeys."""
    service.configure(work, changes(body))
    return render.configuration(work)


@api.get("/configuration/status", scopes={"read:configuration"}, summary="Get the status")
def get_status(work: Work) -> StatusView:
    """There is no rule to install: sign-ins ask the extension by themselves."""
    wanted = runtime.installed(work).configuration.wanted
    return StatusView(
        rule={"exists": True, "enabled": bool(wanted("") or wanted("persist"))}, extension={"enabled": True}
    )


@api.get("/configuration/export", scopes={"read:configuration"}, summary="Export everything")
def export(work: Work) -> ExportView:
    """Groups, roles, permissions and configuration."""
    members, given = service.members_of(work, GROUP), service.members_of(work, ROLE)
    return ExportView(
        groups=[render.group(row, members.get(row.id, ())) for row in service.every(work, GROUP)],
        roles=[render.role(row, given.get(row.id, ())) for row in service.every(work, ROLE)],
        permissions=list(map(render.permission, service.every(work, PERMISSION))),
        configuration=[render.configuration(work)],
    )


@api.post(
    "/configuration/import", scopes={"update:configuration"}, status=NOTHING, summary="Replace everything by an export"
)
def import_(work: Work, body: ImportBody) -> None:
    """Put an export in the place of what is there, or leave everything as it is."""
    plain = msgspec.to_builtins(body)
    configuration = [{name: value for name, value in each.items() if name != "_id"} for each in plain["configuration"]]
    service.replace_all(
        work,
        {
            GROUP: plain["groups"],
            ROLE: plain["roles"],
            PERMISSION: plain["permissions"],
            "configuration": configuration,
        },
    )
