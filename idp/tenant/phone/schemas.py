"""What the Management API takes and shows of phone providers and templates (spec/management-types.tsv)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from idp.foundation.apikit import Body, Query, View
from idp.foundation.kernel.secret import HARMLESS, Secret

ProviderName = Literal["twilio", "custom"]
TemplateType = Literal["otp_verify", "otp_enroll", "change_password", "blocked_account", "password_breach"]
Line = Annotated[str, Meta(max_length=256)]
Words = Annotated[str, HARMLESS, Meta(max_length=10_000)]


class Configuration(Body, kw_only=True):
    """``configuration``: of Twilio, or of a provider of one's own, which names ``delivery_methods`` alone."""

    delivery_methods: Annotated[list[Literal["text", "voice"]], Meta(min_length=1, max_length=2)]
    sid: Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9]+\Z")] | UnsetType = UNSET
    default_from: Line | UnsetType | None = UNSET
    mssid: Line | UnsetType | None = UNSET


class Credentials(Body):
    """``credentials``."""

    auth_token: Annotated[Secret, Meta(min_length=1, max_length=255)] | UnsetType = UNSET


class ProviderCreate(Body, kw_only=True):
    """POST /branding/phone/providers."""

    name: ProviderName
    credentials: Credentials
    disabled: bool = False
    configuration: Configuration | UnsetType = UNSET


class ProviderUpdate(Body):
    """PATCH /branding/phone/providers/{id}."""

    name: ProviderName | UnsetType = UNSET
    credentials: Credentials | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    configuration: Configuration | UnsetType = UNSET


class ProviderView(View):
    """A provider, without what is secret."""

    id: str
    tenant: str
    name: str
    channel: str
    disabled: bool
    created_at: str
    updated_at: str
    configuration: Configuration | UnsetType = UNSET


class ProvidersView(View):
    """GET /branding/phone/providers."""

    providers: list[ProviderView]


class TemplateBody(Body):
    """``content.body``: what is sent, and what is spoken."""

    text: Words | UnsetType = UNSET
    voice: Words | UnsetType = UNSET


class Content(Body):
    """``content``."""

    syntax: Literal["liquid"] | UnsetType = UNSET
    sender: Line | UnsetType = field(default=UNSET, name="from")
    body: TemplateBody | UnsetType = UNSET


class TemplateCreate(Body, kw_only=True):
    """POST /branding/phone/templates."""

    type: TemplateType
    disabled: bool = False
    content: Content | UnsetType = UNSET


class TemplateUpdate(Body):
    """PATCH /branding/phone/templates/{id}."""

    disabled: bool | UnsetType = UNSET
    content: Content | UnsetType = UNSET


class TemplateView(View):
    """A template."""

    id: str
    tenant: str
    channel: str
    type: str
    disabled: bool
    content: Content
    created_at: str
    updated_at: str


class TemplatesView(View):
    """GET /branding/phone/templates."""

    templates: list[TemplateView]


class Listed(Query):
    """``disabled``: only those that are, or are not."""

    disabled: bool | UnsetType = UNSET
