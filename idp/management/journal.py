"""The ``sapi`` log entry of a write: who did what through the API, without any secret in it (security.md LOG1)."""

from __future__ import annotations

from typing import Any

import msgspec

from idp.apikit import Endpoint, body
from idp.apikit.raw import RawRequest
from idp.apikit.render import Answer
from idp.audit import log
from idp.kernel.errors import BadRequest
from idp.tenants.management import ManagementContext

HIDDEN = "***"
_SECRET_WORDS = (
    "password",
    "secret",
    "token",
    "private",
    "credentials",
    "pem",
    "ticket",
    "link_with",
    "configuration",
    "key",
    "auth_value",
)
_HARMLESS = frozenset(
    {"jwt_configuration", "token_endpoint_auth_method", "refresh_token", "token_lifetime", "token_dialect"}
)
_MAX_TEXT = 2000


def record(ctx: ManagementContext, endpoint: Endpoint, path: str, raw: RawRequest, answer: Answer) -> None:
    """Add the entry to the call's unit of work, so that it is committed with the change or not at all."""
    actor = ctx.actor
    request = {
        "method": endpoint.method.lower(),
        "path": path,
        "query": dict(raw.query),
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
    response = {"statusCode": answer.status, "body": redact(msgspec.json.decode(answer.body)) if answer.body else {}}
    log.write(
        ctx.joined,
        "sapi",
        endpoint.summary,
        user_id=actor.user_id,
        client_id=actor.client_id,
        details={"request": request, "response": response},
    )


def redact(value: Any) -> Any:
    """``value`` with the content of every member that may be secret replaced."""
    if isinstance(value, dict):
        return {name: HIDDEN if _is_secret(name, item) else redact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [redact(item) for item in value]
    return value[:_MAX_TEXT] if isinstance(value, str) else value


def _is_secret(name: str, value: Any) -> bool:
    word = name.lower()
    if word in _HARMLESS or isinstance(value, bool | int | None):
        return False
    return any(secret in word for secret in _SECRET_WORDS)


def _parsed(raw: RawRequest) -> Any:
    if "multipart" in raw.content_type:
        return {}
    try:
        return body.parse(raw.content_type, raw.body)
    except BadRequest:  # an operation without a declared body ignores whatever came
        return {}
