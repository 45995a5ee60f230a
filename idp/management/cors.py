"""Browsers of other origins: only those a client registered, never with cookies (security.md W8)."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.clients.models import Client
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel.redirects import origin as origin_of
from idp.foundation.tenancy.work import Work

METHODS = "GET, POST, PATCH, PUT, DELETE"
ALLOWED = "Authorization, Content-Type, Auth0-Client, Auth0-Custom-Domain"
EXPOSED = "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After"


class _Origins(msgspec.Struct):
    allowed_origins: list[str] | None = None
    web_origins: list[str] | None = None
    callbacks: list[str] | None = None


class _ClientRow(msgspec.Struct):
    data: Json[_Origins]


_DATA = Statement("cors_clients", select(Client.data).where(Client.tenant_id == bindparam("tenant")), row=_ClientRow)


def headers(work: Work, origin: str | None) -> dict[str, str]:
    """The headers for a request from ``origin``; none where no client knows it."""
    if not origin:
        return {}
    known: frozenset[str] = work.config.remember("cors", "", lambda: _load(work))
    return {
        "Vary": "Origin",
        **(
            {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED} if origin in known else {}
        ),
    }


def preflight(work: Work, origin: str | None) -> dict[str, str]:
    """The headers that answer OPTIONS."""
    answer = headers(work, origin)
    if "Access-Control-Allow-Origin" in answer:
        answer |= {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": ALLOWED,
            "Access-Control-Max-Age": "600",
        }
    return answer


def _load(work: Work) -> frozenset[str]:
    urls: set[str] = set()
    for client in work.hot.all(_DATA, tenant=work.tenant_id):
        data = client.data
        urls |= {*(data.allowed_origins or ()), *(data.web_origins or ()), *(data.callbacks or ())}
    return frozenset(found for url in urls if (found := origin_of(url)))
