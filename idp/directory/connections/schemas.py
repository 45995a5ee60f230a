"""What the Management API takes and shows of connections."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, Query, View
from idp.foundation.kernel.formats import ClientId, ConnectionName

Document = dict[str, Any]
Options = Annotated[Document, Meta(description="The connection's options")]
Strategy = Literal[
    "ad",
    "adfs",
    "amazon",
    "apple",
    "asana",
    "atlassian",
    "auth0",
    "auth0-adldap",
    "auth0-oidc",
    "baidu",
    "bitbucket",
    "bitly",
    "box",
    "cloudflare-mcp",
    "custom",
    "daccount",
    "dropbox",
    "dwolla",
    "email",
    "evernote",
    "evernote-sandbox",
    "exact",
    "facebook",
    "fitbit",
    "github",
    "gitlab",
    "google-apps",
    "google-oauth2",
    "hubspot-mcp",
    "instagram",
    "ip",
    "line",
    "linear-mcp",
    "linkedin",
    "notion-mcp",
    "oauth1",
    "oauth2",
    "office365",
    "oidc",
    "okta",
    "paypal",
    "paypal-sandbox",
    "pingfederate",
    "planningcenter",
    "salesforce",
    "salesforce-community",
    "salesforce-sandbox",
    "samlp",
    "sentry-mcp",
    "sharepoint",
    "shop",
    "shopify",
    "slack",
    "sms",
    "soundcloud",
    "thirtysevensignals",
    "twitter",
    "untappd",
    "vkontakte",
    "waad",
    "weibo",
    "windowslive",
    "wordpress",
    "yahoo",
    "yandex",
]


class Active(Body):
    """A purpose that is switched on or off."""

    active: bool
    cross_app_access: bool | UnsetType = UNSET
    allow_missing_user_id: bool | UnsetType = UNSET


class _Members(Body):
    """What create and update share."""

    display_name: Annotated[str, Meta(max_length=128)] | UnsetType | None = UNSET
    options: Options | UnsetType | None = UNSET
    enabled_clients: list[ClientId] | UnsetType = UNSET
    is_domain_connection: bool | UnsetType = UNSET
    show_as_button: bool | UnsetType = UNSET
    realms: list[Annotated[str, Meta(max_length=128)]] | UnsetType = UNSET
    metadata: dict[Annotated[str, Meta(max_length=255)], Annotated[str, Meta(max_length=255)] | None] | UnsetType = (
        UNSET
    )
    authentication: Active | UnsetType = UNSET
    connected_accounts: Active | UnsetType = UNSET
    cross_app_access_requesting_app: Document | UnsetType = UNSET
    cross_app_access_resource_app: Document | UnsetType = UNSET


class ConnectionCreate(_Members, kw_only=True):
    """POST /connections."""

    name: ConnectionName
    strategy: Strategy


class ConnectionUpdate(_Members):
    """PATCH /connections/{id}; name and strategy never change, ``options`` is replaced whole."""


class ConnectionList(Query):
    """GET /connections."""

    strategy: list[str] | UnsetType = UNSET
    name: str | UnsetType = UNSET


class ByEmail(Query):
    """DELETE /connections/{id}/users."""

    email: str


class ClientStatus(Body):
    """An entry of PATCH /connections/{id}/clients."""

    client_id: ClientId
    status: bool


class ConnectionView(View):
    """A connection; secret options only for those who may read connections (security.md SEC1)."""

    id: str
    name: str
    strategy: str
    options: Document
    enabled_clients: list[str]
    display_name: str | UnsetType = UNSET
    is_domain_connection: bool | UnsetType = UNSET
    show_as_button: bool | UnsetType = UNSET
    realms: list[str] | UnsetType = UNSET
    metadata: dict[str, str | None] | UnsetType = UNSET
    authentication: Active | UnsetType = UNSET
    connected_accounts: Active | UnsetType = UNSET
    cross_app_access_requesting_app: Document | UnsetType = UNSET
    cross_app_access_resource_app: Document | UnsetType = UNSET


class DeletedView(View):
    """When a connection was deleted."""

    deleted_at: str


class StatusView(View):
    """Whether a connection can be used."""

    status: str


class ConnectionClientView(View):
    """A client that may use a connection."""

    client_id: str
