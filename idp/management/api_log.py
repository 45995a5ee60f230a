"""The log entry of each write: who did (``sapi``) or tried (``fapi``) what, without any secret in it (security.md
LOG1).

A refused write is logged unless nobody is known to have tried it (401), there was nothing to write to (404), or logging
it would let a runaway script fill the table (429). Reading leaves no entry. Of the caller's scopes those are kept that
the operation asks for: a machine may carry hundreds, and each entry would repeat them.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from idp.foundation.apikit import Endpoint
from idp.foundation.apikit.answers import Answer
from idp.foundation.apikit.request import RawRequest
from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.actor import API
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.redaction import HIDDEN, foreign, printable
from idp.foundation.kernel.secret import FOREIGN, Shape, shape_of
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log, writes
from idp.tenant.audit.log_types import ApiLog

DONE, REFUSED = ApiLog.DONE, ApiLog.REFUSED
UNLOGGED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS})


def record(work: Work, endpoint: Endpoint, path: str, raw: RawRequest, answer: Answer) -> None:
    """Add the entry to the call's unit of work, so that it is committed with the change or not at all: with old and new
    values of what changed, and the object that it is about (:mod:`idp.tenant.audit.writes`).
    """
    changes = writes.taken(work)
    kind = endpoint.path.split("/")[1]
    about = writes.object_of(changes, kind, _named(kind, raw))
    _write(work, DONE, endpoint.summary, {**_details(work, endpoint, path, raw, answer), **writes.told(changes)}, about)


def refused(work: Work, endpoint: Endpoint, path: str, raw: RawRequest, answer: Answer) -> None:
    """Write the entry of a write that was not done, before its answer leaves; nothing where none is kept."""
    if endpoint.method == "GET" or not 400 <= answer.status < 500 or answer.status in UNLOGGED:
        return
    details = _details(work, endpoint, path, raw, answer)
    about = _named(endpoint.path.split("/")[1], raw)
    _write(work, REFUSED, str(details["response"]["body"].get("message") or endpoint.summary), details, about)


def redact(value: Any, declared: Any = None) -> Any:
    """``value`` without the content of secrets and without the user part of URLs.

    What ``declared``, its type, says decides; in what no type declares, the words of names do.
    """
    return _redact("", value, FOREIGN if declared is None else shape_of(declared))


def _redact(name: str, value: Any, shape: Shape) -> Any:
    if shape.secret:
        return value if document_encryption.holds_nothing(value) else HIDDEN
    if isinstance(value, dict) and (shape.members or not (shape.closed or shape.harmless)):
        return {each: _redact(each, item, shape.of_member(each, value)) for each, item in value.items()}
    if isinstance(value, list) and shape.items is not None:
        return [_redact(name, item, shape.items) for item in value]
    if isinstance(value, dict | list) or not shape.harmless or (isinstance(value, str) and not shape.takes_text):
        return foreign(name, value)
    return printable(value)


def _named(kind: str, raw: RawRequest) -> str | None:
    """The object that the path names, where nothing editable changed: somebody's sessions, a user's roles."""
    first = next(iter(raw.params.values()), None)
    return writes.name_of(kind, first) if first is not None else None


def _write(work: Work, kind: ApiLog, text: str, details: Mapping[str, Any], about: str | None = None) -> None:
    actor = work.actor
    who = {"user_id": actor.user_id, "client_id": actor.client_id, "client_name": actor.client_name}
    log.write(work, kind, text, object=about, details=details, **who)


def _details(work: Work, endpoint: Endpoint, path: str, raw: RawRequest, answer: Answer) -> dict[str, Any]:
    request = {
        "method": endpoint.method.lower(),
        "path": path,
        "query": redact(dict(raw.query)),
        "body": redact(_parsed(raw), endpoint.signature.body),
        "channel": work.actor.channel,
        "ip": work.ip,
        "userAgent": work.user_agent,
        "auth": {
            "strategy": "jwt" if work.actor.channel == API else "session",
            "user": _person(work),
            "credentials": {"scopes": sorted(work.actor.scopes & (endpoint.scopes | endpoint.own_scopes))},
        },
    }
    answered = redact(answer.document, _answered(endpoint, answer)) if answer.body else {}
    return {"request": request, "response": {"statusCode": int(answer.status), "body": answered}}


def _person(work: Work) -> dict[str, str]:
    """The administrator who asks, by name at the dashboard."""
    known = {"user_id": work.actor.user_id, "name": work.actor.name}
    return {name: value for name, value in known.items() if value}


def _answered(endpoint: Endpoint, answer: Answer) -> Any:
    """The type of the answer; what is said about a refusal nobody has to declare."""
    return endpoint.signature.answer if answer.status < HTTPStatus.BAD_REQUEST else None


def _parsed(raw: RawRequest) -> Any:
    if raw.parts is not None or "multipart" in raw.content_type:
        return {}
    try:
        return raw.document
    except BadRequest:  # refused as it is, or ignored by an operation that takes no body
        return {}
