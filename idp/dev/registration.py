"""The sample application as the provider knows it."""

from __future__ import annotations

from idp.clients import runtime as clients
from idp.clients.runtime import ClientConfig
from idp.installation import samples
from idp.tenants.context import Context


def registration(ctx: Context) -> ClientConfig | None:
    """The client; None where somebody deleted it."""
    return ctx.config.remember("sample application", "", lambda: _find(ctx))


def _find(ctx: Context) -> ClientConfig | None:
    with ctx.platform.db.reading(ctx.tenant_id) as session:
        row = samples.find_application(session, ctx.tenant_id)
    return clients.find(ctx, row.client_id) if row else None
