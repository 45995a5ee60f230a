"""``/branding``: colours, logo, font; themes; the page around our forms."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from msgspec import Meta

from idp.foundation.apikit import Api, as_view, changes
from idp.foundation.kernel.documents import fitting
from idp.foundation.kernel.formats import Reference
from idp.foundation.tenancy.models import TenantDocument
from idp.foundation.tenancy.work import Work
from idp.foundation.web.liquid import MAX_SOURCE
from idp.foundation.web.theme import Theme
from idp.tenant.appearance import service
from idp.tenant.appearance.schemas import (
    BrandingUpdate,
    BrandingView,
    PageTemplateUpdate,
    PageTemplateView,
    ThemeView,
)

api = Api("branding")
PageTemplate = Annotated[str, Meta(max_length=MAX_SOURCE)] | PageTemplateUpdate


@api.get("/branding", scopes={"read:branding"}, summary="Get branding settings")
def get_branding(work: Work) -> BrandingView:
    """What was set."""
    return as_view(BrandingView, fitting(service.branding(work), BrandingView))


@api.patch("/branding", scopes={"update:branding"}, summary="Update branding settings")
def update_branding(work: Work, body: BrandingUpdate) -> BrandingView:
    """Change some; the next page wears them."""
    return as_view(BrandingView, fitting(service.update_branding(work, changes(body)), BrandingView))


@api.get("/branding/templates/universal-login", scopes={"read:branding"}, summary="Get the page template")
def get_page_template(work: Work) -> PageTemplateView:
    """The page around our forms."""
    return PageTemplateView(body=service.page_template(work))


@api.put(
    "/branding/templates/universal-login",
    scopes={"update:branding"},
    status=HTTPStatus.CREATED,
    summary="Set the page template",
)
def set_page_template(work: Work, body: PageTemplate) -> None:
    """Put a page around our forms: as JSON, or the template itself."""
    service.set_page_template(work, body if isinstance(body, str) else body.template)


@api.delete("/branding/templates/universal-login", scopes={"delete:branding"}, summary="Delete the page template")
def delete_page_template(work: Work) -> None:
    """Our forms stand in our own page again."""
    service.remove_page_template(work)


@api.post("/branding/themes", scopes={"update:branding"}, status=HTTPStatus.OK, summary="Create a branding theme")
def create_theme(work: Work, body: Theme) -> ThemeView:
    """Pages wear it from now on."""
    return _theme(service.create_theme(work, body))


@api.get("/branding/themes/default", scopes={"read:branding"}, summary="Get the default branding theme")
def get_default_theme(work: Work) -> ThemeView:
    """The theme that pages wear."""
    return _theme(service.theme(work))


@api.get("/branding/themes/{theme_id}", scopes={"read:branding"}, summary="Get a branding theme")
def get_theme(work: Work, theme_id: Reference) -> ThemeView:
    """One theme."""
    return _theme(service.theme(work, theme_id))


@api.patch("/branding/themes/{theme_id}", scopes={"update:branding"}, summary="Update a branding theme")
def update_theme(work: Work, theme_id: Reference, body: Theme) -> ThemeView:
    """Replace its parts."""
    return _theme(service.update_theme(work, theme_id, body))


@api.delete("/branding/themes/{theme_id}", scopes={"delete:branding"}, summary="Delete a branding theme")
def delete_theme(work: Work, theme_id: Reference) -> None:
    """Pages wear the tenant's colours again."""
    service.delete_theme(work, theme_id)


def _theme(row: TenantDocument) -> ThemeView:
    return msgspec.convert({**row.document, "themeId": service.theme_id_of(row)}, ThemeView)
