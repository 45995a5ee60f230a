"""What the Management API takes and shows of registrations."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from idp.applications.clients.schemas import GrantType
from idp.foundation.apikit import Body, View
from idp.foundation.kernel.formats import WebUrl
from idp.foundation.kernel.secret import ReadableSecret
from idp.tenant.settings.schemas import Hosts

LONGEST_S = 31_536_000


class InitialTokenCreate(Body):
    """POST /initial-access-tokens. ``grant_types`` and ``redirect_hosts`` take the place of the tenant's."""

    name: Annotated[str, Meta(min_length=1, max_length=255)]
    uses: Annotated[int, Meta(ge=1, le=10_000, description="Clients that may register with it")] = 1
    lifetime_in_seconds: Annotated[int, Meta(ge=60, le=LONGEST_S)] = 86_400
    grant_types: Annotated[list[GrantType], Meta(min_length=1, max_length=20)] | UnsetType = UNSET
    redirect_hosts: Hosts | UnsetType = UNSET


class InitialTokenView(View):
    """An initial access token. The token itself is told by the answer that makes it, and by no other."""

    id: str
    name: str
    uses: int
    uses_left: int
    created_at: str
    expires_at: str
    grant_types: list[str] | UnsetType = UNSET
    redirect_hosts: list[str] | UnsetType = UNSET


class InitialTokenMade(InitialTokenView, kw_only=True):
    """A new one."""

    token: ReadableSecret


class DocumentAddress(Body):
    """POST /clients/cimd/preview and /clients/cimd/register."""

    external_client_id: WebUrl


class MappedFields(View):
    """A client as its document makes it."""

    external_client_id: str
    name: str
    app_type: str
    callbacks: list[str]
    grant_types: list[str]
    token_endpoint_auth_method: str
    logo_uri: str | UnsetType = UNSET
    jwks_uri: str | UnsetType = UNSET


class DocumentValidation(View):
    """Whether a document is good, and what is wrong with it."""

    valid: bool
    violations: list[str]
    warnings: list[str]


class DocumentPreview(View):
    """What a document would make, and the client that it made already."""

    validation: DocumentValidation
    client_id: str | UnsetType = UNSET
    external_metadata_created_by: str | UnsetType = UNSET
    errors: list[str] | UnsetType = UNSET
    mapped_fields: MappedFields | UnsetType = UNSET


class DocumentRegistered(View):
    """The client of a document."""

    client_id: str
    mapped_fields: MappedFields
    validation: DocumentValidation
