"""What the Management API takes and shows of provisioning."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from idp.directory.provisioning.mapping import MOST_RULES
from idp.directory.provisioning.service import SHORTEST_S
from idp.foundation.apikit import Body, View
from idp.foundation.kernel.secret import ReadableSecret

Path = Annotated[str, Meta(min_length=1, max_length=200)]


class Rule(Body):
    """One attribute of the profile and the SCIM attribute it comes from."""

    auth0: Annotated[str, Meta(min_length=1, max_length=100)]
    scim: Path


Rules = Annotated[list[Rule], Meta(max_length=MOST_RULES)]


class RuleView(View):
    """As :class:`Rule`."""

    auth0: str
    scim: str


class ConfigurationCreate(Body):
    """POST /connections/{id}/scim-configuration."""

    user_id_attribute: Path | UnsetType = UNSET
    mapping: Rules | UnsetType = UNSET


class ConfigurationUpdate(Body):
    """PATCH of the same: both are replaced."""

    user_id_attribute: Path
    mapping: Rules


class ConfigurationView(View):
    """How a connection is provisioned."""

    tenant_name: str
    connection_id: str
    connection_name: str
    strategy: str
    user_id_attribute: str
    mapping: list[RuleView]
    created_at: str
    updated_on: str


class DefaultMappingView(View):
    """What a new configuration maps."""

    mapping: list[RuleView]


class TokenCreate(Body):
    """POST /connections/{id}/scim-configuration/tokens. ``token_lifetime`` is in seconds; without it the token is good
    until it is deleted.
    """

    scopes: Annotated[list[Annotated[str, Meta(max_length=50)]], Meta(min_length=1, max_length=20)]
    token_lifetime: Annotated[int, Meta(ge=SHORTEST_S, le=315_360_000)] | UnsetType | None = UNSET


class TokenView(View):
    """A token, without its value."""

    token_id: str
    scopes: list[str]
    created_at: str
    valid_until: str | UnsetType = UNSET
    last_used_at: str | UnsetType = UNSET


class NewTokenView(View):
    """A token that was just made: its value is told here and never again."""

    token_id: str
    token: ReadableSecret
    scopes: list[str]
    created_at: str
    valid_until: str | UnsetType = UNSET
