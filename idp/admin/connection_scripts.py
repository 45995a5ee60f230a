"""The tab *Scripts* of a connection that may ask a tenant's own database: an editor for each script with templates to
begin with, a run of what stands in the editor with its console, and the names of configured values.

Scripts hold passwords of databases: whoever may not change connections does not read them here. They see those that
people type, too, and the values of the configuration: they are saved and run after a fresh sign-in alone. A value of
the configuration is entered and shown by nobody again; a run hides them in what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from connectors.strategy import Strategy
from idp.admin.desk import form as forms
from idp.admin.desk import kept, operations
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.objects import VERSION, Object, tab_page
from idp.admin.desk.resource import Action, Document, Done, Tab
from idp.directory.connections import api as connections
from idp.directory.connections import strategies, trial_api
from idp.foundation.kernel.errors import BadRequest, ManagementError, NotFound, VersionMismatch

NAME = "scripts"
SCRIPT, SOURCE, BASE, DO, RUN, TEMPLATE = "script", "source", "desk.base", "do", "run", "template"
OPTION, CONFIGURATION = "customScripts", "configuration"
OPTIONS = frozenset({OPTION, CONFIGURATION})
SWITCHES = ("enabledDatabaseCustomization", "import_mode", "enable_script_context")


@dataclass(frozen=True)
class Argument:
    """What a script is called with: ``kind`` is text, secret, switch or json."""

    name: str
    kind: str = "text"
    example: str = ""

    @property
    def input(self) -> str:
        """The name of its input."""
        return f"arg.{self.name}"


_WHO, _EMAIL = Argument("identifier", example="jane@example.com"), Argument("email", example="jane@example.com")
_PASSWORD, _NEW_PASSWORD = Argument("password", "secret"), Argument("newPassword", "secret")
_USER = Argument("user", "json", '{\n  "email": "jane@example.com",\n  "password": "a password of hers"\n}')
_VERIFIED = Argument("verified", "switch")
ARGUMENTS: Mapping[str, tuple[Argument, ...]] = {
    "login": (_WHO, _PASSWORD),
    "get_user": (_WHO,),
    "create": (_USER,),
    "verify": (_EMAIL,),
    "change_password": (_WHO, _NEW_PASSWORD),
    "delete": (Argument("id"),),
    "change_email": (_EMAIL, Argument("newEmail"), _VERIFIED),
    "change_username": (Argument("username"), Argument("newUsername")),
    "change_phone_number": (Argument("phoneNumber"), Argument("newPhoneNumber"), _VERIFIED),
}
"""The scripts and their arguments before the callback (spec/custom-database.md, "Script contract")."""
VALUE = "configuration_value"
UNKEPT = (VALUE, *sorted({each.input for row in ARGUMENTS.values() for each in row}))
"""Inputs that wait nowhere while somebody signs in again."""


@dataclass(frozen=True)
class Script:
    """A script in the list: its address, and whether there is one."""

    name: str
    href: str
    written: bool
    current: bool


def _may_have(document: Document) -> bool:
    """Whether its strategy lets a tenant's own database be asked by scripts."""
    return bool(_strategy(document).script_sets)


def options_of(document: Document) -> frozenset[str]:
    """The options that are asked for here; none where the strategy has no scripts."""
    return OPTIONS if _may_have(document) else frozenset()


def _strategy(document: Document) -> Strategy:
    return strategies.named(str(document["strategy"]))


def _options(document: Document) -> dict[str, Any]:
    return dict(document.get("options") or {})


def _scripts(document: Document) -> dict[str, str]:
    stored = _options(document).get(OPTION) or {}
    return {name: str(source) for name, source in stored.items() if source}


def _picked(said: Mapping[str, str]) -> str:
    """The script that a page is about. Raises NotFound."""
    name = said.get(SCRIPT) or next(iter(ARGUMENTS))
    if name not in ARGUMENTS:
        raise NotFound("Not Found")
    return name


def _base(source: str) -> str:
    """What a form remembers of the script it was made from."""
    return sha256(source.encode()).hexdigest()[:24]


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    typed = visit.form or visit.kept
    event = _picked(typed if typed.get(SCRIPT) else visit.query)
    stored, template = _scripts(there.document), visit.query.get(TEMPLATE, "")
    strategy = _strategy(there.document)
    sets = [name for name, events in strategy.script_sets.items() if event in events]
    source = stored.get(event, "")
    if typed.get(SCRIPT) == event and SOURCE in typed:
        source = typed[SOURCE].replace("\r\n", "\n")
    elif template in sets and strategy.scripts_of is not None:
        source = strategy.scripts_of(template)[event]
    may = operations.may(visit.work, connections.update_connection)
    options = _options(there.document)
    return {
        "scripts": [_listed(visit, there, name, event, stored) for name in ARGUMENTS],
        "event": event,
        "source": source if may else "",
        "unsaved": source != stored.get(event, ""),
        "templates": sets,
        "template": template if template in sets else "",
        "arguments": ARGUMENTS[event],
        "configured": sorted(options.get(CONFIGURATION) or {}),
        "switches": [(name, bool(options.get(name))) for name in SWITCHES],
        "lasting": {name for name in strategy.lasting if options.get(name)},
        "version": typed.get(VERSION, there.tag),
        "base": typed.get(BASE, _base(stored.get(event, ""))),
        "may_save": may,
        "action": visit.href(there.path(NAME)),
        "outcome": None,
        "said": {},
        "source_problem": "",
    }


def _listed(visit: Visit, there: Object, name: str, event: str, stored: Mapping[str, str]) -> Script:
    return Script(name, visit.href(there.path(NAME), script=name), name in stored, name == event)


