"""Pieces of hosted pages (``/admin/branding/partials``): HTML with Liquid of the tenant's own, by prompt, screen and
place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idp.admin.desk.frame import Shown, Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.lists import object_path
from idp.admin.desk.objects import Object
from idp.admin.desk.prompts import beside, screens_of, without_emptied
from idp.admin.desk.resource import Field, Resource, Section, Tab
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.appearance import LOOK, PIECES
from idp.tenant.appearance import prompts_api as prompts
from idp.tenant.appearance.prompts import PARTIAL_PROMPTS, SCREENS

PLACES = (
    "form-content-start",
    "form-content-end",
    "form-footer-start",
    "form-footer-end",
    "secondary-actions-start",
    "secondary-actions-end",
)
"""As they follow each other on a page."""


@dataclass(frozen=True)
class Prompt:
    """A line of the list: how many pieces there are."""

    name: str
    href: str
    own: int


def _page(visit: Visit, resource: Resource) -> Shown:
    kept = documents.of_kind(visit.work, LOOK)
    lines = [
        Prompt(
            name,
            visit.href(object_path(resource, name)),
            sum(map(len, kept.get(f"{PIECES}{name}", {}).values())),
        )
        for name in SCREENS
        if name in PARTIAL_PROMPTS
    ]
    return Shown(
        "admin/partials/prompts.html",
        visit.texts.t("partials.title"),
        {"resource": resource, "lines": lines},
        current=f"{resource.group}/{resource.name}",
    )


def _suggest(_visit: Visit, text: str, most: int) -> Sequence[tuple[str, str]]:
    return [(name, name) for name in SCREENS if name in PARTIAL_PROMPTS and text.lower() in name][:most]


def _named(id_: str) -> dict[str, str]:
    if id_ not in PARTIAL_PROMPTS:
        raise NotFound("Not Found")
    return {"prompt": id_}


def _sections(_visit: Visit, there: Object) -> Sequence[Section]:
    return [
        Section(screen, [Field(f"{screen}.{place}", "code") for place in PLACES]) for screen in screens_of(there.id)
    ]


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    return beside(visit, there.id, visit.work.config.settings.enabled_locales[0], "pieces")


RESOURCES = (
    Resource(
        group="branding",
        name="partials",
        read=prompts.get_pieces,
        update=prompts.set_pieces,
        page=_page,
        of_tenant=True,
        suggest=_suggest,
        parameters=_named,
        title=lambda _document: "",
        tabs=(
            Tab(
                "pieces",
                template="admin/partials/partials.html",
                view=_view,
                parts=_sections,
                sent=without_emptied,
                framed=True,
            ),
            history(),
        ),
        aliases=("partials", "prompt partials", "insertion points", "Liquid", "HTML"),
    ),
)
