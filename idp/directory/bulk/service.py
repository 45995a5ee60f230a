"""Use cases on jobs: ask for one, look at one. What a job does is :mod:`.importing` and :mod:`.exporting`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs
from sqlalchemy import func, select

from idp.applications.clients import runtime as clients
from idp.directory.bulk import exporting, importing, limits, parts, progress
from idp.directory.bulk.models import Job, JobError
from idp.directory.connections import runtime as connections
from idp.directory.connections import service as stored_connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import service as users
from idp.directory.users.models import Identity, User, UserCount
from idp.directory.users.provision import FoundUser, by_identity
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.actor import DASHBOARD
from idp.foundation.kernel.errors import BadRequest, NotFound, TooManyRequests
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.queue import outbox
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work

IMPORT, EXPORT, VERIFICATION = "users_import", "users_export", "verification_email"
LOG_EXPORT = "log_export"
FILES = (EXPORT, LOG_EXPORT)
"""Kinds that come to a file."""
_MOST_ACTIVE = {
    IMPORT: limits.MOST_ACTIVE_IMPORTS,
    EXPORT: limits.MOST_ACTIVE_EXPORTS,
    LOG_EXPORT: limits.MOST_ACTIVE_EXPORTS,
    "batch": limits.MOST_ACTIVE_BATCHES,
}
_ENDS_MS = {
    IMPORT: limits.IMPORT_ENDS_MS,
    EXPORT: limits.EXPORT_ENDS_MS,
    LOG_EXPORT: limits.EXPORT_ENDS_MS,
    "batch": limits.BATCH_ENDS_MS,
}
_OURS = frozenset({"batch", LOG_EXPORT})
"""Kinds that the Management API does not have."""


def ask_import(work: Work, connection_id: str, file: bytes, asked: Mapping[str, Any]) -> Job:
    """Take a file of users and have it imported. ``asked``: ``upsert``, ``external_id``, ``send_completion_email``.

    :raises BadRequest: there is nothing in the file, or the connection takes no imports.
    :raises TooManyRequests: as many imports of the tenant are under way as may be.
    """
    if not file.strip():
        raise fault(BODY, "The file of users is empty", "users")
    connection = _imports_into(work, connection_id)
    with work.transaction():
        document = {**asked, **asked_by(work), "connection": connection.name, "size": len(file)}
        job = made(work, IMPORT, document, connection_id=connection.id)
        parts.keep_file(work, job.id, parts.READ, file)
        outbox.put(work, importing.TASK, {"job_id": job.id})
    return job


def asked_by(work: Work) -> dict[str, Any]:
    """Who asked at the dashboard: their rights count when the work is done."""
    actor = work.actor
    if actor.channel != DASHBOARD or actor.user_id is None:
        return {}
    return {"by": {"user_id": actor.user_id, "name": actor.name or actor.user_id}}


def ask_export(work: Work, connection_id: str | None, asked: Mapping[str, Any]) -> Job:
    """Have users exported. ``asked``: ``format``, ``limit``, ``fields``; ``query`` finds them, ``user_ids`` names them.

    :raises BadRequest: there is no such connection, or the format cannot hold the fields.
    :raises TooManyRequests: as many exports of the tenant are under way as may be.
    """
    connection = connections.find(work, connection_id) if connection_id else None
    if connection_id and connection is None:
        raise BadRequest("The connection does not exist.", "inexistent_connection")
    exporting.check(asked)
    with work.transaction():
        named = {"connection": connection.name} if connection else {}
        expected = work.rows.scalar(select(func.sum(UserCount.amount))) or 0
        document = {**asked, **named, "expected": min(int(expected), asked.get("limit") or int(expected))}
        job = made(work, EXPORT, document, connection_id=connection_id)
        outbox.put(work, exporting.TASK, {"job_id": job.id})
    return job


def ask_verification(
    work: Work,
    user_id: str,
    *,
    client_id: str | None = None,
    identity: Mapping[str, Any] | None = None,
    organization_id: str | None = None,
) -> Job:
    """Have the mail sent that proves an address of a user, that of ``identity`` where it is named.

    :raises BadRequest: there is no such account, it has no address, or nobody could prove one there.
    :raises NotFound: there is no such user.
    """
    user = users.get(work, user_id)
    if organization_id is not None:
        raise BadRequest("The organization does not exist.", "inexistent_organization")
    account = _account(work, user, identity)
    if client_id is not None and clients.find(work, client_id) is None:
        raise BadRequest("The client does not exist.", "inexistent_client")
    connection = connections.find(work, account.connection_id)
    if connection is None:
        raise BadRequest("The connection does not exist.", "inexistent_connection")
    if not connection.is_database:
        raise BadRequest("The user's connection is not a database.", "operation_not_supported")
    found = by_identity(work, account.connection_id, account.identity_user_id)
    email = (account.profile_data or {}).get("email") if account.position else user.email
    if found is None or not email:
        raise BadRequest("The user has no email address.", "operation_not_supported")
    with work.transaction():
        job = made(work, VERIFICATION, {"user_id": user_id}, status=progress.COMPLETED)
        users.ask_to_prove(work, _with_address(found, email), client_id=client_id, locale="")
    return job


def find(work: Work, job_id: str, *, every: bool = False) -> Job:
    """The job, for as long as anything is known of it. ``every``: also of kinds that the Management API does not have.

    :raises NotFound: there is none.
    """
    job = work.rows.get(Job, (work.tenant_id, job_id))
    hidden = job is not None and not every and (job.type in _OURS or job.document.get("dry_run"))
    if job is None or hidden or job.created_at + limits.KEEP_MS < clock.now_ms():
        raise NotFound("The job does not exist.", "inexistent_job")
    return job


def errors(work: Work, job: Job) -> Sequence[Mapping[str, Any]]:
    """Why rows of an import were refused, in the order of the file."""
    rows = select(JobError.document).where(JobError.job_id == job.id).order_by(JobError.row)
    return list(work.rows.scalars(rows))


def status(job: Job) -> str:
    """How the job stands: also of one whose worker never came back."""
    moment = clock.now_ms()
    if job.status in progress.ACTIVE and job.created_at + _ENDS_MS.get(job.type, limits.KEEP_MS) < moment:
        return progress.FAILED
    done = job.type == IMPORT and job.status == progress.COMPLETED and job.finished_at is not None
    return "expired" if done and (job.finished_at or 0) + limits.IMPORT_ENDS_MS < moment else job.status


def made(
    work: Work,
    kind: str,
    document: Mapping[str, Any],
    *,
    connection_id: str | None = None,
    status: str = progress.PENDING,
) -> Job:
    """A job of that kind, in the caller's transaction. The tenant's row stands for the number of those under way.

    :raises TooManyRequests: as many as may be are under way.
    """
    most = _MOST_ACTIVE.get(kind)
    if most is not None:
        work.rows.lock_one(Tenant, work.tenant_id)
        since = clock.now_ms() - _ENDS_MS[kind]
        active = (Job.type == kind, Job.status.in_(progress.ACTIVE), Job.created_at > since)
        if (work.rows.scalar(select(func.count()).select_from(Job).where(*active)) or 0) >= most:
            raise TooManyRequests(f"There are {most} active {kind} jobs, please wait until some of them are finished.")
    moment = clock.now_ms()
    job = Job(
        id=ids.prefixed("job"),
        type=kind,
        status=status,
        connection_id=connection_id,
        document=dict(document),
        created_at=moment,
        finished_at=moment if status == progress.COMPLETED else None,
        position=0,
        parts=0,
        percentage=0,
        total=0,
        inserted=0,
        updated=0,
        failed=0,
    )
    work.rows.add(job)
    work.rows.flush()
    return job


def _imports_into(work: Work, connection_id: str) -> ConnectionConfig:
    connection = connections.find(work, connection_id)
    if connection is None:
        raise BadRequest("The connection does not exist.", "inexistent_connection")
    if not connection.is_database:
        raise BadRequest("Users can be imported into database connections only.", "operation_not_supported")
    if not connection.keeps_accounts:
        raise BadRequest(
            "Users can be imported into a custom database only while it imports users itself.",
            "operation_not_supported",
        )
    if not stored_connections.clients_of(work, [connection.id]).get(connection.id):
        raise BadRequest("The connection is disabled for every application.", "operation_not_supported")
    return connection


def _account(work: Work, user: User, identity: Mapping[str, Any] | None) -> Identity:
    mine = work.rows.scalars(select(Identity).where(Identity.user_id == user.user_id).order_by(Identity.position)).all()
    for each in mine:
        if identity is None or (
            each.identity_user_id == identity["user_id"]
            and identity.get("provider", each.provider) == each.provider
            and identity.get("connection_id", each.connection_id) == each.connection_id
        ):
            return each
    raise BadRequest("The user has no such identity.", "inexistent_identity")


def _with_address(found: FoundUser, email: str) -> FoundUser:
    """A linked account's own address stands beside its identity."""
    return structs.replace(found, email=email)
