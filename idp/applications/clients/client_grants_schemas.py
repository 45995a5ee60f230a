"""What the Management API takes and shows of client grants (spec/management-api.md section 6)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.applications.clients.schemas import Text
from idp.foundation.apikit import Body, Query, View


class GrantCreate(Body):
    """POST /client-grants."""

    client_id: Annotated[str, Meta(min_length=1, max_length=64, description="ID of the client")]
    audience: Annotated[
        str, Meta(min_length=1, max_length=600, description="The audience (API identifier) of this client grant")
    ]
    scope: list[Annotated[str, Meta(min_length=1, max_length=280)]] | UnsetType = UNSET
    subject_type: Literal["client", "user"] = "client"
    organization_usage: Literal["deny", "allow", "require"] | UnsetType = UNSET
    allow_any_organization: bool | UnsetType = UNSET
    authorization_details_types: list[Text] | UnsetType = UNSET
    allow_all_scopes: bool | UnsetType = UNSET


class GrantUpdate(Body):
    """PATCH /client-grants/{id}."""

    scope: list[Annotated[str, Meta(min_length=1, max_length=280)]] | UnsetType | None = UNSET
    organization_usage: Literal["deny", "allow", "require"] | UnsetType | None = UNSET
    allow_any_organization: bool | UnsetType | None = UNSET
    authorization_details_types: list[Text] | UnsetType = UNSET
    allow_all_scopes: bool | UnsetType | None = UNSET


class GrantList(Query):
    """GET /client-grants."""

    audience: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    allow_any_organization: bool | UnsetType = UNSET
    subject_type: Literal["client", "user", "anonymous_user"] | UnsetType = UNSET


class ClientGrantView(View):
    """What a client may ask of an API."""

    id: str
    client_id: str
    audience: str
    scope: list[str]
    subject_type: str
    organization_usage: str | UnsetType = UNSET
    allow_any_organization: bool | UnsetType = UNSET
    authorization_details_types: list[str] | UnsetType = UNSET
    allow_all_scopes: bool | UnsetType = UNSET
