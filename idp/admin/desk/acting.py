"""What is done with an object: at once, or after a page that asks."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from idp.admin.desk import kept, operations, undo
from idp.admin.desk.frame import Link, Moved, Shown, Visit
from idp.admin.desk.objects import Object, page
from idp.admin.desk.once import hand_over
from idp.admin.desk.resource import Action, Done
from idp.foundation.kernel.errors import ManagementError

TYPED = "desk.typed"
"""The input in which the name is typed of what is deleted."""


def confirmation(visit: Visit, there: Object, action: Action, problem: str = "") -> Shown | Moved:
    """The page that asks before something is done that cannot be taken back."""
    operations.refuse_without_right(visit.work, action.operation)
    if action.elsewhere is not None:
        return Moved(action.elsewhere(visit, there))
    said = visit.form or visit.query
    carried = {name: said[name] for name in action.carries if said.get(name)}
    if action.wants_fresh(there.document) and not visit.fresh:
        asked = f"?{urlencode(carried)}" if carried else ""
        return Moved(f"{there.path(action.name)}{asked}", fresh=True)
    return Shown(
        action.template,
        visit.texts.t(f"{there.resource.name}.action.{action.name}"),
        {
            "resource": there.resource,
            "object": there,
            "action": action,
            "goes": action.counts(visit, there) if action.counts else {},
            "problem": problem,
            "carried": carried,
            "what": action.what(visit, there) if action.what else "",
            "href": visit.href(there.path(action.name)),
            "back": visit.href(there.path()),
            **(action.view(visit, there) if action.view else {}),
        },
        status=422 if problem else 200,
        current=f"{there.resource.group}/{there.resource.name}",
        trail=(
            Link("list", visit.texts.t(f"{there.resource.name}.title"), visit.href(there.resource.path)),
            Link("object", there.title, visit.href(there.path())),
        ),
        document=there.document,
    )


def act(visit: Visit, there: Object, action: Action) -> Shown | Moved:
    """Do it."""
    operations.refuse_without_right(visit.work, action.operation)
    if action.wants_fresh(there.document) and not visit.fresh:
        if action.tab and not action.confirm:
            return Moved(kept.keep(visit.work, visit.form, there.path(action.tab)), fresh=True)
        return Moved(there.path(action.name), fresh=True)
    if action.typed and visit.form.get(TYPED, "").strip() != there.title:
        return confirmation(visit, there, action, visit.texts.t("frame.confirm.wrongName"))
    try:
        done = action.run(visit, there) or Done(f"{there.resource.name}.done.{action.name}")
    except ManagementError as error:
        if error.status not in {400, 403, 409}:
            raise
        return _not_done(visit, there, action, error)
    if done.href:
        return Moved(done.href)
    target = there.resource.path if done.gone or action.name == "delete" else there.path(done.lands)
    back = undo.offer(visit, visit.href(there.path(done.undo)), done.values) if done.undo else {}
    return Moved(
        visit.href(
            target,
            done=done.said,
            once=hand_over(visit, done.secrets),
            **done.query,
            **back,
        )
    )


def _not_done(visit: Visit, there: Object, action: Action, error: ManagementError) -> Shown | Moved:
    """What an action was refused for, where its form is."""
    if not action.tab:
        return confirmation(visit, there, action, error.message)
    shown = page(visit, there, action.tab)
    if isinstance(shown, Moved):
        return shown
    typed = kept.without_secrets(visit.form)
    return replace(shown, status=422, values={**shown.values, "problem": error.message, "typed": typed})
