"""Applications (``/admin/applications/apps``): the clients of the Management API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select

from idp.admin import app_copies, app_credentials, app_login, app_ways, apps_sso, quickstart
from idp.admin.apps_fields import ADVANCED, CREDENTIALS, SETTINGS, TYPES
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.listing import holds
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Document, Done, Field, Filter, Listing, Resource, Section, Tab
from idp.applications.clients import api as clients
from idp.applications.clients import client_grants_api as grants
from idp.applications.clients import service as clients_service
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.resource_servers.models import ResourceServer
from idp.directory.connections import api as connections
from idp.directory.connections.models import Connection, ConnectionClient
from idp.foundation.db.json_text import json_member
from idp.foundation.tenancy.work import Work
from idp.tenant.audit.models import LogEntry

MOST_SHOWN = 100
"""Connections, and APIs, that a tab lists."""


def _type(row: Client) -> Cell:
    return Cell(str(row.data.get("app_type") or ""), "tag")


def _search(text: str) -> Any:
    return or_(holds(Client.name, text), Client.client_id == text)


_CONNECTIONS = (
    select(func.count())
    .select_from(ConnectionClient)
    .where(ConnectionClient.tenant_id == Client.tenant_id, ConnectionClient.client_id == Client.client_id)
    .correlate(Client)
    .scalar_subquery()
)
_LAST_LOGIN = (
    select(LogEntry.date)
    .where(
        LogEntry.tenant_id == Client.tenant_id,
        LogEntry.client_id == Client.client_id,
        LogEntry.type.in_(quickstart.ARRIVED),
    )
    .order_by(LogEntry.log_id.desc())
    .limit(1)
    .correlate(Client)
    .scalar_subquery()
)
LISTING = Listing(
    Client,
    Client.client_id,
    (
        Column("name", lambda row: Cell(row.name), sort=func.lower(Client.name)),
        Column("app_type", _type),
        Column("client_id", lambda row: Cell(row.client_id, "code")),
        Column("is_first_party", lambda row: Cell("first" if row.is_first_party else "third", "state")),
        Column("connections", lambda count: Cell(str(count or 0), "number"), also=_CONNECTIONS),
        Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=Client.created_at),
        Column("updated_at", lambda row: Cell(kind="time", at=row.updated_at), optional=True),
        Column("last_login", lambda at: Cell(kind="time", at=at), also=_LAST_LOGIN, optional=True),
    ),
    order="-created_at",
    filters=(
        Filter("app_type", TYPES, lambda value: json_member(Client.data, "app_type") == value),
        Filter("is_first_party", ("true", "false"), lambda value: Client.is_first_party.is_(value == "true")),
    ),
    search=_search,
    always=(Client.is_global.is_(False),),
    mine=app_ways.mine,
)


# ---- credentials
def _credentials(visit: Visit, there: Object) -> Mapping[str, Any]:
    secret = str(there.document.get("client_secret") or "")
    registered = app_credentials.view(visit, there)
    return {"secret_end": secret[-4:] if secret else "", "system": _is_system(visit, there), **registered}


def _is_system(visit: Visit, there: Object) -> bool:
    row = visit.work.rows.get(Client, (visit.work.tenant_id, there.id))
    return row is not None and row.is_system


def _reveal(visit: Visit, there: Object) -> Done:
    """Show the secret this once; that somebody looked is in the log."""
    with visit.work.transaction():
        clients_service.secret_shown(visit.work, there.id)
    return Done("apps.done.reveal", lands="credentials", secrets=_secret(there.document))


def _rotate(visit: Visit, there: Object) -> Done:
    made = operations.call(visit.work, clients.rotate_secret, there.parameters)
    return Done("apps.done.rotate-secret", lands="credentials", secrets=_secret(made))


def _secret(document: Document) -> Mapping[str, str]:
    return {"client_secret": str(document["client_secret"])} if document.get("client_secret") else {}


def _delete(visit: Visit, there: Object) -> None:
    operations.call(visit.work, clients.delete_client, there.parameters)


def _goes(visit: Visit, there: Object) -> Mapping[str, int]:
    count = select(func.count()).select_from(ClientGrant).where(ClientGrant.client_id == there.id)
    uses = select(func.count()).select_from(ConnectionClient).where(ConnectionClient.client_id == there.id)
    rows = visit.work.rows
    return {"grants": int(rows.scalar(count) or 0), "connections": int(rows.scalar(uses) or 0)}


# ---- connections and APIs
@dataclass(frozen=True)
class Use:
    """Something that an application may use, or not."""

    id: str
    name: str
    more: str
    on: bool
    scopes: Sequence[str] = ()
    offered: Sequence[str] = ()
    grant: str = ""
    may_change: bool = False
    may_end: bool = False


def _connections(visit: Visit, there: Object) -> Mapping[str, Any]:
    rows = visit.work.rows
    here = (ConnectionClient.connection_id == Connection.id, ConnectionClient.tenant_id == Connection.tenant_id)
    used = select(ConnectionClient.client_id).where(*here, ConnectionClient.client_id == there.id).exists()
    named = select(Connection, used).order_by(func.lower(Connection.name), Connection.id).limit(MOST_SHOWN)
    return {
        "uses": [Use(each.id, each.name, each.strategy, on) for each, on in rows.execute(named)],
        "may_switch": operations.may(visit.work, connections.update_clients),
    }


def _switch(visit: Visit, there: Object) -> Done:
    connection, on = visit.form.get("connection", "")[:64], visit.form.get("status") == "on"
    body = [{"client_id": there.id, "status": on}]
    operations.call(visit.work, connections.update_clients, {"id": connection}, body)
    other = {"connection": connection, "status": "off" if on else "on"}
    return Done(f"apps.done.{'enabled' if on else 'disabled'}", other, undo="connection", lands="connections")


def _apis(visit: Visit, there: Object) -> Mapping[str, Any]:
    rows = visit.work.rows
    given = (
        ClientGrant.tenant_id == ResourceServer.tenant_id,
        ClientGrant.audience == ResourceServer.identifier,
        ClientGrant.client_id == there.id,
        ClientGrant.subject_type == "client",
    )
    named = select(ResourceServer, ClientGrant).outerjoin(ClientGrant, and_(*given))
    shown = rows.execute(named.order_by(func.lower(ResourceServer.name), ResourceServer.id).limit(MOST_SHOWN))
    may_make, may_change = (operations.may(visit.work, each) for each in (grants.create_grant, grants.update_grant))
    return {
        "uses": [_use(visit.work, each, grant) for each, grant in shown],
        "limited": may_change and not may_make,
    }


def _use(work: Work, api: ResourceServer, grant: ClientGrant | None) -> Use:
    """An API, and what may be done about it: those who are for some applications hold nothing of the Management API
    that they could give (:func:`idp.applications.clients.rights.check_grant`).
    """
    may = work.actor.clients is None or api.identifier != work.config.management_audience
    changes = grants.create_grant if grant is None else grants.update_grant
    return Use(
        api.id,
        api.name,
        api.identifier,
        grant is not None,
        grant.scope if grant else (),
        [scope["value"] for scope in api.data.get("scopes") or ()],
        grant.id if grant else "",
        may_change=may and operations.may(work, changes),
        may_end=may and grant is not None and operations.may(work, grants.delete_grant),
    )


def _grant(visit: Visit, there: Object) -> Done:
    """Let the application have these permissions of an API, other ones, or none."""
    form, work = visit.form, visit.work
    grant, scope = form.get("grant", "")[:64], form.get("scope", "").split()
    if not grant:
        body = {"client_id": there.id, "audience": form.get("audience", ""), "scope": scope}
        operations.call(work, grants.create_grant, {}, body)
        return Done("apps.done.granted", lands="apis")
    if form.get("status") == "off":
        operations.call(work, grants.delete_grant, {"id": grant})
        back = {"audience": form.get("audience", ""), "scope": " ".join(scope)}
        return Done("apps.done.revoked", back, undo="grant", lands="apis")
    operations.call(work, grants.update_grant, {"id": grant}, {"scope": scope})
    return Done("apps.done.granted", lands="apis")


RESOURCES = (
    Resource(
        group="applications",
        name="apps",
        read=clients.get_client,
        all=clients.list_clients,
        create=clients.create_client,
        update=clients.update_client,
        remove=clients.delete_client,
        identifier="client_id",
        listing=LISTING,
        creation=(Section("new", (Field("name"), Field("app_type", "radio", TYPES, hint=True))),),
        tabs=(
            Tab("quickstart", template="admin/apps/quickstart.html", view=quickstart.view),
            Tab("settings", SETTINGS),
            Tab("advanced", ADVANCED),
            Tab(
                "credentials", CREDENTIALS, "admin/apps/credentials.html", _credentials, needs=clients.list_credentials
            ),
            Tab(
                "connections",
                template="admin/apps/connections.html",
                view=_connections,
                needs=connections.list_connections,
            ),
            Tab("apis", template="admin/apps/apis.html", view=_apis, needs=grants.list_grants),
            app_login.TAB,
            apps_sso.tab(apps_sso.SAML),
            apps_sso.tab(apps_sso.WSFED),
            raw(),
            history(),
        ),
        actions=(
            *app_ways.ACTIONS,
            app_copies.DUPLICATE,
            *app_credentials.ACTIONS,
            Action("reveal", clients.rotate_secret, _reveal, fresh=True, tab="credentials"),
            Action("connection", connections.update_clients, _switch, tab="connections"),
            Action("grant", grants.update_grant, _grant, tab="apis"),
            *apps_sso.actions(apps_sso.SAML),
            *apps_sso.actions(apps_sso.WSFED),
            Action("rotate-secret", clients.rotate_secret, _rotate, True, True, True, True),
            Action("delete", clients.delete_client, _delete, True, True, True, True, counts=_goes),
        ),
        whole=("refresh_token", "oidc_logout", "signed_request_object"),
        fixed=_is_system,
        guarded=("client_secret", app_credentials.REQUESTS, "addons.samlp", "addons.wsfed"),
        told=("client_secret",),
        lands="quickstart",
        aliases=("clients", "client", "Applications", "SAML2 Web App", "WS-Fed", "SSO", "addons"),
        api="clients",
        deploy="clients",
    ),
)
