"""The raw tab: an object as the Management API answers it, to be read, copied and edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from idp.admin.desk import copies, kept, operations, restoring
from idp.admin.desk import form as forms
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.opened import unchanged
from idp.admin.desk.resource import Resource, Tab
from idp.foundation.kernel.errors import BadRequest, ManagementError, NotFound, VersionMismatch

if TYPE_CHECKING:
    from idp.admin.desk.objects import Object

INPUT = "document"


def tab() -> Tab:
    """The tab."""
    return Tab("raw", template="admin/raw.html", view=_view, save=_save)


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    resource = there.resource
    masked = operations.masked(there.document, resource.read)
    path = operations.path_of(resource.read, there.parameters)
    before = restoring.asked(visit, there) if visit.method == "GET" and not visit.kept else None
    return {
        "text": visit.kept.get(INPUT, forms.pretty(restoring.applied(masked, before or {}))),
        restoring.RESTORED: before is not None,
        "version": visit.kept.get("desk.version", there.tag),
        "problem": "",
        "may_save": operations.may(visit.work, resource.update) and not resource.fixed(visit, there),
        "action": visit.href(there.path("raw")),
        "copies": copies.of(visit.work.config.url, path, resource, there.parameters, masked),
    }


def _save(visit: Visit, there: Object, tab: Tab) -> Shown | Moved:
    """The document was edited: what differs is what a PATCH says."""
    from idp.admin.desk import objects

    update = there.resource.update
    if update is None:
        raise NotFound("Not Found")
    text = visit.form.get(INPUT, "")
    if visit.form.get(objects.VERSION) != there.tag:
        return _again(visit, there, tab, text, visit.texts.t("frame.conflict.raw"), 409)
    try:
        edited = forms.parsed(text)
        masked = operations.masked(there.document, there.resource.read)
        changes = _changes(masked, edited)
        if changes and not visit.fresh and _guarded(there.resource, masked, edited):
            return Moved(kept.keep(visit.work, visit.form, there.path(tab.name)), fresh=True)
        if changes:
            operations.call(
                visit.work,
                update,
                there.parameters,
                changes,
                seen=there.seen,
                before=lambda: unchanged(visit, there),
            )
    except BadRequest as error:
        return _again(visit, there, tab, text, error.message, 422)
    except VersionMismatch:
        return _again(visit, there, tab, text, visit.texts.t("frame.conflict.raw"), 409)
    except ManagementError as error:
        if error.status not in {403, 409}:
            raise
        return _again(visit, there, tab, text, error.message, 422)
    return Moved(visit.href(there.path("raw"), done="frame.done.saved" if changes else "frame.done.unchanged"))


def _changes(shown: Mapping[str, Any], edited: Any) -> Any:
    """The members that are not as they were shown; one that is gone is null. What is no object goes as it is."""
    if not isinstance(edited, dict):
        return edited
    changed = {name: value for name, value in edited.items() if name not in shown or shown[name] != value}
    return {**changed, **{name: None for name in shown if name not in edited}}


def _guarded(resource: Resource, shown: Mapping[str, Any], edited: Any) -> bool:
    """Whether a member differs that forms change after a fresh sign-in alone: editing the document is no way around."""
    tabs = (each for each in resource.tabs if each.read is None and each.update in {None, resource.update})
    fields = (each for tab in tabs for each in forms.fields_of((*tab.sections, *tab.may_be())))
    paths = {*resource.guarded, *(each.name for each in fields if each.fresh)}
    return isinstance(edited, dict) and any(forms.at(shown, path) != forms.at(edited, path) for path in paths)


def _again(visit: Visit, there: Object, tab: Tab, text: str, problem: str, status: int) -> Shown:
    from idp.admin.desk import objects

    given = {**_view(visit, there), "text": text, "problem": problem}
    return objects.tab_page(visit, there, tab, tab.template, given, status=status)