# ---- save and run
def _save(visit: Visit, there: Object, tab: Tab) -> Shown | Moved:
    """Save what stands in the editor, or run it: a run answers the page with what came of it, the draft in place."""
    event, source = _picked(visit.form), visit.form.get(SOURCE, "").replace("\r\n", "\n")
    runs, stored = visit.form.get(DO) == RUN, _scripts(there.document)
    if not visit.fresh and (runs or source != stored.get(event, "")):
        address = f"{there.path(NAME)}?{urlencode({SCRIPT: event})}"
        return Moved(kept.keep(visit.work, visit.form, address), fresh=True)
    if runs:
        return _ran(visit, there, tab, event, source)
    if source == stored.get(event, ""):
        return Moved(visit.href(there.path(NAME), script=event, done="frame.done.unchanged"))
    return _saved(visit, there, tab, event, source)


def _saved(visit: Visit, there: Object, tab: Tab, event: str, source: str) -> Shown | Moved:
    stored = _scripts(there.document)
    if visit.form.get(BASE) != _base(stored.get(event, "")):
        return _again(visit, there, tab, 409, visit.texts.t("scripts.conflict"), {"theirs": stored.get(event, "")})
    scripts = {**(_options(there.document).get(OPTION) or {}), event: source}
    try:
        _store(visit, there, {OPTION: {name: text for name, text in scripts.items() if text}})
    except VersionMismatch:
        return _again(visit, there, tab, 409, visit.texts.t("frame.conflict.raw"))
    except ManagementError as error:
        if error.status not in {400, 403}:
            raise
        return _again(visit, there, tab, 422, error.message)
    return Moved(visit.href(there.path(NAME), script=event, done="frame.done.saved"))


def _ran(visit: Visit, there: Object, tab: Tab, event: str, source: str) -> Shown:
    try:
        if not source.strip():
            raise BadRequest(visit.texts.t("scripts.nothing"), "invalid_body")
        body = {"args": [_argument(visit, each) for each in ARGUMENTS[event]], "script": source}
        found = operations.call(visit.work, trial_api.try_script, {**there.parameters, "event": event}, body)
    except ManagementError as error:
        if error.status not in {400, 403}:
            raise
        return _again(visit, there, tab, 422, error.message)
    return _again(visit, there, tab, 200, more={"outcome": {**found, "value": forms.pretty(found["value"])}})


def _argument(visit: Visit, each: Argument) -> Any:
    """What was typed for it. Raises BadRequest: it is no JSON."""
    typed = visit.form.get(each.input, "")
    if each.kind == "switch":
        return bool(typed)
    return forms.parsed(typed or "{}") if each.kind == "json" else typed


def _again(
    visit: Visit, there: Object, tab: Tab, status: int, problem: str = "", more: Mapping[str, Any] | None = None
) -> Shown:
    given = {**_view(visit, there), "source_problem": problem, **(more or {})}
    said = {each.input: visit.form.get(each.input, "") for row in ARGUMENTS.values() for each in row if _shown(each)}
    return tab_page(visit, there, tab, tab.template, {**given, "said": said}, status=status)


def _shown(each: Argument) -> bool:
    """Whether what was typed for it is shown again: passwords are not."""
    return each.kind != "secret"


def _store(visit: Visit, there: Object, members: Mapping[str, Any]) -> None:
    options = {name: value for name, value in {**_options(there.document), **members}.items() if value is not None}
    operations.call(visit.work, connections.update_connection, there.parameters, {"options": options}, seen=there.seen)


# ---- what is beside the scripts
def _switch(visit: Visit, there: Object) -> Done:
    """Whether the database is asked, whether its people move here, and what scripts are told."""
    before = _options(there.document)
    wanted = {name: bool(visit.form.get(name)) for name in SWITCHES}
    _store(visit, there, {name: on for name, on in wanted.items() if on != bool(before.get(name))})
    return Done("connections.done.customize", lands=NAME)


def _configure(visit: Visit, there: Object) -> Done:
    """A value that scripts read as ``configuration.NAME``.

    :raises BadRequest: a name or a value is missing.
    """
    name, value = visit.form.get("name", "").strip(), visit.form.get(VALUE, "")
    if not name or not value:
        raise BadRequest(visit.texts.t("scripts.configuration.missing"), "invalid_body")
    _store(visit, there, {CONFIGURATION: {**(_options(there.document).get(CONFIGURATION) or {}), name: value}})
    return Done("connections.done.configure", lands=NAME)


def _named(visit: Visit, _there: Object) -> str:
    """The name of the value that is to be forgotten."""
    return (visit.form or visit.query).get("name", "")[:128]


def _forget(visit: Visit, there: Object) -> Done:
    """Nobody can say the value again afterwards: it is shown nowhere.

    :raises BadRequest: there is none of that name.
    """
    values, name = dict(_options(there.document).get(CONFIGURATION) or {}), _named(visit, there)
    if name not in values:
        raise BadRequest(visit.texts.t("scripts.configuration.unknown"), "invalid_body")
    del values[name]
    _store(visit, there, {CONFIGURATION: values})
    return Done("connections.done.unconfigure", lands=NAME)


TAB = Tab(NAME, template="admin/connections/scripts.html", view=_view, save=_save, when=_may_have)
ACTIONS = (
    Action("customize", connections.update_connection, _switch, fresh=True, tab=NAME, when=_may_have),
    Action("configure", connections.update_connection, _configure, fresh=True, tab=NAME, when=_may_have),
    Action(
        "unconfigure",
        connections.update_connection,
        _forget,
        confirm=True,
        fresh=True,
        hidden=True,
        carries=("name",),
        what=_named,
        when=_may_have,
    ),
)
