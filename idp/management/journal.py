"""The log entry of each write: who did (``sapi``) or tried (``fapi``) what, without any secret in it (security.md LOG1).

A refused write is logged unless nobody is known to have tried it (401), there was nothing to write to (404), or logging it would let a
runaway script fill the table (429). Reading leaves no entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from idp.apikit import Actor, Endpoint, body
from idp.apikit.raw import RawRequest
from idp.apikit.render import Answer
from idp.audit import log
from idp.kernel import sealed
from idp.kernel.errors import BadRequest
from idp.tenants.context import Context
from idp.tenants.management import ManagementContext

DONE, REFUSED = "sapi", "fapi"
HIDDEN = "***"
SECRET_WORDS = (
    "password", "secret", "token", "private", "credential", "pem", "ticket", "link_with", "configuration", "key", "auth_value", "headers",
    "authorization", "assertion", "recovery_code",
)  # fmt: skip
"""A member whose name contains one of these is hidden, unless a table below says otherwise."""
HARMLESS = frozenset(
    {"token_endpoint_auth_method", "token_dialect", "token_endpoint", "passwordPolicy", "authorization_endpoint"}
)
CONTAINERS = frozenset({"jwt_configuration", "refresh_token", "client_credentials", "password_complexity_options"})
"""As objects these are settings, looked into like any other; as text they are secrets."""
UNLOGGED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS})
_USERINFO = re.compile(r"(?<=://)[^/?#\s@]*@")
_MAX_TEXT = 2000


def record(ctx: ManagementContext, endpoint: Endpoint, path: str, raw: RawRequest, answer: Answer) -> None:
    """Add the entry to the call's unit of work, so that it is committed with the change or not at all."""
    _write(ctx.joined, DONE, endpoint.summary, ctx.actor, _details(ctx.work, ctx.actor, endpoint, path, raw, answer))


def refused(ctx: Context, actor: Actor, endpoint: Endpoint, path: str, raw: RawRequest, answer: Answer) -> None:
    """Write the entry of a write that was not done, before its answer leaves; nothing where none is kept."""
    if endpoint.method == "GET" or not 400 <= answer.status < 500 or answer.status in UNLOGGED:
        return
    details = _details(ctx, actor, endpoint, path, raw, answer)
    _write(ctx, REFUSED, str(details["response"]["body"].get("message") or endpoint.summary), actor, details)


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
    return sealed.is_secret(name, value) or any(secret in word for secret in SECRET_WORDS)


def _write(ctx: Context, kind: str, text: str, actor: Actor, details: Mapping[str, Any]) -> None:
    log.write(ctx, kind, text, user_id=actor.user_id, client_id=actor.client_id, details=details)


def _details(
    ctx: Context, actor: Actor, endpoint: Endpoint, path: str, raw: RawRequest, answer: Answer
) -> dict[str, Any]:
    request = {
        "method": endpoint.method.lower(),
        "path": path,
        "query": redact(dict(raw.query)),
        "body": redact(_parsed(raw)),
        "channel": "api",
        "ip": ctx.ip,
        "userAgent": ctx.user_agent,
        "auth": {
            "strategy": "jwt",
            "user": {"user_id": actor.user_id} if actor.user_id else {},
            "credentials": {"scopes": sorted(actor.scopes)},
        },
    }
    answered = redact(msgspec.json.decode(answer.body)) if answer.body else {}
    return {"request": request, "response": {"statusCode": int(answer.status), "body": answered}}


def _parsed(raw: RawRequest) -> Any:
    if "multipart" in raw.content_type:
        return {}
    try:
        return body.parse(raw.content_type, raw.body)
    except BadRequest:  # refused as it is, or ignored by an operation that takes no body
        return {}
