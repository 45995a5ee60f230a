"""Use cases on streams: what receivers do with their own, what administrators do with any, what becomes of one that
does not answer. The only place that changes a stream.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET
from sqlalchemy import bindparam, delete, func, null, or_, select, update

from idp.applications.clients.runtime import ClientConfig
from idp.applications.registration import uses
from idp.foundation.db.hot import Statement, UniqueViolation
from idp.foundation.db.insert_row import insert_row
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import Conflict, NotFound, OAuthError, invalid_request
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import documents, kept, runtime, types
from idp.protocol.signals.documents import DeliveryAsked, StreamAsked
from idp.protocol.signals.log_types import SignalLog
from idp.protocol.signals.models import SignalStream, SignalSubject
from idp.protocol.signals.runtime import StreamConfig
from idp.tenant.audit import log, writes

RECORDED: Final = "shared-signals"
"""What the log calls streams, as the addresses of the Management API do."""
PAUSE_AFTER_MS: Final = 24 * 3_600_000
"""A stream whose deliveries failed for so long is paused."""
FAILING: Final = "Deliveries have failed for a day"
"""What its receiver is told then. How they failed is for administrators: it may tell where names of the network lead.
"""
GONE: Final = "This receiver has no stream of that id"
_S = SignalStream
_COUNT = Statement(
    "signal_streams_count",
    select(func.count()).select_from(_S).where(_S.tenant_id == bindparam("tenant")),
    row=int,
)
_INSERT = Statement(
    "signal_stream_insert",
    insert_row(_S, without=(_S.reason, _S.held_by, _S.verified_at, _S.delivered_at, _S.failing_since, _S.failure)),
)
_ONE = (_S.tenant_id == bindparam("tenant"), _S.id == bindparam("stream"))
_VERIFY = Statement(
    "signal_stream_verify",
    update(_S)
    .where(*_ONE, or_(_S.verified_at.is_(None), _S.verified_at <= bindparam("since")))
    .values(verified_at=bindparam("now")),
)
_DELIVERED = Statement(
    "signal_stream_delivered",
    update(_S).where(*_ONE).values(delivered_at=bindparam("now"), failing_since=null(), failure=null()),
)


def own(work: Work, client: ClientConfig, stream_id: str) -> StreamConfig:
    """The receiver's own stream. Raises OAuthError 404, also for text that no store keeps."""
    found = runtime.read(work, stream_id) if stream_id.isascii() and stream_id.isprintable() else None
    if found is None or found.client_id != client.client_id:
        raise OAuthError("not_found", GONE, status=404)
    return found


def create(work: Work, client: ClientConfig, asked: StreamAsked) -> StreamConfig:
    """The receiver's one stream (SSF 8.1.1.1).

    :raises OAuthError: 400; 409 for a second one; 403 where the tenant has as many as it may.
    """
    if asked.stream_id is not UNSET:
        raise invalid_request("stream_id is not for the receiver to say")
    id_ = ids.prefixed("sst", 24)
    members = _members(work, client, id_, asked)
    moment = clock.now_ms()
    with work.transaction():
        try:
            work.hot.run(
                _INSERT,
                tenant_id=work.tenant_id,
                id=id_,
                client_id=client.client_id,
                domain=work.config.domain.name if work.config.domain is not None else None,
                status=types.ENABLED,
                created_at=moment,
                updated_at=moment,
                **{**members, "events": msgspec.json.encode(members["events"]).decode()},
            )
        except UniqueViolation as error:
            raise OAuthError("conflict", "This receiver has a stream already", status=409) from error
        work.rows.lock_one(Tenant, work.tenant_id)  # it stands for the number of them; last, as whoever removes one
        if (work.hot.one(_COUNT, tenant=work.tenant_id) or 0) > runtime.MOST_STREAMS:
            raise OAuthError("access_denied", "The tenant has as many streams as it may", status=403)
        made = _now(work, id_)
        _note(work, SignalLog.STREAM_MADE, made, object=_name(made))
        work.configuration_changed()
    return made


def change(work: Work, client: ClientConfig, asked: StreamAsked, *, whole: bool) -> StreamConfig:
    """What the receiver says of its stream from now on: some of it (PATCH), or all (``whole``, PUT).

    :raises OAuthError: 400, 404.
    """
    if asked.stream_id is UNSET:
        raise invalid_request("stream_id is missing")
    stream_id = str(asked.stream_id)
    with work.transaction():
        stream = own(work, client, stream_id)
        documents.check_supplied(work, stream, asked)
        row = work.rows.lock_one(SignalStream, stream_id)
        if row is None:
            raise OAuthError("not_found", GONE, status=404)
        members = _members(work, client, stream_id, asked)
        said = {
            "events": asked.events_requested,
            "subject_format": asked.format,
            "description": asked.description,
            **dict.fromkeys(("method", "endpoint_url", "authorization_sealed"), asked.delivery),
        }
        for name, value in members.items():
            if whole or said[name] is not UNSET:
                setattr(row, name, value)
        row.updated_at = clock.now_ms()
        work.rows.flush()
        changed = _now(work, stream_id)
        if changed.method != stream.method or changed.endpoint_url != stream.endpoint_url:
            kept.send(work, changed)
        _note(work, SignalLog.STREAM_CHANGED, changed, object=_name(changed))
        work.configuration_changed()
    return changed


