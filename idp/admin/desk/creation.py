"""The form that makes a new object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from idp.admin.desk import drawing, kept, operations, order
from idp.admin.desk import form as forms
from idp.admin.desk.form import Problems
from idp.admin.desk.frame import Link, Moved, Shown, Visit
from idp.admin.desk.objects import Object, problems_of
from idp.admin.desk.once import hand_over
from idp.admin.desk.resource import Resource, Section
from idp.foundation.kernel.errors import ManagementError, NotFound

NEW = "new"
MOST_KIND = 64


def new_page(
    visit: Visit,
    resource: Resource,
    values: Mapping[str, str] | None = None,
    problems: Problems = forms.NONE,
    at: str = "",
) -> Shown:
    """The form that makes a new object; ``at`` is the field whose button was pressed."""
    handler = _creates(visit, resource)
    body = operations.endpoint(handler).body
    kind, sections = _form(visit, resource)
    given = values if values is not None else _begun(visit, kind, sections, body)
    kinds = resource.kinds
    return Shown(
        kinds.template if kinds else "admin/new.html",
        visit.texts.t(f"{resource.name}.new"),
        {
            "resource": resource,
            "sections": drawing.draw(body, sections, given, problems, new=True, at=at, preset=resource.preset({})),
            "unsaved": bool(at),
            "problems": problems,
            "action": visit.href(_path(resource, kind)),
            "back": visit.href(resource.path),
            "instead": [
                (name, visit.href(path))
                for name, path, handler in resource.instead
                if operations.may(visit.work, handler)
            ],
            **(kinds.view(visit, kind) if kinds else {}),
        },
        status=422 if problems or at else 200,
        current=f"{resource.group}/{resource.name}",
        trail=(Link("list", visit.texts.t(f"{resource.name}.title"), visit.href(resource.path)),),
    )


def _form(visit: Visit, resource: Resource) -> tuple[str, Sequence[Section]]:
    """The kind that was picked, empty where there are none or none of that name, and the form for it."""
    picked = visit.query.get(resource.kinds.field, "")[:MOST_KIND] if resource.kinds else ""
    sections = resource.kinds.sections(picked) if resource.kinds and picked else ()
    return (picked, sections) if sections else ("", resource.creation)


def _path(resource: Resource, kind: str) -> str:
    query = f"?{urlencode({resource.kinds.field: kind})}" if resource.kinds and kind else ""
    return f"{resource.path}/{NEW}{query}"


def _begun(visit: Visit, kind: str, sections: Sequence[Section], body: Any) -> dict[str, str]:
    """What a new one begins with: what was typed before the session ended, else what the address says. Forms of a kind
    have folded parts, in which nobody would see what somebody else's link put there: they begin empty.
    """
    fields = forms.fields_of(sections)
    if visit.kept:
        return forms.typed(visit.kept, fields, body, {})
    return {each.name: "" if kind else visit.query.get(each.name, "") for each in fields}


def create(visit: Visit, resource: Resource) -> Shown | Moved:
    """The form for a new object was sent."""
    handler = _creates(visit, resource)
    kind, sections = _form(visit, resource)
    body, fields = operations.endpoint(handler).body, forms.fields_of(sections)
    yours = forms.typed(visit.form, fields, body, {})
    move = order.asked(visit.form, forms.kinds_of(fields, body))
    if move is not None:
        return new_page(visit, resource, move.of(yours), at=move.name)
    if not visit.fresh and any(each.fresh and (yours[each.name] or not resource.kinds) for each in fields):
        return Moved(kept.keep(visit.work, visit.form, _path(resource, kind)), fresh=True)
    members, problems = forms.body_of(yours, fields, body)
    if resource.kinds and kind:
        members[resource.kinds.field] = kind
    if not problems:
        try:
            made = operations.call(visit.work, handler, {}, {**resource.preset(members), **members})
        except ManagementError as error:
            problems = problems_of(visit, error, members, body, fields)
        else:
            id_ = str(made[resource.identifier])
            secrets = {name: str(made[name]) for name in resource.told if made.get(name)}
            there = Object(resource, id_, made)
            return Moved(
                visit.href(
                    there.path(resource.lands), done=f"{resource.name}.done.created", once=hand_over(visit, secrets)
                )
            )
    return new_page(visit, resource, yours, problems)


def _creates(visit: Visit, resource: Resource) -> operations.Handler:
    if resource.create is None:
        raise NotFound("Not Found")
    operations.refuse_without_right(visit.work, resource.create)
    return resource.create
