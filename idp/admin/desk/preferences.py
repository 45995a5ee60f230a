"""How somebody wants the dashboard to look in this browser: kept in a cookie, which says nothing else."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from werkzeug.wrappers import Response

from idp.admin.desk.frame import DENSITIES, KEYS, THEMES, Preferences, Shown, Visit
from idp.admin.desk.resource import Resource
from idp.foundation.tenancy import cookies
from idp.foundation.tenancy.cookies import DEVICE_MAX_AGE_S
from idp.foundation.tenancy.work import Work

COOKIE = "desk"
MAX_COOKIE = 2_000
_CHOICES = {"theme": THEMES, "density": DENSITIES, "keys": KEYS}
_COLUMNS = "cols."


def read(work: Work) -> Preferences:
    """What was chosen; whatever a cookie says that is no choice counts as not said."""
    said = dict(parse_qsl((cookies.get(work, COOKIE) or "")[:MAX_COOKIE]))
    chosen = {name: said[name] for name, choices in _CHOICES.items() if said.get(name) in choices}
    columns = {
        name.removeprefix(_COLUMNS): value.split(".") for name, value in said.items() if name.startswith(_COLUMNS)
    }
    return Preferences(**chosen, columns=columns)


def back(visit: Visit) -> str:
    """Where somebody goes on who chose: the page they were on."""
    here = visit.form.get("back", "")
    return f"{visit.work.config.root}/{here}" if here.startswith("admin") else visit.href("/admin")


def send(visit: Visit, response: Response) -> None:
    """Keep what the form of the menu says."""
    before = visit.preferences

    def picked(name: str, otherwise: str) -> str:
        said = visit.form.get(name, "")
        return said if said in _CHOICES[name] else otherwise

    wanted = Preferences(
        picked("theme", before.theme), picked("density", before.density), picked("keys", before.keys), before.columns
    )
    _keep(visit, response, wanted)


def keep_columns(visit: Visit, page: Shown, response: Response) -> None:
    """Keep the columns of a list that somebody picked."""
    resource = page.values.get("resource")
    if not isinstance(resource, Resource) or "cols" not in visit.query or "asked" not in page.values:
        return
    picked = [each.name for each in page.values["asked"].columns]
    columns = {**visit.preferences.columns, resource.name: picked}
    _keep(visit, response, replace(visit.preferences, columns=columns))


def _keep(visit: Visit, response: Response, wanted: Preferences) -> None:
    said = {name: getattr(wanted, name) for name in _CHOICES}
    said |= {f"{_COLUMNS}{name}": ".".join(columns) for name, columns in wanted.columns.items()}
    cookies.send(
        visit.work, response, COOKIE, urlencode(said)[:MAX_COOKIE], max_age_s=DEVICE_MAX_AGE_S, same_site="Lax"
    )
