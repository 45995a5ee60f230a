"""The pages of one object: its tabs, and the forms on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from idp.admin.desk import drawing, history, kept, operations, order, restoring
from idp.admin.desk import form as forms
from idp.admin.desk.form import Difference, Problems
from idp.admin.desk.frame import Link, Moved, Shown, Visit
from idp.admin.desk.once import handed_over
from idp.admin.desk.opened import Object, is_there, opened, sections_of, unchanged
from idp.admin.desk.resource import Document, Field, Resource, Section, Tab
from idp.foundation.kernel.errors import ManagementError, NotFound, VersionMismatch

__all__ = ["CONFIRMED", "VERSION", "Object", "opened", "page", "problems_of", "save", "tab_page"]
BASE, VERSION, CONFIRMED = "desk.base", "desk.version", "desk.confirmed"
REVIEW = "desk.review"
"""Says that somebody wants to see the differences before they are saved, though nothing careful changes."""


# ---- tabs
@dataclass(frozen=True)
class Sheet:
    """The form of a tab: what it is about, and the operation that saves it."""

    tab: Tab
    document: Document
    sections: Sequence[Section]
    update: operations.Handler | None
    seen: int | None
    tag: str
    makes: bool = False
    """Whether it makes what is not there yet."""
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> list[Field]:
        """All of its fields."""
        return forms.fields_of(self.sections)

    @property
    def body(self) -> Any:
        """The body that is sent. Raises NotFound where nothing is."""
        if self.update is None:
            raise NotFound("Not Found")
        return operations.endpoint(self.update).body

    @property
    def replaces(self) -> bool:
        """Whether the operation wants everything, and not what is different."""
        return self.update is not None and operations.endpoint(self.update).method == "PUT"

    @property
    def now(self) -> dict[str, str]:
        """Its members as they are."""
        return forms.written(self.document, self.fields, self.body)

    def sent(self, yours: Mapping[str, str], changed: Mapping[str, str]) -> Mapping[str, str]:
        """What the operation is told of them."""
        if self.makes:
            return {name: text for name, text in yours.items() if text or name in changed}
        return yours if self.replaces else changed


def _sheet(visit: Visit, there: Object, tab: Tab) -> Sheet:
    about = there
    if tab.read is not None:
        document = operations.call(visit.work, tab.read, {})
        about = Object(there.resource, there.id, document, operations.version(visit.work, tab.read, {}))
    elif tab.about is not None:
        about = Object(there.resource, there.id, tab.about.document(visit, there) or {})
    chosen = tab.chosen(visit) if tab.chosen else {}
    sections = sections_of(visit, about, tab, chosen)
    absent = there.resource.absent if there.missing else None
    update = (absent and absent.create) or tab.update or there.resource.update
    shown = tab.shown(about.document)
    return Sheet(tab, shown, sections, update, about.seen, about.tag, there.missing, chosen)


def page(visit: Visit, there: Object, name: str) -> Shown | Moved:
    """A tab."""
    tab = tab_of(visit, there, name)
    if not tab.is_form:
        return tab_page(visit, there, tab, tab.template, tab.view(visit, there) if tab.view else {})
    sheet = _sheet(visit, there, tab)
    now = {**sheet.now, **sheet.chosen}
    if visit.kept:
        return _form(visit, there, sheet, forms.typed(visit.kept, sheet.fields, sheet.body, now))
    before = restoring.asked(visit, there) if restoring.fits(tab) else None
    if before is None:
        return _form(visit, there, sheet, now)
    document = tab.shown(restoring.applied(there.document, before))
    shown = _form(visit, there, sheet, forms.written(document, sheet.fields, sheet.body))
    return replace(shown, values={**shown.values, restoring.RESTORED: True})


def save(visit: Visit, there: Object, name: str) -> Shown | Moved:
    """The form of a tab was sent."""
    tab = tab_of(visit, there, name)
    operations.refuse_without_right(visit.work, tab.update or there.resource.update)
    if tab.save is not None:
        done: Shown | Moved | None = tab.save(visit, there, tab)
        if done is not None:
            return done
    if not tab.is_form:
        raise NotFound("Not Found")
    sheet = _sheet(visit, there, tab)
    fields, now = sheet.fields, sheet.now
    yours = forms.typed(visit.form, fields, sheet.body, now)
    move = order.asked(visit.form, forms.kinds_of(fields, sheet.body))
    if move is not None:
        return _moved(visit, there, sheet, move, yours)
    if visit.form.get(VERSION) != sheet.tag and _others_changed(visit, sheet):
        return _conflict(visit, there, sheet, yours)
    changed = {name: text for name, text in yours.items() if text != now[name]}
    if not changed:
        return Moved(visit.href(there.path(tab.name), done="frame.done.unchanged"))
    return _changed(visit, there, sheet, yours, changed)


def _moved(visit: Visit, there: Object, sheet: Sheet, move: order.Move, values: Mapping[str, str]) -> Shown:
    """The form with values in another order, not saved; it still remembers the document that it was made from."""
    shown = _form(visit, there, sheet, move.of(values), status=422, at=move.name)
    before = {"version": visit.form.get(VERSION, sheet.tag), "base": visit.form.get(BASE, "")}
    return replace(shown, values={**shown.values, **before})


def _changed(
    visit: Visit, there: Object, sheet: Sheet, yours: Mapping[str, str], changed: Mapping[str, str]
) -> Shown | Moved:
    """What somebody changed, and nobody else meanwhile."""
    fields, now = sheet.fields, sheet.now
    if not visit.fresh and any(each.fresh for each in fields if each.name in changed):
        return Moved(kept.keep(visit.work, visit.form, there.path(sheet.tab.name)), fresh=True)
    members, problems = forms.body_of(
        sheet.sent(yours, changed), fields, sheet.body, now=sheet.document, whole=there.resource.whole
    )
    if sheet.tab.check is not None and not problems:
        problems = Problems(sheet.tab.check(visit, yours))
    if problems:
        return _form(visit, there, sheet, yours, problems, status=422)
    members = sheet.tab.sent(sheet.document, members)
    differing = forms.differences(fields, sheet.body, now, yours)
    asks = any(each.careful for each in differing) or visit.form.get(REVIEW) == "yes"
    if not sheet.makes and asks and visit.form.get(CONFIRMED) != "yes":
        return _asked_first(visit, there, sheet, yours, members, differing)
    return _saved(visit, there, sheet, yours, members)


def _asked_first(
    visit: Visit,
    there: Object,
    sheet: Sheet,
    yours: Mapping[str, str],
    members: Mapping[str, Any],
    rows: Sequence[Difference],
) -> Shown:
    """What is about to change, unless its type already says that it cannot."""
    problems = _checked(visit, members, sheet.body, sheet.fields)
    if problems:
        return _form(visit, there, sheet, yours, problems, status=422)
    return _review(visit, there, sheet, yours, rows)


def _saved(
    visit: Visit, there: Object, sheet: Sheet, yours: Mapping[str, str], members: Mapping[str, Any]
) -> Shown | Moved:
    try:
        problems = _attempt(visit, there, sheet, members)
    except VersionMismatch:  # somebody was quicker by a moment
        visit.work.rows.expire_all()
        now = opened(visit, there.resource, there.id)
        return _conflict(visit, now, _sheet(visit, now, sheet.tab), yours)
    if problems:
        return _form(visit, there, sheet, yours, problems, status=422)
    return Moved(visit.href(there.path(sheet.tab.name), done="frame.done.saved"))


def _attempt(visit: Visit, there: Object, sheet: Sheet, members: Mapping[str, Any]) -> Problems:
    """Have the operation done; what it refuses belongs to the form."""
    if sheet.update is None:
        raise NotFound("Not Found")
    own = sheet.tab.update and sheet.tab.about is None
    nameless = own or (sheet.makes and sheet.update is not there.resource.update)
    try:
        operations.call(
            visit.work,
            sheet.update,
            {} if nameless else there.parameters,
            members,
            seen=sheet.seen,
            before=lambda: _unchanged(visit, there, sheet),
        )
    except VersionMismatch:
        raise
    except ManagementError as error:
        return problems_of(visit, error, members, sheet.body, sheet.fields)
    return forms.NONE


def _unchanged(visit: Visit, there: Object, sheet: Sheet) -> None:
    """Whether nobody was quicker by a moment. Raises VersionMismatch."""
    unchanged(visit, there)
    if sheet.tab.about is not None:
        sheet.tab.about.lock(visit, there)
        visit.work.rows.expire_all()
        if _sheet(visit, there, sheet.tab).tag != sheet.tag:
            raise VersionMismatch


def problems_of(
    visit: Visit, error: ManagementError, members: Mapping[str, Any], body: Any, fields: Sequence[Field]
) -> Problems:
    """What an operation refused, at the fields of a form. Raises the error where that is nothing to be said there."""
    if error.status not in {400, 403, 409}:
        raise error
    development = visit.work.platform.settings.development
    return forms.placed(forms.all_problems(error, members, body, development=development), fields)


def _checked(visit: Visit, members: Mapping[str, Any], body: Any, fields: Sequence[Field]) -> Problems:
    """What the declared type finds wrong before anybody is asked whether they are sure."""
    found = forms.fault_in(members, body, development=visit.work.platform.settings.development)
    return problems_of(visit, found, members, body, fields) if found else forms.NONE


def _form(
    visit: Visit,
    there: Object,
    sheet: Sheet,
    values: Mapping[str, str],
    problems: Problems = forms.NONE,
    *,
    status: int = 200,
    at: str = "",
) -> Shown:
    tab = sheet.tab
    return tab_page(
        visit,
        there,
        tab,
        tab.template or "admin/form.html",
        {
            **(tab.view(visit, there) if tab.view else {}),
            "sections": drawing.draw(sheet.body, sheet.sections, values, problems, at=at),
            "unsaved": status != 200,
            "problems": problems,
            "version": visit.kept.get(VERSION, sheet.tag),
            "base": visit.kept.get(BASE, forms.pretty(sheet.now)),
            "may_save": operations.may(visit.work, sheet.update) and not there.resource.fixed(visit, there),
            "action": visit.href(there.path(tab.name)),
        },
        status=status,
    )


def _others_changed(visit: Visit, sheet: Sheet) -> bool:
    """Whether anything that stands in this form is not as it was when the form was made; what stands elsewhere may
    have changed, and stays.
    """
    before = forms.base_of(visit.form.get(BASE, ""), {})
    return any(before.get(name) != text for name, text in sheet.now.items())


def _conflict(visit: Visit, there: Object, sheet: Sheet, yours: Mapping[str, str]) -> Shown:
    """Somebody else changed it meanwhile: nothing is saved, and what differs is shown from both."""
    now = sheet.now
    before = forms.base_of(visit.form.get(BASE, ""), now)
    rows = forms.differences(sheet.fields, sheet.body, before, yours, now)
    # what only they changed is taken over, so that saving again does not undo it
    both = {name: now[name] if yours[name] == before.get(name, "") else yours[name] for name in yours}
    return _differences(visit, there, sheet, both, rows, "admin/conflict.html", 409)


def _review(visit: Visit, there: Object, sheet: Sheet, yours: Mapping[str, str], rows: Sequence[Difference]) -> Shown:
    """What is about to change, old and new, before it does."""
    goes = sheet.tab.counts(visit, there, yours) if sheet.tab.counts else {}
    return _differences(visit, there, sheet, yours, rows, "admin/review.html", 422, goes=goes)


def _differences(
    visit: Visit,
    there: Object,
    sheet: Sheet,
    values: Mapping[str, str],
    rows: Sequence[Difference],
    template: str,
    status: int,
    *,
    goes: Mapping[str, int] | None = None,
) -> Shown:
    secret = forms.secrets_of(sheet.sections, sheet.body)
    return tab_page(
        visit,
        there,
        sheet.tab,
        template,
        {
            "rows": rows,
            "goes": goes or {},
            "hidden": forms.inputs(values, sheet.fields, sheet.body),
            "secrets": {name: visit.form[name] for name in secret if visit.form.get(name)},
            "version": sheet.tag,
            "base": visit.form.get(BASE, "") if status == 422 else forms.pretty(sheet.now),
            "action": visit.href(there.path(sheet.tab.name)),
            "back": visit.href(there.path(sheet.tab.name)),
        },
        status=status,
    )


def tab_page(
    visit: Visit, there: Object, tab: Tab, template: str, given: Mapping[str, Any], *, status: int = 200
) -> Shown:
    """A page of the object: that of ``tab``, or one that stands in for it."""
    resource = there.resource
    shown = [each for each in resource.tabs if is_there(visit, there, each)]
    texts = visit.texts
    links = [
        Link(
            each.name,
            texts.known(f"{resource.name}.tab.{each.name}", texts.known(f"frame.tab.{each.name}", each.name)),
            visit.href(there.path("" if each is shown[0] else each.name)),
            each.name == tab.name,
        )
        for each in shown
    ]
    fixed = resource.fixed(visit, there)
    actions = [
        each
        for each in resource.actions
        if each.when(there.document)
        and not each.hidden
        and not (each.danger and fixed)
        and operations.may(visit.work, each.operation)
    ]
    return Shown(
        template,
        texts.t(f"{resource.name}.title") if resource.single else there.title,
        {
            "resource": resource,
            "object": there,
            "tabs": links,
            "tab": tab,
            "actions": [each for each in actions if not (each.danger or each.tab)],
            "dangers": [each for each in actions if each.danger] if tab is _for_dangers(resource, shown) else [],
            "act": lambda action: (
                action.elsewhere(visit, there) if action.elsewhere else visit.href(there.path(action.name))
            ),
            "once": handed_over(visit),
            "state": resource.state(there.document) if resource.state is not None else None,
            "latest": history.latest(visit, there) if tab.name != history.NAME and "latest" not in given else None,
            "typed": visit.kept,
            "problem": "",
            **given,
        },
        status=status,
        current=f"{resource.group}/{resource.name}",
        trail=() if resource.single else (Link("list", texts.t(f"{resource.name}.title"), visit.href(resource.path)),),
        document=there.document,
        framed=tab.framed,
    )


def _for_dangers(resource: Resource, shown: Sequence[Tab]) -> Tab:
    """The tab that ends with what is dangerous: the first form, or the first of all where there is none."""
    return next((each for each in resource.tabs if each.is_form), shown[0])


def tab_of(visit: Visit, there: Object, name: str) -> Tab:
    """The tab of that name, the first one without a name. Raises NotFound where there is none for this person."""
    shown = [each for each in there.resource.tabs if is_there(visit, there, each)]
    found = next((each for each in shown if each.name == name), None) if name else next(iter(shown), None)
    if found is None:
        raise NotFound("Not Found")
    return found
