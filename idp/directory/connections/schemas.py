"""What the Management API takes and shows of connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from connectors.registry import STRATEGIES
from idp.directory.connections import strategies
from idp.foundation.apikit import Body, Query, View
from idp.foundation.kernel.formats import ClientId, ConnectionName
from idp.foundation.kernel.secret import protected

Options = Annotated[
    dict[str, Any],
    Meta(description="The connection's options"),
    protected(strategies.declared),
]
"""What is a secret among them, the strategy of the connection says."""
if TYPE_CHECKING:
    StrategyName = str
else:
    StrategyName = Literal[tuple(sorted(STRATEGIES))]


class Active(Body):
    """A purpose that is switched on or off."""

    active: bool
    cross_app_access: bool | UnsetType = UNSET
    allow_missing_user_id: bool | UnsetType = UNSET


class RequestingApp(Body):
    """``cross_app_access_requesting_app``."""

    active: bool


class ResourceApp(Body):
    """``cross_app_access_resource_app``."""

    status: Literal["disabled", "enabled"]


MOST_CLIENTS = 1_000
"""Clients that one call names; PATCH /connections/{id}/clients switches one after the other."""


class _Members(Body):
    """What create and update share."""

    display_name: Annotated[str, Meta(max_length=128)] | UnsetType | None = UNSET
    options: Options | UnsetType | None = UNSET
    enabled_clients: Annotated[list[ClientId], Meta(max_length=MOST_CLIENTS)] | UnsetType = UNSET
    is_domain_connection: bool | UnsetType = UNSET
    show_as_button: bool | UnsetType = UNSET
    realms: list[Annotated[str, Meta(max_length=128)]] | UnsetType = UNSET
    metadata: dict[Annotated[str, Meta(max_length=255)], Annotated[str, Meta(max_length=255)] | None] | UnsetType = (
        UNSET
    )
    authentication: Active | UnsetType = UNSET
    connected_accounts: Active | UnsetType = UNSET
    cross_app_access_requesting_app: RequestingApp | UnsetType = UNSET
    cross_app_access_resource_app: ResourceApp | UnsetType = UNSET


class ConnectionCreate(_Members, kw_only=True):
    """POST /connections."""

    name: ConnectionName
    strategy: StrategyName


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
    options: Options
    enabled_clients: list[str]
    display_name: str | UnsetType = UNSET
    is_domain_connection: bool | UnsetType = UNSET
    show_as_button: bool | UnsetType = UNSET
    realms: list[str] | UnsetType = UNSET
    metadata: dict[str, str | None] | UnsetType = UNSET
    authentication: Active | UnsetType = UNSET
    connected_accounts: Active | UnsetType = UNSET
    cross_app_access_requesting_app: RequestingApp | UnsetType = UNSET
    cross_app_access_resource_app: ResourceApp | UnsetType = UNSET


class DeletedView(View):
    """When a connection was deleted."""

    deleted_at: str


class StatusView(View):
    """Whether a connection can be used; ``answers`` are what its source said to which question."""

    status: str
    answers: dict[str, str] | UnsetType = UNSET


class ConnectionClientView(View):
    """A client that may use a connection."""

    client_id: str
