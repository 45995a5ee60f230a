"""The page that stands where the dashboard will be."""

from __future__ import annotations

from flask import Blueprint, Response

from idp.tenants import http, page_context

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin")
def index() -> Response:
    """Says that it is not there yet, and what is."""
    ctx = http.current()
    ctx.refresh()
    return page_context.answer(
        ctx, "admin/index.html", page_context.page(ctx), api_base=ctx.config.management_audience, docs_url=None
    )
