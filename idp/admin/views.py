"""The page that stands where the dashboard will be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import Blueprint, Response

from idp.foundation.tenancy import http, page_context
from idp.foundation.web.pages import PageView

blueprint = Blueprint("admin", __name__)


@dataclass(frozen=True)
class AdminView(PageView):
    """Stands where the dashboard will be."""

    template: ClassVar[str] = "admin/index.html"
    api_base: str
    docs_url: str | None


@blueprint.get("/admin")
def index() -> Response:
    """Says that it is not there yet, and what is."""
    work = http.current()
    work.refresh()
    return page_context.answer(work, AdminView(work.config.management_audience, None), page_context.page(work))
