"""``/connections/{id}/scim-configuration`` and its tokens, and the list of all configurations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from idp.directory.connections import service as connections
from idp.directory.connections.models import Connection
from idp.directory.provisioning import mapping, service
from idp.directory.provisioning.models import ScimConfiguration, ScimToken
from idp.directory.provisioning.schemas import (
    ConfigurationCreate,
    ConfigurationUpdate,
    ConfigurationView,
    DefaultMappingView,
    NewTokenView,
    RuleView,
    TokenCreate,
    TokenView,
)
from idp.foundation.apikit import Api, Page, PageRequest, Paging, as_view, changes
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import ConnectionId
from idp.foundation.tenancy.work import Work

api = Api("connections.scim_configuration")
PATH = "/connections/{id}/scim-configuration"
KEY = [ScimConfiguration.created_at, ScimConfiguration.connection_id]


@api.get(
    "/connections-scim-configurations",
    scopes={"read:scim_config"},
    paging=Paging.by_checkpoint("scim_configurations"),
    summary="Get all SCIM configurations",
)
def list_configurations(work: Work, page: PageRequest) -> Page[ConfigurationView]:
    """Those of every connection, oldest first."""
    rows = paging.fetch(work.rows, select(ScimConfiguration), page, KEY)
    return Page.of(rows, _views(work, rows.items))


@api.get(PATH, scopes={"read:scim_config"}, summary="Get a connection's SCIM configuration")
def get_configuration(work: Work, id: ConnectionId) -> ConfigurationView:
    """How the connection is provisioned."""
    return _view(work, service.get(work, id))


@api.post(PATH, scopes={"create:scim_config"}, summary="Create a SCIM configuration")
def create_configuration(work: Work, id: ConnectionId, body: ConfigurationCreate) -> ConfigurationView:
    """Let the directory of the connection provision its people."""
    return _view(work, service.create(work, id, _members(body)))


@api.patch(PATH, scopes={"update:scim_config"}, summary="Patch a connection's SCIM configuration")
def update_configuration(work: Work, id: ConnectionId, body: ConfigurationUpdate) -> ConfigurationView:
    """Replace id attribute and mapping."""
    return _view(work, service.change(work, id, _members(body)))


@api.delete(PATH, scopes={"delete:scim_config"}, summary="Delete a connection's SCIM configuration")
def delete_configuration(work: Work, id: ConnectionId) -> None:
    """Provision the connection no longer; its users stay."""
    service.remove(work, id)


@api.get(f"{PATH}/default-mapping", scopes={"read:scim_config"}, summary="Get a connection's default SCIM mapping")
def get_default_mapping(work: Work, id: ConnectionId) -> DefaultMappingView:
    """What a new configuration of the connection maps."""
    connections.get(work, id)
    return DefaultMappingView(mapping=_rules(mapping.DEFAULT))


@api.get(f"{PATH}/tokens", scopes={"read:scim_token"}, summary="Get a connection's SCIM tokens")
def list_tokens(work: Work, id: ConnectionId) -> list[TokenView]:
    """The tokens of its directory, without their values."""
    return [as_view(TokenView, _token(row)) for row in service.tokens(work, id)]


@api.post(f"{PATH}/tokens", scopes={"create:scim_token"}, summary="Create a SCIM token")
def create_token(work: Work, id: ConnectionId, body: TokenCreate) -> NewTokenView:
    """A token for its directory; the value is told once."""
    made = service.create_token(work, id, body.scopes, body.token_lifetime or None)
    return as_view(NewTokenView, {**_token(made.row), "token": made.value})


@api.delete(f"{PATH}/tokens/{{token_id}}", scopes={"delete:scim_token"}, summary="Delete a connection's SCIM token")
def delete_token(work: Work, id: ConnectionId, token_id: str) -> None:
    """End a token."""
    service.delete_token(work, id, token_id)


def _members(body: ConfigurationCreate | ConfigurationUpdate) -> dict[str, Any]:
    members = changes(body)
    if "mapping" in members:
        members["mapping"] = [{"auth0": rule.auth0, "scim": rule.scim} for rule in body.mapping or ()]
    return members


def _view(work: Work, row: ScimConfiguration) -> ConfigurationView:
    return _views(work, [row])[0]


def _views(work: Work, rows: Sequence[ScimConfiguration]) -> list[ConfigurationView]:
    found = work.rows.scalars(select(Connection).where(Connection.id.in_([row.connection_id for row in rows])))
    named = {each.id: each for each in found}
    return [
        ConfigurationView(
            tenant_name=work.tenant_id,
            connection_id=row.connection_id,
            connection_name=named[row.connection_id].name,
            strategy=named[row.connection_id].strategy,
            user_id_attribute=row.user_id_attribute,
            mapping=_rules(row.mapping),
            created_at=clock.iso(row.created_at),
            updated_on=clock.iso(row.updated_at),
        )
        for row in rows
    ]


def _rules(rules: Sequence[Any]) -> list[RuleView]:
    return [RuleView(auth0=rule["auth0"], scim=rule["scim"]) for rule in rules]


def _token(row: ScimToken) -> dict[str, Any]:
    moments = {"valid_until": row.valid_until, "last_used_at": row.last_used_at}
    return {
        "token_id": row.token_id,
        "scopes": row.scopes,
        "created_at": clock.iso(row.created_at),
        **{name: clock.iso(moment) for name, moment in moments.items() if moment is not None},
    }
