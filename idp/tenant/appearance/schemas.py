"""What the Management API takes and shows of a tenant's appearance (spec/management-types.tsv)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, View
from idp.foundation.kernel.formats import WebUrlOrBlank
from idp.foundation.web.liquid import MAX_SOURCE
from idp.foundation.web.theme import Colour, Theme


class Gradient(Body, kw_only=True):
    """``colors.page_background`` with two colours."""

    type: Literal["linear-gradient"] = "linear-gradient"
    start: Colour
    end: Colour
    angle_deg: Annotated[int, Meta(ge=-360, le=360)] = 0


class BrandingColors(Body):
    """``colors``."""

    primary: Colour | UnsetType | None = UNSET
    page_background: Colour | Gradient | UnsetType | None = UNSET


class BrandingFont(Body):
    """``font``."""

    url: WebUrlOrBlank | UnsetType | None = UNSET


class BrandingUpdate(Body):
    """PATCH /branding."""

    colors: BrandingColors | UnsetType | None = UNSET
    favicon_url: WebUrlOrBlank | UnsetType | None = UNSET
    logo_url: WebUrlOrBlank | UnsetType | None = UNSET
    font: BrandingFont | UnsetType | None = UNSET


class BrandingView(BrandingUpdate, View, kw_only=True):
    """The branding as it was set."""


class PageTemplateUpdate(Body):
    """PUT /branding/templates/universal-login."""

    template: Annotated[str, Meta(max_length=MAX_SOURCE)]


class PageTemplateView(View):
    """The page template."""

    body: str


class ThemeView(Theme, kw_only=True):
    """A theme with its id."""

    themeId: str  # noqa: N815 - Auth0's name
