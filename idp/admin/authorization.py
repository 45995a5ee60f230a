"""The Authorization Extension (``/admin/extensions/authorization``): whether it is there, what it holds, what sign-ins
ask it for, and everything of it as a file. It is changed by its own API (docs/authorization-extension.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select

from idp.admin.desk import operations
from idp.admin.desk.frame import File, Moved, Shown, Visit
from idp.admin.desk.listing import MOST_COUNTED
from idp.admin.desk.resource import Resource
from idp.applications.clients import client_grants_api as grants
from idp.applications.clients.models import Client
from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.authorization import runtime, service
from idp.directory.authorization.runtime import AUDIENCE, KINDS, Extension
from idp.foundation.apikit import Api, View
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import writes

api = Api("extensions")
PATH = "/admin/extensions/authorization"
EXPORT = "export"
INSTALL = "idp roles install-extension"
MOST_SHOWN = 50
"""Applications that are named; all are counted."""


class ExtensionView(View):
    """Whether it is there."""

    installed: bool


@api.get("/extensions/authorization", scopes={"read:resource_servers"}, summary="Get the Authorization Extension")
def get_extension(work: Work) -> ExtensionView:
    """Declared for its right: its configuration is for who may see APIs."""
    return ExtensionView(runtime.find(work) is not None)


@api.get(
    "/extensions/authorization/export",
    scopes={"read:users"},
    summary="Export the Authorization Extension",
)
def get_export(work: Work) -> dict[str, Any]:
    """Declared for its right beside the page's own: it says of people what they are in."""
    from idp.management.authorization import people_api

    document: dict[str, Any] = msgspec.to_builtins(people_api.export(work))
    return document


def _page(visit: Visit, resource: Resource) -> Shown:
    extension = runtime.find(visit.work)
    values: Mapping[str, Any] = {"resource": resource, "extension": extension, "install": INSTALL}
    if extension is not None:
        values = {**values, **_state(visit, extension)}
    return Shown(
        "admin/authorization/page.html",
        visit.texts.t("authorization.title"),
        values,
        current=f"{resource.group}/{resource.name}",
    )


def _state(visit: Visit, extension: Extension) -> Mapping[str, Any]:
    work, switches = visit.work, extension.configuration
    ids = {each.applicationId for each in (*extension.roles.values(), *extension.permissions.values())}
    there, may_see = resource_servers.find(work, AUDIENCE), operations.may(work, grants.list_grants)
    return {
        "address": f"{work.config.issuer}extensions/authorization/api",
        "grants": visit.href(f"/admin/applications/apis/{there.id}/m2m") if there is not None and may_see else "",
        "counts": {
            "groups": len(extension.groups),
            "roles": len(extension.roles),
            "permissions": len(extension.permissions),
            "people": service.count_people(work, MOST_COUNTED + 1),
        },
        "most": MOST_COUNTED,
        "applications": _applications(visit, sorted(ids)),
        "application_count": len(ids),
        "asked": bool(switches.wanted("") or switches.wanted("persist")),
        "switches": [
            (
                what,
                what in switches.wanted(""),
                getattr(switches, f"{what}_passthrough"),
                what in switches.wanted("persist"),
            )
            for what in KINDS
        ],
        "export": visit.href(f"{PATH}/{EXPORT}") if operations.may(work, get_export) else "",
    }


def _applications(visit: Visit, ids: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Names and addresses of the applications that roles and permissions are of, as far as somebody may see them."""
    confined = visit.work.actor.clients
    mine = [each for each in ids if confined is None or each in confined]
    if not mine:
        return ()
    named = select(Client.client_id, Client.name).where(Client.client_id.in_(mine[:MOST_SHOWN]))
    rows = visit.work.rows.execute(named.order_by(func.lower(Client.name), Client.client_id)).all()
    return [(row.name, visit.href(f"/admin/applications/apps/{row.client_id}")) for row in rows]


def _export(visit: Visit, _resource: Resource) -> File | Moved:
    """Everything, as the extension's API exports it. By POST: it says who is in what, and the log says who took it.

    :raises NotFound: it is not there.
    """
    if visit.method != "POST":
        return Moved(visit.href(PATH))
    operations.refuse_without_right(visit.work, get_export)
    if runtime.find(visit.work) is None:
        raise NotFound("The extension is not installed.")
    if not visit.fresh:
        return Moved(visit.href(PATH), fresh=True)
    document = operations.call(visit.work, get_export)
    writes.record(visit.work, writes.Request("Export the Authorization Extension", f"{PATH}/{EXPORT}"))
    content = msgspec.json.format(msgspec.json.encode(document), indent=2)
    return File("authorization-extension.json", content, "application/json")


def _suggest(_visit: Visit, _text: str, _most: int) -> Sequence[tuple[str, str]]:
    """There is one."""
    return ()


RESOURCES = (
    Resource(
        group="extensions",
        name="authorization",
        read=get_extension,
        page=_page,
        suggest=_suggest,
        pages={EXPORT: _export},
        aliases=("Extensions", "authz", "auth0-authorization-extension", "groups"),
    ),
)