def set_status(work: Work, client: ClientConfig, stream_id: str, status: str, reason: str | None) -> StreamConfig:
    """The receiver pauses, resumes or disables its stream (SSF 8.1.2.2).

    :raises OAuthError: 400, 404; 403 where an administrator holds it back.
    """
    if status not in types.STATUSES:
        raise invalid_request("status must be enabled, paused or disabled")
    with work.transaction():
        own(work, client, stream_id)
        _refuse_held(work.rows.lock_one(SignalStream, stream_id))
        return _set_status(work, stream_id, status, reason, types.RECEIVER)


def set_by_administrator(work: Work, stream_id: str, status: str) -> StreamConfig:
    """An administrator pauses, disables or resumes a stream; its receiver is told (SSF 8.1.5). One that its receiver
    paused itself, or that failed, is the administrator's to resume from then on. Raises NotFound.
    """
    with work.transaction():
        row = work.rows.lock_one(SignalStream, stream_id)
        if row is None:
            raise NotFound("The stream does not exist", "inexistent_stream")
        before = row.status
        if before == status and (status == types.ENABLED or row.held_by == types.ADMINISTRATOR):
            return _now(work, stream_id)
        changed = _set_status(work, stream_id, status, None, types.ADMINISTRATOR)
        if before != status:
            writes.note(work, RECORDED, stream_id, "status", old=before, new=status)
            _tell_status(work, changed, "An administrator changed the stream")
        return changed


def remove_own(work: Work, client: ClientConfig, stream_id: str) -> None:
    """The receiver deletes its stream (SSF 8.1.1.5). One that an administrator holds back stays: the receiver would
    make the next one, which nobody holds.

    :raises OAuthError: 404; 403 where an administrator holds it back.
    """
    with work.transaction():
        stream = own(work, client, stream_id)
        _refuse_held(work.rows.lock_one(SignalStream, stream_id))
        remove(work, stream)


def _refuse_held(row: SignalStream | None) -> None:
    """``row`` is locked: an administrator's word counts from its commit."""
    if row is not None and row.held_by == types.ADMINISTRATOR:
        raise OAuthError("access_denied", "An administrator holds the stream back", status=403)


def remove(work: Work, stream: StreamConfig) -> None:
    """The stream, and everything that waits for it."""
    with work.transaction():
        row = work.rows.lock_one(SignalStream, stream.id)
        if row is None:
            return
        kept.forget(work, stream.id)
        work.rows.execute(delete(SignalSubject).where(SignalSubject.stream_id == stream.id))
        work.rows.delete(row)
        work.rows.flush()
        _note(work, SignalLog.STREAM_REMOVED, stream)
        work.configuration_changed()


def remove_of_client(work: Work, client_id: str) -> None:
    """The like of a receiver that is gone."""
    stream = runtime.of_client(work, client_id)
    if stream is not None:
        remove(work, stream)


def verify(work: Work, stream: StreamConfig, state: str | None, *, limited: bool = True) -> None:
    """Send an event that proves the stream (SSF 8.1.4). While it is paused it waits with the others.

    :raises OAuthError: 429 for a receiver that asks too often, 400 where the stream is disabled.
    :raises Conflict: the like for an administrator.
    """
    if stream.status == types.DISABLED:
        if limited:
            raise invalid_request("The stream is disabled")
        raise Conflict("The stream is disabled", "stream_disabled")
    moment = clock.now_ms()
    since = moment - documents.VERIFY_EVERY_S * 1000 if limited else moment
    with work.transaction():
        if not work.hot.run(_VERIFY, tenant=work.tenant_id, stream=stream.id, now=moment, since=since):
            wait = {"Retry-After": str(documents.VERIFY_EVERY_S)}
            raise OAuthError("slow_down", "Verification was asked for too often", status=429, headers=wait)
        said = {"state": state} if state is not None else {}
        _tell_of(work, stream, types.VERIFICATION, said, always=False)


def delivered(work: Work, stream: StreamConfig, event_ids: list[str]) -> None:
    """The receiver has these."""
    if not event_ids:
        return
    with work.transaction():
        taken = kept.done(work, stream, event_ids)
        if taken:
            work.hot.run(_DELIVERED, tenant=work.tenant_id, stream=stream.id, now=clock.now_ms())
            client = runtime.receiver(work, stream)
            if client is not None:
                uses.note(work, client)
            _note(work, SignalLog.DELIVERED, stream, details={"events": taken})


