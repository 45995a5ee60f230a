"""Cross-origin calls of browser applications: only from origins their clients registered, never with cookies
(security.md B8, W8).
"""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response, request
from sqlalchemy import bindparam, select

from idp.applications.clients.models import Client
from idp.applications.clients.runtime import ClientConfig, ClientData
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import redirects
from idp.foundation.tenancy.work import Work

ALLOW_HEADERS = "authorization, content-type, auth0-client, dpop"
EXPOSE_HEADERS = "dpop-nonce, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset"


class _ClientRow(msgspec.Struct):
    data: Json[dict[str, Any]]


_ALL = Statement(
    "client_origins",
    select(Client.data).where(Client.tenant_id == bindparam("tenant"), Client.is_global.is_(False)),
    row=_ClientRow,
)


def origins_of(data: ClientData) -> frozenset[str]:
    """``web_origins``, ``allowed_origins`` and the origins of the callbacks."""
    named = {origin.rstrip("/").lower() for origin in (*data.web_origins, *data.allowed_origins)}
    return frozenset(named | {found for found in map(redirects.origin, data.callbacks) if found})


def of_tenant(work: Work) -> frozenset[str]:
    """Every origin any client registered: what a preflight, which names no client, is held against."""
    return work.config.remember("origins", "", lambda: _load(work))


def _load(work: Work) -> frozenset[str]:
    rows = work.hot.all(_ALL, tenant=work.tenant_id)
    return frozenset().union(
        *(origins_of(msgspec.convert({k: v for k, v in row.data.items() if v is not None}, ClientData)) for row in rows)
    )


def allow(work: Work, response: Response, client: ClientConfig | None = None) -> Response:
    """Name the caller's origin in the answer if it is one of the client's (of any client's where none is known)."""
    origin = request.headers.get("Origin")
    if origin:
        response.headers["Vary"] = "Origin"
        known = origins_of(client.data) if client else of_tenant(work)
        if origin.lower() in known:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = EXPOSE_HEADERS
    return response


def preflight(work: Work, methods: str) -> Response:
    """The answer to OPTIONS."""
    work.refresh()
    response = allow(work, Response(status=204))
    if "Access-Control-Allow-Origin" in response.headers:
        response.headers["Access-Control-Allow-Methods"] = methods
        response.headers["Access-Control-Allow-Headers"] = ALLOW_HEADERS
        response.headers["Access-Control-Max-Age"] = "600"
    return response
