"""Clients that made themselves known (``/admin/applications/registered``): who let them in, when, from which document,
and whether they stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select

from idp.admin.desk import form as forms
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.listing import holds
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Done, Field, Filter, Listing, Resource, Section, Tab
from idp.applications.clients import api as clients
from idp.applications.clients.models import Client
from idp.applications.registration import api as documents
from idp.applications.registration import kept
from idp.applications.registration import registrations_api as registrations
from idp.applications.registration.models import Registration
from idp.foundation.kernel.errors import BadRequest
from idp.tenant.audit import api as logs

KINDS = ("dcr", "cimd", "oidf")
_ITS_CLIENT = (Client.tenant_id == Registration.tenant_id, Client.client_id == Registration.client_id)


def _search(text: str) -> Any:
    named = select(Client.client_id).where(*_ITS_CLIENT, holds(Client.name, text)).correlate(Registration).exists()
    return or_(named, Registration.client_id == text)


def _used(value: str) -> Any:
    return Registration.used_at.is_not(None) if value == "kept" else Registration.used_at.is_(None)


LISTING = Listing(
    Registration,
    Registration.client_id,
    (
        Column(
            "name",
            lambda name: Cell(str(name or "")),
            also=select(Client.name).where(*_ITS_CLIENT).correlate(Registration).scalar_subquery(),
        ),
        Column("kind", lambda row: Cell(row.kind, "tag")),
        Column("client_id", lambda row: Cell(row.client_id, "code")),
        Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=Registration.created_at),
        Column(
            "used_at",
            lambda row: Cell("used" if row.used_at else "unused", "state", good=True if row.used_at else None),
        ),
    ),
    order="-created_at",
    filters=(
        Filter("kind", KINDS, lambda value: Registration.kind == value),
        Filter("used_at", ("kept", "waiting"), _used),
    ),
    search=_search,
    mine=kept.mine,
)


def _details(visit: Visit, there: Object) -> Mapping[str, Any]:
    document = {**dict.fromkeys(registrations.RegistrationView.__struct_fields__), **there.document}
    token = document.get("initial_access_token") or {}
    return {
        "document": document,
        "app": visit.href(f"/admin/applications/apps/{there.id}"),
        "token": token,
        "token_href": visit.href(f"/admin/applications/registration/{token['id']}") if token.get("name") else "",
        "said": forms.pretty(document["metadata"]),
        "statement": _claims(document.get("software_statement")),
        "log": visit.href("/admin/monitoring/logs", q=f'client_id:"{there.id}"')
        if operations.may(visit.work, logs.list_logs)
        else "",
    }


def _claims(claims: Mapping[str, Any] | None) -> Sequence[tuple[str, str]]:
    return [(name, value if isinstance(value, str) else forms.pretty(value)) for name, value in (claims or {}).items()]


def _waits(document: Mapping[str, Any]) -> bool:
    return "removed_after" in document


def _is_document(document: Mapping[str, Any]) -> bool:
    return bool(document.get("document_url"))


def _keep(visit: Visit, there: Object) -> Done:
    operations.call(visit.work, registrations.keep_registration, there.parameters, {})
    return Done("registered.done.keep")


def _read_again(visit: Visit, there: Object) -> Done:
    """Bring it up to date with its document."""
    address = str(there.document.get("document_url") or "")
    if not address:
        raise BadRequest("The client has no document.")
    operations.call(visit.work, documents.register_document, {}, {"external_client_id": address})
    return Done("registered.done.read-again")


def _delete(visit: Visit, there: Object) -> None:
    operations.call(visit.work, clients.delete_client, {"id": there.id})


RESOURCES = (
    Resource(
        group="applications",
        name="registered",
        read=registrations.get_registration,
        all=registrations.list_registrations,
        create=documents.register_document,
        remove=clients.delete_client,
        listing=LISTING,
        suggest=lambda _visit, _text, _most: (),
        parameter="client_id",
        identifier="client_id",
        state=lambda document: Cell("unused" if _waits(document) else "used", good=not _waits(document)),
        creation=(Section("document", (Field("external_client_id", hint=True),)),),
        tabs=(Tab("details", template="admin/registered/details.html", view=_details), raw()),
        actions=(
            Action("keep", registrations.keep_registration, _keep, first=True, when=_waits),
            Action("read-again", documents.register_document, _read_again, when=_is_document),
            Action("delete", clients.delete_client, _delete, True, True, True, True),
        ),
        aliases=("dynamic client registration", "DCR", "CIMD", "client ID metadata document", "third party"),
    ),
)
