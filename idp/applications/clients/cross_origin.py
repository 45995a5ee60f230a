"""Cross-origin calls of browser applications, at every endpoint that takes any: only from origins that the client
behind a call has registered, never with cookies (security.md B8, W8).

A preflight names no client (the credentials come with the call itself), and some refused calls are of nobody that is
known: these are held against the origins of all clients, and nothing of any client is told in their answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.clients import runtime
from idp.applications.clients.models import Client
from idp.applications.clients.runtime import ClientData
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import redirects
from idp.foundation.tenancy.work import Work

MAX_AGE_S = 600
"""How long browsers may remember the answer to a preflight."""
_ALLOW_ORIGIN = "Access-Control-Allow-Origin"


class _ClientRow(msgspec.Struct):
    data: Json[dict[str, Any]]


_ALL = Statement(
    "client_origins",
    select(Client.data).where(Client.tenant_id == bindparam("tenant"), Client.is_global.is_(False)),
    row=_ClientRow,
)


@dataclass(frozen=True)
class CrossOrigin:
    """What an API tells browsers: the methods and headers that calls may have, and the headers they may read."""

    methods: str
    allowed: str
    exposed: str

    def headers(self, work: Work, origin: str | None, client_id: str | None = None) -> dict[str, str]:
        """For the answer to a call from ``origin``, which speaks for ``client_id``, None where that is not known."""
        if not origin:
            return {}
        found = {"Vary": "Origin"}
        if origin.lower() in _known(work, client_id):
            found |= {_ALLOW_ORIGIN: origin, "Access-Control-Expose-Headers": self.exposed}
        return found

    def preflight(self, work: Work, origin: str | None, methods: str | None = None) -> dict[str, str]:
        """For the answer to OPTIONS; ``methods`` are those of this one endpoint."""
        found = self.headers(work, origin)
        if _ALLOW_ORIGIN in found:
            found |= {
                "Access-Control-Allow-Methods": methods or self.methods,
                "Access-Control-Allow-Headers": self.allowed,
                "Access-Control-Max-Age": str(MAX_AGE_S),
            }
        return found


def origins_of(data: ClientData) -> frozenset[str]:
    """``web_origins``, ``allowed_origins`` and the origins of the callbacks."""
    named = {origin.rstrip("/").lower() for origin in (*data.web_origins, *data.allowed_origins)}
    return frozenset(named | {found for found in map(redirects.origin, data.callbacks) if found})


def _known(work: Work, client_id: str | None) -> frozenset[str]:
    client = runtime.find(work, client_id) if client_id else None
    if client is not None:
        return work.config.remember("origins of client", client.client_id, lambda: origins_of(client.data))
    return work.config.remember("origins", "", lambda: _of_all(work))


def _of_all(work: Work) -> frozenset[str]:
    rows = work.hot.all(_ALL, tenant=work.tenant_id)
    return frozenset().union(*(origins_of(runtime.data_of(row.data)) for row in rows))
