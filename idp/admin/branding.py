"""Branding (``/admin/branding/look``): how hosted pages look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.admin import page_template
from idp.admin.desk import samples
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.objects import Object
from idp.admin.desk.preview import PATH
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Field, Resource, Section, Tab
from idp.foundation.web.i18n import autonym, language_of
from idp.tenant.appearance import api as appearance

PRIMARY, GROUND = "colors.primary", "colors.page_background"


def _preview(visit: Visit, there: Object) -> Mapping[str, Any]:
    """The page that is shown beside the form, and how well its colours can be told apart."""
    query, locales = visit.query, visit.work.config.settings.enabled_locales
    chosen = {
        "screen": _one_of(query.get("screen"), tuple(samples.samples())),
        "lang": _one_of(query.get("lang"), (visit.texts.locale, *locales)),
        "theme": _one_of(query.get("theme"), samples.THEMES),
        "state": _one_of(query.get("state"), samples.STATES),
    }
    colors = there.document.get("colors") or {}
    ground = colors.get("page_background")
    return {
        "screens": tuple(samples.samples()),
        "languages": [(each, autonym(language_of(each))) for each in locales],
        "chosen": chosen,
        "frame": visit.href(PATH, **chosen),
        "pairs": samples.pairs(str(colors.get("primary") or ""), ground if isinstance(ground, str) else ""),
    }


def _one_of(value: str | None, known: tuple[str, ...]) -> str:
    return value if value in known else known[0]


def _contrast(visit: Visit, typed: Mapping[str, str]) -> Mapping[str, str]:
    """Colours that cannot be told apart are not saved."""
    wrong = [each for each in samples.pairs(typed[PRIMARY], typed[GROUND]) if not each.holds]
    return {
        GROUND if each.what == "foot" else PRIMARY: visit.texts.t(
            "look.contrast.low", ratio=f"{each.ratio:.1f}", least=f"{each.least:g}"
        )
        for each in wrong
    }


RESOURCES = (
    Resource(
        group="branding",
        name="look",
        read=appearance.get_branding,
        update=appearance.update_branding,
        single=True,
        title=lambda _document: "",
        tabs=(
            Tab(
                "look",
                (
                    Section(
                        "look",
                        (
                            Field("logo_url", hint=True),
                            Field("favicon_url"),
                            Field("colors.primary", hint=True),
                            Field("colors.page_background", "text"),
                            Field("font.url", hint=True),
                        ),
                    ),
                ),
                "admin/look/look.html",
                _preview,
                check=_contrast,
                framed=True,
            ),
            page_template.TAB,
            raw(),
            history(),
        ),
        actions=(page_template.REMOVE,),
        recorded=("tenants", ""),
        part=("branding",),
        aliases=("Universal Login", "theme", "logo", "page template"),
        api="branding",
    ),
)
