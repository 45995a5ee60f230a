"""``/branding/phone``: providers and templates of text messages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from msgspec import UNSET

from idp.foundation.apikit import Api, as_view, changes
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import Reference
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.models import TenantDocument
from idp.foundation.tenancy.work import Work
from idp.tenant.phone import service
from idp.tenant.phone.runtime import TEMPLATE
from idp.tenant.phone.schemas import (
    Listed,
    ProviderCreate,
    ProvidersView,
    ProviderUpdate,
    ProviderView,
    TemplateCreate,
    TemplatesView,
    TemplateUpdate,
    TemplateView,
)
from idp.tenant.phone.stored import PROVIDER

api = Api("branding")


@api.get("/branding/phone/providers", scopes={"read:phone_providers"}, summary="Get phone providers")
def list_providers(work: Work, query: Listed) -> ProvidersView:
    """The provider, if there is one."""
    return ProvidersView(providers=[_provider(work, row) for row in _listed(work, PROVIDER, query)])


@api.post("/branding/phone/providers", scopes={"create:phone_providers"}, summary="Configure the phone provider")
def create_provider(work: Work, body: ProviderCreate) -> ProviderView:
    """It sends where a connection names nobody."""
    return _provider(work, service.create_provider(work, changes(body)))


@api.get("/branding/phone/providers/{id}", scopes={"read:phone_providers"}, summary="Get a phone provider")
def get_provider(work: Work, id: Reference) -> ProviderView:
    """One provider, without what is secret."""
    return _provider(work, service.provider(work, id))


@api.patch("/branding/phone/providers/{id}", scopes={"update:phone_providers"}, summary="Update the phone provider")
def update_provider(work: Work, id: Reference, body: ProviderUpdate) -> ProviderView:
    """Change some."""
    return _provider(work, service.update_provider(work, id, changes(body)))


@api.delete("/branding/phone/providers/{id}", scopes={"delete:phone_providers"}, summary="Delete a phone provider")
def delete_provider(work: Work, id: Reference) -> None:
    """Connections that name nobody send nothing."""
    service.delete_provider(work, id)


@api.get("/branding/phone/templates", scopes={"read:phone_templates"}, summary="Get phone templates")
def list_templates(work: Work, query: Listed) -> TemplatesView:
    """Every template."""
    return TemplatesView(templates=[_template(work, row) for row in _listed(work, TEMPLATE, query)])


@api.post("/branding/phone/templates", scopes={"create:phone_templates"}, summary="Create a phone template")
def create_template(work: Work, body: TemplateCreate) -> TemplateView:
    """One of each type."""
    return _template(work, service.create_template(work, changes(body)))


@api.get("/branding/phone/templates/{id}", scopes={"read:phone_templates"}, summary="Get a phone template")
def get_template(work: Work, id: Reference) -> TemplateView:
    """One template."""
    return _template(work, service.template(work, id))


@api.patch("/branding/phone/templates/{id}", scopes={"update:phone_templates"}, summary="Update a phone template")
def update_template(work: Work, id: Reference, body: TemplateUpdate) -> TemplateView:
    """Change some of it."""
    return _template(work, service.update_template(work, id, changes(body)))


@api.patch(
    "/branding/phone/templates/{id}/reset",
    scopes={"update:phone_templates"},
    status=HTTPStatus.OK,
    summary="Reset a phone template",
)
def reset_template(work: Work, id: Reference) -> TemplateView:
    """Its first words again."""
    return _template(work, service.reset_template(work, id))


@api.delete("/branding/phone/templates/{id}", scopes={"delete:phone_templates"}, summary="Delete a phone template")
def delete_template(work: Work, id: Reference) -> None:
    """Our own words again."""
    service.delete_template(work, id)


def _listed(work: Work, kind: str, query: Listed) -> list[TenantDocument]:
    rows = documents.every(work, kind)
    if query.disabled is UNSET:
        return rows
    return [row for row in rows if bool(row.document.get("disabled")) is query.disabled]


def _provider(work: Work, row: TenantDocument) -> ProviderView:
    shown = {name: value for name, value in row.document.items() if name != "credentials"}
    return as_view(ProviderView, {"disabled": False, **shown, **_frame(work, row)})


def _template(work: Work, row: TenantDocument) -> TemplateView:
    return as_view(TemplateView, {**row.document, **_frame(work, row)})


def _frame(work: Work, row: TenantDocument) -> dict[str, Any]:
    return {
        "id": row.name,
        "tenant": work.tenant_id,
        "channel": "phone",
        "created_at": clock.iso(row.created_at),
        "updated_at": clock.iso(row.updated_at),
    }
