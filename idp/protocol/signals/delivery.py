"""Push (RFC 8935): the worker posts what waits for a stream, the oldest first, one at a time."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from idp.foundation import egress
from idp.foundation.queue.tasks import GiveUp, TryLater, Unanswered
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import kept, runtime, service, types
from idp.protocol.signals.documents import SetError
from idp.protocol.signals.kept import Kept
from idp.protocol.signals.runtime import StreamConfig

MOST_AT_ONCE: Final = 5
"""Events of one turn: with the deadline of each it ends within the lease of its lane."""
LATER: Final = frozenset({"authentication_failed", "access_denied"})
"""What a receiver may say of us that its operator can mend; everything else is about the event (RFC 8935 2.4)."""
BAD_REQUEST: Final = 400


def prepare() -> None:
    """Import the client for outbound calls, in one thread (:func:`idp.foundation.queue.tasks.find`)."""
    egress.load()


def push(work: Work, payload: dict[str, Any]) -> None:
    """Deliver what waits. Raises TryLater, Unanswered, GiveUp. Handler of :data:`.kept.TASK`."""
    stream: StreamConfig | None = None
    for _ in range(MOST_AT_ONCE):
        stream = runtime.read(work, payload["stream_id"])
        if stream is None or stream.method != types.PUSH or stream.endpoint_url is None:
            return  # it is gone, or fetches its events
        if not runtime.may_hear(work, stream):
            return  # as it is told when it fetches: what waits goes with its age
        event = kept.take(work, stream)
        if event is None:
            return
        _deliver(work, stream, stream.endpoint_url, event)
    if stream is not None:
        with work.transaction():
            kept.send(work, stream)


def _deliver(work: Work, stream: StreamConfig, url: str, event: Kept) -> None:
    try:
        answer = _posted(work, stream, url, kept.signed(work, event))
    except egress.EgressError as error:
        service.failed(work, stream, event.id, str(error))
        if isinstance(error, egress.Refused):
            raise GiveUp(str(error)) from error  # the address will not become allowed by waiting
        raise Unanswered(str(error)) from error
    if 200 <= answer.status < 300:
        service.delivered(work, stream, [event.id])
        return
    said = _error(answer.body) if answer.status == BAD_REQUEST else None
    if said is not None and said.err not in LATER:
        service.refused(work, stream, event.id, f"the receiver answered {said.err}: {said.description}")
        return
    why = f"the receiver answered {answer.status}" + (f" {said.err}" if said is not None else "")
    service.failed(work, stream, event.id, why)
    raise TryLater(why)


def _posted(work: Work, stream: StreamConfig, url: str, token: str) -> egress.Answer:
    """RFC 8935 2.1."""
    headers = {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}
    header = runtime.authorization(work, stream)
    if header is not None:
        headers["Authorization"] = header
    client = egress.load()
    answer: egress.Answer = client.post(work.platform.settings, url, body=token.encode("ascii"), headers=headers)
    return answer


def _error(body: bytes) -> SetError | None:
    """RFC 8935 2.3; None where it is none."""
    try:
        return msgspec.json.decode(body[:65_536], type=SetError)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
