"""The simulator (``/admin/tools/simulator``): what somebody would see and get in an application, without signing in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from idp.admin import app_ways
from idp.admin.desk import drawing, operations
from idp.admin.desk import form as forms
from idp.admin.desk.form import Problems
from idp.admin.desk.frame import Shown, Visit
from idp.admin.desk.objects import problems_of
from idp.admin.desk.resource import Document, Field, Resource, Section
from idp.applications.clients.models import Client
from idp.directory.users import api as users
from idp.foundation.kernel.errors import ManagementError
from idp.foundation.kernel.faults import BODY, fault
from idp.protocol.oauth.simulation import api as simulations

PATH = "/admin/tools/simulator"
MOST_APPS = 200
WHO, APP = "user_id", "client_id"
FIELDS = (
    Section("who", (Field(WHO, hint=True), Field("connection", hint=True))),
    Section("request", (Field("scope"), Field("audience", hint=True), Field("prompt", hint=True))),
    Section(
        "more",
        (
            Field("acr_values"),
            Field("max_age", hint=True),
            Field("claims", "area"),
            Field("screen_hint"),
            Field("signed_in_ago", hint=True),
            Field("verified"),
            Field("known_device", hint=True),
            Field("ip", hint=True),
        ),
        folded=True,
    ),
)


@dataclass(frozen=True)
class Screen:
    """A page they would see, and where its preview is."""

    path: str
    preview: str


def prefilled(document: Document) -> dict[str, str]:
    """The query of the page for what stands in an entry of the log."""
    scope = document.get("scope")
    said = {
        WHO: document.get("user_id"),
        APP: document.get("client_id"),
        "connection": document.get("connection"),
        "audience": document.get("audience"),
        "scope": " ".join(scope) if isinstance(scope, list) else scope,
    }
    return {name: str(value) for name, value in said.items() if value}


def _page(visit: Visit, resource: Resource) -> Shown:
    body, fields = simulations.SimulationBody, [Field(APP), *forms.fields_of(FIELDS)]
    if visit.method != "POST":
        given = {each.name: visit.query.get(each.name, "") for each in fields}
        return _shown(visit, resource, {**given, "scope": given["scope"] or "openid profile email"})
    yours = forms.typed(visit.form, fields, body, {})
    members, problems = forms.body_of(yours, fields, body)
    if not problems:
        try:
            members[WHO] = _user_id(visit, yours[WHO].strip())
            found = operations.call(visit.work, simulations.simulate, {}, members)
        except ManagementError as error:
            problems = _problems(visit, error, members, fields)
        else:
            return _shown(visit, resource, yours, found=found)
    return _shown(visit, resource, yours, problems)


def _problems(visit: Visit, error: ManagementError, members: Mapping[str, Any], fields: Sequence[Field]) -> Problems:
    """What is wrong, at its field; a user or an application that is not there is what was typed."""
    if error.status == 404:
        return Problems({APP if error.error_code == "inexistent_client" else WHO: error.message})
    return problems_of(visit, error, members, simulations.SimulationBody, fields)


def _user_id(visit: Visit, typed: str) -> str:
    """An id, or that of the one person with the address."""
    if "@" not in typed or "|" in typed:
        return typed
    found = operations.call(visit.work, users.list_by_email, {}, query={"email": typed.lower()})
    if not found:
        raise fault(BODY, visit.texts.t("simulator.nobody"), WHO)
    return str(next(iter(found))["user_id"])


def _shown(
    visit: Visit,
    resource: Resource,
    values: Mapping[str, str],
    problems: Problems = forms.NONE,
    found: Mapping[str, Any] | None = None,
) -> Shown:
    rows = visit.work.rows
    listed = select(Client).where(Client.is_global.is_(False), Client.is_system.is_(False), *app_ways.mine(visit.work))
    apps = rows.scalars(listed.order_by(func.lower(Client.name), Client.client_id).limit(MOST_APPS))
    return Shown(
        "admin/tools/simulator.html",
        visit.texts.t(f"{resource.name}.title"),
        {
            "resource": resource,
            "sections": drawing.draw(simulations.SimulationBody, FIELDS, values, problems),
            "problems": problems,
            "apps": [(row.client_id, row.name) for row in apps],
            "app": values.get(APP, ""),
            "app_problem": problems.at.get(APP, ""),
            "action": visit.href(PATH),
            "found": found,
            "refused": next((each for each in found["steps"] if each["outcome"] == "refused"), None) if found else None,
            "screens": [_screen(visit, path) for path in found["screens"]] if found else (),
            "pretty": _pretty,
        },
        status=422 if problems else 200,
        current=f"{resource.group}/{resource.name}",
    )


def _screen(visit: Visit, path: str) -> Screen:
    return Screen(path, visit.href("/admin/branding/look/preview", screen=path.removeprefix("/u/")))


def _pretty(value: Any) -> str:
    return value if isinstance(value, str) else forms.pretty(value)


RESOURCES = (
    Resource(
        group="tools",
        name="simulator",
        read=simulations.simulate,
        page=_page,
        aliases=("simulate", "evaluate", "try login", "debugger"),
    ),
)