def refused(work: Work, stream: StreamConfig, event_id: str, why: str) -> None:
    """The receiver says that there is something wrong with an event, which another try will not mend."""
    with work.transaction():
        if kept.done(work, stream, [event_id]):
            _note(work, SignalLog.DELIVERY_FAILED, stream, why, details={"jti": event_id})


def failed(work: Work, stream: StreamConfig, event_id: str, why: str) -> None:
    """An event did not arrive and waits. Whoever has not taken anything for a day is left alone."""
    moment = clock.now_ms()
    with work.transaction():
        row = work.rows.lock_one(SignalStream, stream.id)
        if row is None:
            return
        kept.release(work, stream, event_id)
        row.failing_since = moment if row.failing_since is None else row.failing_since
        row.failure = why[:500]
        work.rows.flush()
        _note(work, SignalLog.DELIVERY_FAILED, stream, why, details={"jti": event_id})
        if moment - row.failing_since >= PAUSE_AFTER_MS and row.status == types.ENABLED:
            paused = _set_status(work, stream.id, types.PAUSED, FAILING, types.TRANSMITTER)
            _tell_status(work, paused, FAILING)
            _note(work, SignalLog.STREAM_PAUSED, paused, why, object=_name(paused))


def _members(work: Work, client: ClientConfig, stream_id: str, asked: StreamAsked) -> dict[str, Any]:
    """The columns that a receiver fills; what it does not say is as if it never had."""
    delivery = asked.delivery if isinstance(asked.delivery, DeliveryAsked) else None
    method = documents.method_of(delivery)
    url, header = None, None
    if delivery is not None and method == types.PUSH:
        url = documents.push_address(delivery, development=work.platform.settings.development)
        header = documents.header_of(delivery)
    named = asked.format if isinstance(asked.format, str) else types.ISS_SUB
    _check_format(client, named)
    sealer = work.sealer(SignalStream.authorization_sealed, id=stream_id)
    return {
        "method": method,
        "endpoint_url": url,
        "authorization_sealed": sealer.seal(header) if header is not None else None,
        "events": list(asked.events_requested) if isinstance(asked.events_requested, list) else [],
        "subject_format": named,
        "description": asked.description if isinstance(asked.description, str) else None,
    }


def _check_format(client: ClientConfig, named: str) -> None:
    """Addresses go to applications of the tenant's own alone, and to none that knows people by names of its own
    (docs/decisions/0379).
    """
    if named not in types.FORMATS:
        raise invalid_request("The format of subjects is not supported")
    if named == types.EMAIL and not runtime.by_address(client):
        raise invalid_request("This receiver knows people by iss_sub alone")


def _set_status(work: Work, stream_id: str, status: str, reason: str | None, by: str) -> StreamConfig:
    row = work.rows.lock_one(SignalStream, stream_id)
    if row is None:
        raise OAuthError("not_found", GONE, status=404)
    row.status, row.reason = status, reason
    row.held_by = None if status == types.ENABLED else by
    row.updated_at = clock.now_ms()
    if status == types.ENABLED:
        row.failing_since = row.failure = None
    work.rows.flush()
    changed = _now(work, stream_id)
    if status == types.DISABLED:
        kept.forget(work, stream_id)
    if status == types.ENABLED:
        kept.send(work, changed)
    about = {"object": _name(changed)} if by == types.RECEIVER else {}  # others write entries of their own
    _note(work, SignalLog.STREAM_CHANGED, changed, details={"status": status, "by": by}, **about)
    work.configuration_changed()
    return changed


def _tell_of(work: Work, stream: StreamConfig, event: str, said: dict[str, Any], *, always: bool) -> None:
    """Tell of the stream itself (SSF 8.1.4, 8.1.5); ``always``: even while it is paused."""
    subject = {"format": types.OPAQUE, "id": stream.id}
    kept.put(work, stream, subject, event, said, txn=ids.token(16), about_stream=always)


def _tell_status(work: Work, stream: StreamConfig, reason: str) -> None:
    said = {"status": stream.status, "reason": reason}
    _tell_of(work, stream, types.STREAM_UPDATED, said, always=True)


def _now(work: Work, stream_id: str) -> StreamConfig:
    found = runtime.read(work, stream_id)
    if found is None:
        raise AssertionError("the row of this transaction is there")
    return found


def _name(stream: StreamConfig) -> str:
    """What the log calls it, as where an administrator changes it."""
    return writes.name_of(RECORDED, stream.id)


def _note(work: Work, kind: SignalLog, stream: StreamConfig, description: str | None = None, **more: Any) -> None:
    client = runtime.receiver(work, stream)
    members = {"client_id": stream.client_id, "client_name": client.name if client is not None else None}
    details = {"stream_id": stream.id, **more.pop("details", {})}
    log.write(work, kind, description, details=details, **members, **more)
