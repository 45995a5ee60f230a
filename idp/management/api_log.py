"""The log entry of each write: who did (``sapi``) or tried (``fapi``) what, without any secret in it (security.md
LOG1).

A refused write is logged unless nobody is known to have tried it (401), there was nothing to write to (404), or logging
it would let a runaway script fill the table (429). Reading leaves no entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from idp.foundation.apikit import Endpoint
from idp.foundation.apikit.answers import Answer
from idp.foundation.apikit.request import RawRequest
from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.audit.log_types import ApiLog

DONE, REFUSED = ApiLog.DONE, ApiLog.REFUSED
HIDDEN = "***"
SECRET_WORDS = (
    "password",
    "secret",
    "token",
    "private",
    "credential",
    "pem",
    "ticket",
    "link_with",
    "configuration",
    "key",
    "auth_value",
    "headers",
    "authorization",
    "assertion",
    "recovery_code",
)
"""A member whose name contains one of these is hidden, unless a table below says otherwise."""
HARMLESS = frozenset(
    {"token_endpoint_auth_method", "token_dialect", "token_endpoint", "passwordPolicy", "authorization_endpoint"}
)
CONTAINERS = frozenset({"jwt_configuration", "refresh_token", "client_credentials", "password_complexity_options"})
"""As objects these are settings, looked into like any other; as text they are secrets."""
UNLOGGED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS})
_USERINFO = re.compile(r"(?<=://)[^/?#\s@]*@")
_MAX_TEXT = 2000


def record(work: Work, endpoint: Endpoint, path: str, raw: RawRequest, answer: Answer) -> None:
    """Add the entry to the call's unit of work, so that it is committed with the change or not at all."""
    _write(work, DONE, endpoint.summary, _details(work, endpoint, path, raw, answer))


def refused(work: Work, endpoint: Endpoint, path: str, raw: RawRequest, answer: Answer) -> None:
    """Write the entry of a write that was not done, before its answer leaves; nothing where none is kept."""
    if endpoint.method == "GET" or not 400 <= answer.status < 500 or answer.status in UNLOGGED:
        return
    details = _details(work, endpoint, path, raw, answer)
    _write(work, REFUSED, str(details["response"]["body"].get("message") or endpoint.summary), details)


def redact(value: Any) -> Any:
    """``value`` with the content of every member that may be secret replaced, and without the user part of URLs."""
    if isinstance(value, dict):
        return {name: HIDDEN if _is_secret(name, item) else redact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [redact(item) for item in value]
    return _USERINFO.sub(f"{HIDDEN}@", value)[:_MAX_TEXT] if isinstance(value, str) else value


def _is_secret(name: str, value: Any) -> bool:
    if name in HARMLESS or isinstance(value, bool | int | None) or (name in CONTAINERS and isinstance(value, dict)):
        return False
    word = name.lower()
    return document_encryption.is_secret(name, value) or any(secret in word for secret in SECRET_WORDS)


def _write(work: Work, kind: ApiLog, text: str, details: Mapping[str, Any]) -> None:
    log.write(work, kind, text, user_id=work.actor.user_id, client_id=work.actor.client_id, details=details)


def _details(work: Work, endpoint: Endpoint, path: str, raw: RawRequest, answer: Answer) -> dict[str, Any]:
    request = {
        "method": endpoint.method.lower(),
        "path": path,
        "query": redact(dict(raw.query)),
        "body": redact(_parsed(raw)),
        "channel": "api",
        "ip": work.ip,
        "userAgent": work.user_agent,
        "auth": {
            "strategy": "jwt",
            "user": {"user_id": work.actor.user_id} if work.actor.user_id else {},
            "credentials": {"scopes": sorted(work.actor.scopes)},
        },
    }
    answered = redact(answer.document) if answer.body else {}
    return {"request": request, "response": {"statusCode": int(answer.status), "body": answered}}


def _parsed(raw: RawRequest) -> Any:
    if "multipart" in raw.content_type:
        return {}
    try:
        return raw.document
    except BadRequest:  # refused as it is, or ignored by an operation that takes no body
        return {}
