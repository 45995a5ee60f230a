"""APIs (``/admin/applications/apis``): the resource servers of the Management API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, or_, select

from idp.admin import api_machines, api_quickstart, api_tests
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.listing import holds
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Document, Done, Field, Filter, Listing, Resource, Section, Tab
from idp.applications.clients.models import ClientGrant
from idp.applications.resource_servers import api as servers
from idp.applications.resource_servers.models import ResourceServer
from idp.foundation.db.json_text import json_matches, json_member

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "RS512", "HS256")

SETTINGS = (
    Section(
        "basic",
        (
            Field("name"),
            Field("signing_alg", choices=ALGORITHMS, kind="choice", careful=True),
            Field("token_dialect", hint=True),
        ),
    ),
    Section(
        "tokens",
        (
            Field("token_lifetime", hint=True),
            Field("token_lifetime_for_web", hint=True),
            Field("allow_offline_access", hint=True),
            Field("allow_online_access", hint=True),
            Field("allow_online_access_with_ephemeral_sessions", hint=True),
        ),
    ),
    Section(
        "access",
        (
            Field("enforce_policies", hint=True, careful=True),
            Field("skip_consent_for_verifiable_first_party_clients", hint=True),
            Field("authorization_details", "json", hint=True),
            Field("subject_type_authorization.user.policy", careful=True),
            Field("subject_type_authorization.client.policy", careful=True),
            Field("proof_of_possession.mechanism", careful=True, hint=True),
            Field("proof_of_possession.required", careful=True),
            Field("proof_of_possession.required_for", careful=True),
        ),
    ),
)


def _search(text: str) -> Any:
    return or_(holds(ResourceServer.name, text), holds(ResourceServer.identifier, text), ResourceServer.id == text)


def _lifetime(row: ResourceServer) -> Cell:
    return Cell(str(row.data.get("token_lifetime") or ""), "seconds")


def _with_roles(value: str) -> Any:
    enforced = json_matches(ResourceServer.data, ("enforce_policies",), (True,))
    return enforced if value == "on" else ~enforced


LISTING = Listing(
    ResourceServer,
    ResourceServer.id,
    (
        Column("name", lambda row: Cell(row.name), sort=func.lower(ResourceServer.name)),
        Column("identifier", lambda row: Cell(row.identifier, "code"), sort=ResourceServer.identifier),
        Column("signing_alg", lambda row: Cell(str(row.data.get("signing_alg") or ""), "tag")),
        Column("token_lifetime", _lifetime),
        Column("enforce_policies", lambda row: Cell("on" if row.data.get("enforce_policies") else "off", "state")),
        Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=ResourceServer.created_at),
        Column("id", lambda row: Cell(row.id, "code"), optional=True),
    ),
    order="-created_at",
    filters=(
        Filter("signing_alg", ALGORITHMS, lambda value: json_member(ResourceServer.data, "signing_alg") == value),
        Filter("enforce_policies", ("on", "off"), _with_roles),
    ),
    search=_search,
)


def _is_own(document: Document) -> bool:
    return not document.get("is_system")


# ---- permissions
def _permissions(visit: Visit, there: Object) -> Mapping[str, Any]:
    return {
        "scopes": there.document.get("scopes") or [],
        "may_change": operations.may(visit.work, servers.update_resource_server) and _is_own(there.document),
    }


def _set_permission(visit: Visit, there: Object) -> Done:
    """Add a permission, or give one another description."""
    value, description = visit.form.get("value", "").strip(), visit.form.get("description", "").strip()
    scopes = [each for each in there.document.get("scopes") or () if each["value"] != value]
    entry = {"value": value, **({"description": description} if description else {})}
    _store(visit, there, [*scopes, entry])
    return Done("apis.done.permission", lands="permissions")


def _remove_permission(visit: Visit, there: Object) -> Done:
    value = visit.form.get("value", "")
    scopes = list(there.document.get("scopes") or ())
    gone = next((each for each in scopes if each["value"] == value), {"value": value})
    _store(visit, there, [each for each in scopes if each["value"] != value])
    back = {"value": value, "description": str(gone.get("description") or "")}
    return Done("apis.done.permission-removed", back, undo="permission", lands="permissions")


def _store(visit: Visit, there: Object, scopes: list[Any]) -> None:
    operations.call(visit.work, servers.update_resource_server, there.parameters, {"scopes": scopes})


def _delete(visit: Visit, there: Object) -> None:
    operations.call(visit.work, servers.delete_resource_server, there.parameters)


def _goes(visit: Visit, there: Object) -> Mapping[str, int]:
    count = select(func.count()).select_from(ClientGrant).where(ClientGrant.audience == there.document["identifier"])
    return {
        "grants": int(visit.work.rows.scalar(count) or 0),
        "permissions": len(there.document.get("scopes") or ()),
    }


RESOURCES = (
    Resource(
        group="applications",
        name="apis",
        read=servers.get_resource_server,
        all=servers.list_resource_servers,
        create=servers.create_resource_server,
        update=servers.update_resource_server,
        remove=servers.delete_resource_server,
        listing=LISTING,
        creation=(
            Section("new", (Field("name"), Field("identifier", hint=True), Field("signing_alg", "choice", ALGORITHMS))),
        ),
        tabs=(
            Tab("settings", SETTINGS),
            Tab("permissions", template="admin/apis/permissions.html", view=_permissions),
            api_machines.TAB,
            api_quickstart.TAB,
            api_tests.TAB,
            raw(),
            history(),
        ),
        actions=(
            api_tests.OBTAIN,
            Action("permission", servers.update_resource_server, _set_permission, tab="permissions"),
            Action("permission-removed", servers.update_resource_server, _remove_permission, tab="permissions"),
            Action(
                "delete", servers.delete_resource_server, _delete, True, True, True, True, when=_is_own, counts=_goes
            ),
        ),
        told=("signing_secret",),
        whole=("proof_of_possession",),
        lands="permissions",
        aliases=("resource servers", "resource-servers", "audience", "APIs"),
        api="resource_servers",
        deploy="resourceServers",
    ),
)
