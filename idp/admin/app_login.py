"""The tab "Login" of an application: the pages on which people sign in to it, as they see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.admin.app_ways import signs_people_in
from idp.admin.desk import app_samples, samples
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.preview import PATH
from idp.admin.desk.resource import Tab
from idp.foundation.web.i18n import autonym, language_of
from idp.tenant.appearance import api as looks

SCREENS = (
    "login",
    "login/identifier",
    "login/password",
    "signup",
    "consent",
    "reset-password/request",
    "no-connection",
)


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    query, locales = visit.query, visit.work.config.settings.enabled_locales
    found = app_samples.of(visit.work, there.id)
    begins = found.begins if found is not None else SCREENS[0]
    chosen = {
        "screen": _one_of(query.get("screen"), (begins, *SCREENS)),
        "lang": _one_of(query.get("lang"), (visit.texts.locale, *locales)),
        "theme": _one_of(query.get("theme"), samples.THEMES),
    }
    return {
        "screens": SCREENS,
        "languages": [(each, autonym(language_of(each))) for each in locales],
        "chosen": chosen,
        "begins": begins,
        "leads_to": found.leads_to if found is not None else "",
        "frame": visit.href(PATH, client_id=there.id, **chosen),
    }


def _one_of(value: str | None, known: tuple[str, ...]) -> str:
    return value if value in known else known[0]


TAB = Tab(
    "login",
    template="admin/apps/login.html",
    view=_view,
    when=signs_people_in,
    needs=looks.get_branding,
    framed=True,
)
