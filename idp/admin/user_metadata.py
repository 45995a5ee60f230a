"""The two documents of a user as text: what stands in the editor is what is stored, and Undo brings back what was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.admin.desk import form as forms
from idp.admin.desk import objects, operations, undo
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.numbers import whole
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Action, Done, Tab
from idp.directory.users import api as users
from idp.foundation.kernel.errors import BadRequest, ManagementError, VersionMismatch

NAME = "metadata"
KINDS = ("user_metadata", "app_metadata")
KEY, SEEN = "kept", "seen"
"""Inputs of Undo: what is kept of before, and the version that the change made."""


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    """Both documents as text."""
    return _documents(visit, there, {name: forms.pretty(there.document.get(name) or {}) for name in KINDS}, {})


def _save(visit: Visit, there: Object, tab: Tab) -> Shown | Moved:
    """What stands in the editor is what is stored: members that are gone from it are removed."""
    typed = {name: visit.form.get(name, "").replace("\r\n", "\n") for name in KINDS}
    problems: dict[str, str] = {}
    changes: dict[str, Any] = {}
    status = 422
    if visit.form.get(objects.VERSION) != forms.version(there.document):
        problems, status = {name: visit.texts.t("users.metadata.stale") for name in KINDS}, 409
    for name in KINDS:
        try:
            wanted = forms.parsed(typed[name] or "{}")
        except BadRequest as error:
            problems.setdefault(name, error.message)
            continue
        if not isinstance(wanted, dict):
            problems.setdefault(name, visit.texts.t("users.metadata.object"))
            continue
        changed = _between(there.document.get(name) or {}, wanted)
        if changed:
            changes[name] = changed
    if changes and not problems:
        try:
            operations.call(visit.work, users.update_user, there.parameters, changes, seen=_version(visit, there))
        except ManagementError as error:
            problems = {next(iter(changes)): error.message}
    if problems:
        return objects.tab_page(
            visit, there, tab, tab.template, _documents(visit, there, typed, problems), status=status
        )
    back = _offer(visit, there, changes) if changes else {}
    return Moved(visit.href(there.path(NAME), done="frame.done.saved" if changes else "frame.done.unchanged", **back))


def _between(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What a PATCH says to make the one of the other."""
    changed = {key: value for key, value in wanted.items() if before.get(key) != value or key not in before}
    return {**changed, **{key: None for key in before if key not in wanted}}


def _offer(visit: Visit, there: Object, changes: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
    """Undo: the same members as they were, as long as nobody changes the user again."""
    before = {
        name: {key: (there.document.get(name) or {}).get(key) for key in members} for name, members in changes.items()
    }
    key = undo.keep(visit.work, before)
    values = {KEY: key, SEEN: str(_version(visit, there))}
    return undo.offer(visit, visit.href(there.path(_BACK)), values) if key else {}


def _version(visit: Visit, there: Object) -> int | None:
    return operations.version(visit.work, users.get_user, there.parameters)


def _take_back(visit: Visit, there: Object) -> Done:
    """Put back what Undo keeps."""
    before, seen = undo.kept(visit.work, visit.form.get(KEY, "")), whole(visit.form.get(SEEN, ""))
    if not before or seen is None:
        return Done("users.done.undo-late", lands=NAME)
    try:
        operations.call(visit.work, users.update_user, there.parameters, before, seen=seen)
    except VersionMismatch:
        return Done("users.done.undo-late", lands=NAME)
    return Done("users.done.metadata-back", lands=NAME)


def _documents(visit: Visit, there: Object, typed: Mapping[str, str], problems: Mapping[str, str]) -> Mapping[str, Any]:
    return {
        "documents": [(name, typed[name], problems.get(name, "")) for name in KINDS],
        "version": forms.version(there.document),
        "may_save": operations.may(visit.work, users.update_user),
        "action": visit.href(there.path(NAME)),
    }


_BACK = "metadata-back"
TAB = Tab(NAME, template="admin/users/metadata.html", view=_view, save=_save)
BACK = Action(_BACK, users.update_user, _take_back, tab=NAME)
