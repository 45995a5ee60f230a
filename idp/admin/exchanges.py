"""Token exchange profiles (``/admin/applications/exchanges``): tokens of others that applications exchange for ours."""

from __future__ import annotations

from typing import Any

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Field, Listing, Resource, Section, Tab
from idp.applications.exchange_profiles import api as profiles
from idp.applications.exchange_profiles.runtime import KIND
from idp.foundation.db.json_text import json_member
from idp.foundation.tenancy.models import TenantDocument

BASIC = Section("basic", (Field("name"), Field("subject_token_type", hint=True, careful=True)))
VALIDATION = Section(
    "validation",
    (
        Field("validation.issuer"),
        Field("validation.jwks_uri", hint=True),
        Field("validation.audience", hint=True),
        Field("validation.connection", hint=True),
        Field("validation.claim", hint=True),
        Field("validation.creates_users"),
        Field("actor_token_types", hint=True, careful=True),
    ),
)


def _issuer(row: TenantDocument) -> Cell:
    return Cell(str((row.document.get("validation") or {}).get("issuer") or ""), "code")


def _search(text: str) -> Any:
    return json_member(TenantDocument.document, "name").contains(text, autoescape=True)


def _delete(visit: Visit, there: Object) -> None:
    operations.call(visit.work, profiles.delete_profile, there.parameters)


RESOURCES = (
    Resource(
        group="applications",
        name="exchanges",
        read=profiles.get_profile,
        all=profiles.list_profiles,
        create=profiles.create_profile,
        update=profiles.update_profile,
        remove=profiles.delete_profile,
        listing=Listing(
            TenantDocument,
            TenantDocument.name,
            (
                Column("name", lambda row: Cell(str(row.document["name"]))),
                Column("subject_token_type", lambda row: Cell(str(row.document["subject_token_type"]), "code")),
                Column("issuer", _issuer),
                Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=TenantDocument.created_at),
            ),
            order="-created_at",
            search=_search,
            always=(TenantDocument.kind == KIND,),
        ),
        creation=(BASIC, VALIDATION),
        tabs=(Tab("settings", (BASIC, VALIDATION)), raw(), history()),
        beside=lambda id_: (("tenant-documents", f"{KIND}/{id_}"),),
        actions=(Action("delete", profiles.delete_profile, _delete, True, True, True, True),),
        whole=("validation",),
        lands="settings",
        aliases=("token exchange", "custom token exchange", "RFC 8693"),
        api="token_exchange_profiles",
        deploy="tokenExchangeProfiles",
    ),
)
