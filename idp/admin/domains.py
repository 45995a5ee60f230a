"""Custom domains (``/admin/branding/domains``): names of the tenant's own, the record that proves each, its test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.listing import holds
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Document, Done, Field, Listing, Resource, Section, Tab
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.tenancy.models import CustomDomain
from idp.signin.passkeys import enrolment as passkeys
from idp.tenant.domains import api as domains
from idp.tenant.domains import service

READY = "ready"


def _is_ready(document: Document) -> bool:
    return document.get("status") == READY


def _waits(document: Document) -> bool:
    return not _is_ready(document)


def _state(row: CustomDomain) -> Cell:
    return Cell(READY if row.held else "pending", "state", good=bool(row.held))


def _details(_visit: Visit, there: Object) -> Mapping[str, Any]:
    verification: Mapping[str, Any] = there.document.get("verification") or {}
    return {
        "ready": _is_ready(there.document),
        "records": verification.get("methods") or [],
        "why": verification.get("error_msg") or "",
        "target": there.document.get("origin_domain_name") or "",
    }


def _verify(visit: Visit, there: Object) -> Done:
    found = operations.call(visit.work, domains.verify_domain, there.parameters, {})
    secrets = {"cname_api_key": str(found["cname_api_key"])} if found.get("cname_api_key") else {}
    done = "domains.done.verify" if _is_ready(found) else "domains.done.not-yet"
    return Done(done, secrets=secrets)


def _test(visit: Visit, there: Object) -> Done:
    answer = operations.call(visit.work, domains.test_domain, there.parameters, {})
    if not answer["success"]:
        raise BadRequest(str(answer.get("message") or "The domain does not lead here."), "test_failed")
    return Done("domains.done.test")


def _delete(visit: Visit, there: Object) -> None:
    operations.call(visit.work, domains.delete_domain, there.parameters)


def _goes(visit: Visit, there: Object, typed: Mapping[str, str] | None = None) -> Mapping[str, int]:
    """Passkeys that work nowhere once the domain is gone, or names another relying party."""
    row = service.get(visit.work, there.id)
    left = service.left_by(visit.work, row, None if typed is None else typed.get("relying_party_identifier", ""))
    number = passkeys.made_for(visit.work, left) if left is not None else 0
    return {"passkeys": number} if number else {}


SETTINGS = (
    Section(
        "settings",
        (
            Field("custom_client_ip_header", hint=True),
            Field("relying_party_identifier", hint=True, careful=True),
            Field("domain_metadata", hint=True),
        ),
    ),
)

RESOURCES = (
    Resource(
        group="branding",
        name="domains",
        read=domains.get_domain,
        all=domains.list_domains,
        create=domains.create_domain,
        update=domains.update_domain,
        remove=domains.delete_domain,
        identifier="custom_domain_id",
        title=lambda document: str(document["domain"]),
        listing=Listing(
            CustomDomain,
            CustomDomain.id,
            (
                Column("domain", lambda row: Cell(row.domain), sort=CustomDomain.domain),
                Column("status", _state),
                Column("type", lambda row: Cell(row.type, "tag")),
                Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=CustomDomain.created_at),
            ),
            order="created_at",
            search=lambda text: holds(CustomDomain.domain, text),
            title="domain",
        ),
        creation=(Section("new", (Field("domain", hint=True), Field("type", "radio"))),),
        tabs=(
            Tab("details", template="admin/domains/details.html", view=_details),
            Tab("settings", SETTINGS, counts=_goes),
            raw(),
            history(),
        ),
        actions=(
            Action("verify", domains.verify_domain, _verify, first=True, when=_waits),
            Action("test", domains.test_domain, _test, when=_is_ready),
            Action("delete", domains.delete_domain, _delete, True, True, True, True, counts=_goes),
        ),
        aliases=("Custom Domains", "CNAME", "DNS", "certificate"),
        api="custom_domains",
    ),
)
