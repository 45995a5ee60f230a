"""The tab *Mapping* of a connection: which of its source's attributes becomes which of ours, and what would come of a
sample profile, each attribute with where it comes from. What is typed is tried before it is saved; nobody signs in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.contract import ConnectorError, Maps
from idp.admin.connection_kinds import forms_of
from idp.admin.desk import form as forms
from idp.admin.desk import objects, operations
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Document, Section, Tab
from idp.directory.connections import api as connections
from idp.directory.connections import runtime, strategies
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import api as users
from idp.directory.users.service import foreseen
from idp.foundation.kernel.errors import BadRequest, ManagementError, NotFound

NAME, SAMPLE, WHO, DO = "mapping", "sample", "person", "do"
PREVIEW, TAKE = "preview", "take"
UNKEPT = (SAMPLE, WHO)
"""Inputs that wait nowhere while somebody signs in again."""
PROBLEMS = frozenset({"sample_problem", "person_problem"})
MOST_SAMPLE = 131_072
"""Characters of a sample: what is kept of a profile, indented."""
MOST_NAMED = 300
"""Characters of an address or an id of a person."""
MAPS = (
    "attribute_map",
    "fieldsMap",
    "user_id_attribute",
    "id_attribute",
    "should_trust_email_verified_connection",
    "set_user_root_attributes",
    "non_persistent_attrs",
)
"""Options that say what becomes of a profile, as far as a strategy has them."""


def options_of(document: Document) -> Sequence[str]:
    """Those of a connection; none where the tab is not there."""
    return _declared(str(document["strategy"])) if strategies.can(document, Maps) else []


def _declared(strategy: str) -> Sequence[str]:
    declared = {each.encode_name for each in strategies.fields_of(strategy)}
    return [each for each in MAPS if each in declared]


def _sections(document: Document) -> Sequence[Section]:
    strategy = strategies.named(str(document["strategy"]))
    return (Section("mapping", forms_of(strategy, _declared(strategy.name))),)


def _sections_of_any() -> Iterator[Section]:
    for each in strategies.every():
        if not each.unusable:
            yield from _sections({"strategy": each.name})


def _maps(document: Document) -> bool:
    return bool(options_of(document))


def _config(visit: Visit, there: Object) -> ConnectionConfig:
    found = runtime.find(visit.work, there.id)
    if found is None:
        raise NotFound("Not Found")
    return found


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    typed = visit.kept.get(SAMPLE)
    sample = forms.pretty(foreseen.example(visit.work, _config(visit, there))) if typed is None else typed
    return {
        "sample": sample,
        "foreseen": None,
        "sample_problem": "",
        "may_take": operations.may(visit.work, users.get_user),
        "person": visit.kept.get(WHO, ""),
        "person_problem": "",
        "shown": _text,
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else forms.pretty(value)


def _save(visit: Visit, there: Object, tab: Tab) -> Shown | Moved | None:
    """A preview of what is typed, or with what is kept of a person; everything else is saved as usual."""
    does = {PREVIEW: _previewed, TAKE: _taken}.get(visit.form.get(DO, ""))
    if does is None:
        return None
    shown = objects.page(replace(visit, kept=visit.form), there, tab.name)
    if isinstance(shown, Moved):
        return shown
    told = does(visit, there)
    return replace(shown, values={**shown.values, **told}, status=422 if told.keys() & PROBLEMS else 200)


def _previewed(visit: Visit, there: Object) -> Mapping[str, Any]:
    try:
        return _foreseen(visit, there, _sample(visit))
    except BadRequest as error:
        return {"sample_problem": error.message}


def _taken(visit: Visit, there: Object) -> Mapping[str, Any]:
    """The sample is what the source said of somebody. Raises Forbidden where users are not theirs to read."""
    operations.refuse_without_right(visit.work, users.get_user)
    try:
        said = foreseen.recalled(visit.work, _config(visit, there), _person(visit, str(there.document["name"])))
    except NotFound as error:
        unknown = visit.texts.t("mapping.person.nobody")
        return {"person_problem": visit.texts.known(f"mapping.person.{error.error_code}", unknown)}
    return {"sample": forms.pretty(said), **_foreseen(visit, there, said)}


def _foreseen(visit: Visit, there: Object, said: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return {"foreseen": foreseen.foresee(visit.work, _draft(visit, there), said)}
    except ConnectorError as error:
        return {"sample_problem": error.message if error.detail is None else f"{error.message} ({error.detail})"}
    except ManagementError as error:
        return {"sample_problem": error.message}


def _person(visit: Visit, connection: str) -> str:
    """The id of whom was typed: an id, or the address of a person of the connection. Raises NotFound."""
    typed = visit.form.get(WHO, "").strip()[:MOST_NAMED]
    if "@" in typed and "|" not in typed:
        found = operations.call(visit.work, users.list_by_email, query={"email": typed.lower()})
    else:
        found = [operations.call(visit.work, users.get_user, {"id": typed})] if typed else []
    here = [each for each in found if any(one["connection"] == connection for one in each["identities"])]
    if len(here) != 1:
        raise NotFound("Not Found", "several" if here else "nobody")
    return str(here[0]["user_id"])


def _sample(visit: Visit) -> Mapping[str, Any]:
    """:raises BadRequest: what was typed is no JSON object."""
    said = forms.parsed(visit.form.get(SAMPLE, "")[:MOST_SAMPLE])
    if not isinstance(said, dict):
        raise BadRequest(visit.texts.t("mapping.noObject"), "invalid_body")
    return said


def _draft(visit: Visit, there: Object) -> ConnectionConfig:
    """The connection with what is typed in its form. Raises BadRequest: it cannot be saved so either."""
    stored, strategy = _config(visit, there), strategies.named(str(there.document["strategy"]))
    fields = forms.fields_of(_sections(there.document))
    body = operations.endpoint(connections.update_connection).body
    now = forms.written(there.document, fields, body)
    changed = {name: text for name, text in forms.typed(visit.form, fields, body, now).items() if text != now[name]}
    members, problems = forms.body_of(changed, fields, body, now={"options": stored.document}, whole=("options",))
    if problems:
        raise BadRequest("; ".join([*problems.at.values(), *problems.other]), "invalid_body")
    document = members.get("options", stored.document)
    strategies.check(strategy, document)
    return ConnectionConfig(stored.id, stored.name, stored.strategy, strategy.read(document), document, stored.data)


TAB = Tab(
    NAME,
    template="admin/connections/mapping.html",
    view=_view,
    save=_save,
    made_of=_sections,
    may_be=_sections_of_any,
    when=_maps,
)
