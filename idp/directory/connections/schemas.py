"""What the Management API takes and shows of connections."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, Query
from idp.foundation.apikit.document import shown
from idp.foundation.apikit.path import identifier

CONNECTION_ID = identifier("connection-id-with-prefix-con", "con_[A-Za-z0-9]{16}", "The id of the connection")
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
ClientId = Annotated[str, Meta(min_length=1, max_length=64)]


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

    name: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=128,
            pattern="^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$",
            description="The name of the connection",
        ),
    ]
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


ConnectionView = shown("Connection", ConnectionCreate, extra={"id": str, "provisioning_ticket_url": str})
ConnectionClientView = shown("ConnectionClient", extra={"client_id": str})
