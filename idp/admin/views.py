"""The page that stands where the dashboard will be."""

from __future__ import annotations

from flask import Blueprint, Response

from idp.foundation.tenancy import http, page_context

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin")
def index() -> Response:
    """Says that it is not there yet, and what is."""
    work = http.current()
    work.refresh()
    return page_context.answer(
        work, "admin/index.html", page_context.page(work), api_base=work.config.management_audience, docs_url=None
    )
