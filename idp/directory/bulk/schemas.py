"""What the Management API takes and shows of jobs (spec/bulk-import-export.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.directory.bulk.limits import MOST_FIELDS
from idp.foundation.apikit import Body, View
from idp.foundation.kernel.formats import ClientId, ConnectionId, Reference, UserId

JobId = Annotated[str, Meta(min_length=1, max_length=64)]
Format = Literal["json", "csv"]
FieldName = Annotated[str, Meta(min_length=1, max_length=100)]


class Import(Body):
    """POST /jobs/users-imports: ``users`` is the file."""

    users: Annotated[bytes, Meta(description="A file with users in JSON")]
    connection_id: ConnectionId
    upsert: bool = False
    external_id: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    send_completion_email: bool = True


class ExportField(Body):
    """A member of users by its path, and what it is called in the file."""

    name: FieldName
    export_as: FieldName | UnsetType = UNSET


class Export(Body):
    """POST /jobs/users-exports."""

    connection_id: ConnectionId | UnsetType = UNSET
    format: Format | UnsetType = UNSET
    limit: Annotated[int, Meta(ge=1, le=2**31 - 1)] | UnsetType = UNSET
    fields: Annotated[list[ExportField], Meta(max_length=MOST_FIELDS)] | UnsetType = UNSET


class JobIdentity(Body):
    """Which account of a user is meant."""

    user_id: Annotated[str, Meta(min_length=1, max_length=255)]
    provider: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    connection_id: Reference | UnsetType = UNSET


class VerificationEmail(Body):
    """POST /jobs/verification-email."""

    user_id: UserId
    client_id: ClientId | UnsetType = UNSET
    identity: JobIdentity | UnsetType = UNSET
    organization_id: Reference | UnsetType = UNSET


class Summary(View):
    """What became of the rows of an import."""

    failed: int
    updated: int
    inserted: int
    total: int


class FieldView(View):
    """See :class:`ExportField`."""

    name: str
    export_as: str | UnsetType = UNSET


class JobView(View):
    """A job, whatever its type."""

    id: str
    type: str
    status: str
    created_at: str
    connection_id: str | UnsetType = UNSET
    connection: str | UnsetType = UNSET
    upsert: bool | UnsetType = UNSET
    external_id: str | UnsetType = UNSET
    send_completion_email: bool | UnsetType = UNSET
    format: Format | UnsetType = UNSET
    limit: int | UnsetType = UNSET
    fields: list[FieldView] | UnsetType = UNSET
    percentage_done: int | UnsetType = UNSET
    time_left_seconds: int | UnsetType = UNSET
    location: str | UnsetType = UNSET
    status_details: str | UnsetType = UNSET
    summary: Summary | UnsetType = UNSET


class ErrorView(View):
    """One thing that is wrong with a row."""

    code: str
    message: str
    path: str | UnsetType = UNSET


class RowErrors(View):
    """A row that was refused, without its secrets."""

    user: dict[str, Any]
    errors: list[ErrorView]
