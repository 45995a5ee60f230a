"""Runs operations of the Management API for the person at the dashboard: the same declaration, and so the same body
types, checks, services, events and log entries (decision 0255).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import quote

from idp.foundation.apikit import Endpoint, answers
from idp.foundation.apikit.request import MULTIPART, RawRequest
from idp.foundation.kernel.errors import GatehouseError, NotFound
from idp.foundation.kernel.rights import missing_scope
from idp.foundation.tenancy.work import Work
from idp.management import api_log, bearer, errors, versions
from idp.management.mount import PREFIX

Handler = Callable[..., object]


@cache
def endpoint(handler: Handler) -> Endpoint:
    """The declaration of an operation. Raises LookupError for a function that declares none."""
    for each in import_module(handler.__module__).api.endpoints:
        if each.handler is handler:
            found: Endpoint = each
            return found
    raise LookupError(f"{handler.__module__}.{handler.__qualname__} declares no operation")


def path_of(handler: Handler, params: Mapping[str, str]) -> str:
    """Where the operation is called, with its parameters filled in."""
    path = endpoint(handler).path
    for name, value in params.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return f"{PREFIX}{path}"


def may(work: Work, handler: Handler | None) -> bool:
    """Whether whoever asks may call it at all; members of its body may have rights of their own."""
    return handler is not None and not endpoint(handler).lacking(work.actor)


def refuse_without_right(work: Work, handler: Handler | None) -> None:
    """Raises Forbidden where whoever asks may not call it, NotFound where there is nothing to call."""
    if handler is None:
        raise NotFound("Not Found")
    if not may(work, handler):
        raise missing_scope(endpoint(handler).lacking(work.actor))


def call(
    work: Work,
    handler: Handler,
    params: Mapping[str, str] | None = None,
    body: Any = None,
    query: Mapping[str, str] | None = None,
    seen: int | None = None,
    parts: Mapping[str, Any] | None = None,
    beside: Callable[[], None] = lambda: None,
    before: Callable[[], None] = lambda: None,
) -> Any:
    """The operation's answer as plain data; None where it has none. What it changes is one commit with its log entry.

    ``seen`` is the version of the object (:func:`version`) that is changed in no other one. ``parts`` are those of an
    operation that takes files. ``beside`` adds to the commit what belongs to it; ``before`` is asked first, in the same
    transaction.

    :raises ManagementError: what the operation refuses, in the words of the Management API.
    :raises VersionMismatch: somebody else has changed the object since.
    """
    declared, values = endpoint(handler), dict(params or {})
    raw = RawRequest(
        values,
        list((query or {}).items()),
        "application/json" if parts is None else MULTIPART,
        b"" if body is None else answers.encode(body),
        development=work.platform.settings.development,
        parts=None if parts is None else dict(parts),
    )
    if declared.method == "GET":
        bearer.authorize(work.actor, declared, values)
        versions.expect(work, declared, values, None)
        return declared.run(raw, work).document
    path = path_of(handler, values)
    try:
        bearer.authorize(work.actor, declared, values)
        with work.transaction(lazily=True):
            versions.expect(work, declared, values, None if seen is None else f'"v{seen}"')
            before()
            answer = declared.run(raw, work)
            api_log.record(work, declared, path, raw, answer)
            beside()
    except GatehouseError as error:
        api_log.refused(work, declared, path, raw, errors.render(error))
        raise
    return answer.document


def version(work: Work, handler: Handler, params: Mapping[str, str]) -> int | None:
    """The version of an object that the operation ``handler`` just answered; None where it has none."""
    return versions.of(work, endpoint(handler), params)


def masked(document: Any, handler: Handler) -> Any:
    """An answer of the operation with every secret in it hidden."""
    return api_log.redact(document, endpoint(handler).signature.answer)
