"""What is done with many rows of a list: the page that says how many and asks, and the job that does it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from idp.admin import batches as running
from idp.admin.desk import kept, operations
from idp.admin.desk import listing as lists
from idp.admin.desk.acting import TYPED
from idp.admin.desk.frame import Link, Moved, Shown, Visit
from idp.admin.desk.numbers import whole
from idp.admin.desk.objects import CONFIRMED
from idp.admin.desk.resource import Bulk, Bulks, Resource
from idp.directory.bulk import batches, limits, progress
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest, ManagementError, NotFound
from idp.tenant.members.roles import OWNER

NAME = "bulk"
ROW, ALL, ACTION, VALUE = "row.", "all", "action", "value"
"""Inputs: a row each, all that the list finds, what is done, and what was chosen for it."""
SHOWN = 5
"""Objects that are named before anything is done with them."""
JOBS = "/admin/monitoring/jobs"
_APART = re.compile(r"[\s.,'’٬]")
"""What keeps thousands apart in some language: the number is typed as it is shown, or without."""


class _Selection:
    """What was ticked: some rows, or everything that the list finds."""

    def __init__(self, visit: Visit, resource: Resource, form: Mapping[str, str]) -> None:
        self.keys = [name.removeprefix(ROW) for name in form if name.startswith(ROW)]
        self.all = form.get(ALL) == "true"
        self.before = whole(form.get("before", "")) or clock.now_ms()
        listing, bulks = resource.listing, resource.bulk
        if listing is None or bulks is None:
            raise NotFound("Not Found")
        self.wanted = lists.asked(listing, form)
        self.query = bulks.query(self.wanted) if self.all else ""
        self._visit, self._bulks = visit, bulks

    def amount(self) -> int:
        """How many there are."""
        if not self.all:
            return len(self.keys)
        return self._bulks.count(self._visit.work, self.query, self.before, limits.MOST_OF_BATCH)

    def some(self) -> Sequence[str]:
        """The first few."""
        if not self.all:
            return self.keys[:SHOWN]
        return self._bulks.walk(self._visit.work, self.query, self.before, "", SHOWN)

    def inputs(self) -> dict[str, str]:
        """As the next form sends it."""
        if not self.all:
            return {f"{ROW}{key}": "on" for key in self.keys}
        return {ALL: "true", "before": str(self.before), "q": self.wanted.q, **self.wanted.filters}


def page(visit: Visit, resource: Resource) -> Shown | Moved:
    """Ask, or begin.

    :raises ManagementError: there is no such action, or not for this person.
    """
    bulks, form = resource.bulk, visit.form or visit.kept
    action = bulks.action(form.get(ACTION, "")) if bulks is not None else None
    if bulks is None or action is None:
        return Moved(visit.href(resource.path))
    operations.refuse_without_right(visit.work, action.operation)
    if action.fresh and not visit.fresh:
        return Moved(kept.keep(visit.work, form, f"{resource.path}/{NAME}"), fresh=True)
    selection = _Selection(visit, resource, form)
    try:
        amount = selection.amount()
    except BadRequest:  # the list itself says what is wrong with its query
        return Moved(visit.href(resource.path, q=selection.wanted.q))
    problem = _problem(visit, action, amount, form)
    if visit.method == "POST" and form.get(CONFIRMED) == "yes" and amount and not problem:
        try:
            return Moved(visit.href(f"{JOBS}/{_begin(visit, resource, action, selection, amount)}"))
        except ManagementError as error:  # too many of them are under way
            problem = error.message
    return _asks(visit, resource, bulks, action, selection, amount, problem)


def is_too_much(visit: Visit, action: Bulk, amount: int) -> bool:
    """Whether only an Owner does that with so many."""
    return action.danger and amount > limits.MOST_DELETED and OWNER not in visit.work.actor.roles


def _problem(visit: Visit, action: Bulk, amount: int, form: Mapping[str, str]) -> str:
    """Why it may not begin."""
    if is_too_much(visit, action, amount):
        return visit.texts.t("frame.bulk.tooMany", count=limits.MOST_DELETED)
    if amount > limits.MOST_OF_BATCH:
        return visit.texts.t("frame.bulk.tooMany", count=limits.MOST_OF_BATCH)
    if form.get(CONFIRMED) != "yes":
        return ""
    if action.danger and _APART.sub("", form.get(TYPED, "")) != str(amount):
        return visit.texts.t("frame.bulk.wrongNumber")
    if action.choices is not None and form.get(VALUE, "") not in {value for value, _ in action.choices(visit)}:
        return visit.texts.t("frame.bulk.choose")
    return ""


def _begin(visit: Visit, resource: Resource, action: Bulk, selection: _Selection, amount: int) -> str:
    """The id of the job; a few objects are done at once.

    :raises ManagementError: too many are under way, or there is something wrong with it.
    """
    form = visit.form
    value = form.get(VALUE, "") if action.choices is not None else ""
    if action.begin is not None:
        return action.begin(visit, None if selection.all else selection.keys, selection.query, value)
    found = {"query": selection.query, "before": selection.before} if selection.all else {}
    document = {
        "resource": resource.name,
        "action": action.name,
        "by": by(visit),
        "undo": bool(action.undo) and amount <= limits.MOST_TAKEN_BACK,
        **found,
        **({VALUE: value} if value else {}),
    }
    keys = None if selection.all else selection.keys
    return begun(visit, document, keys, amount)


def by(visit: Visit) -> dict[str, str]:
    """Who asks, for whoever does it later."""
    work = visit.work
    return {
        "user_id": visit.member.session.user_id,
        "name": visit.member.actor.name or "",
        "ip": work.ip,
        "user_agent": work.user_agent,
    }


def begun(visit: Visit, document: Mapping[str, Any], keys: Sequence[str] | None, amount: int) -> str:
    """The id of a job that is begun; a few objects are done before this answers, the worker does more."""
    work, few = visit.work, amount <= running.AT_ONCE
    job = batches.ask(work, running.TASK, document, keys, amount, delay_ms=running.WAITS_MS if few else 0)
    job_id = job.id
    if few and progress.begin(work, job_id):
        mine = progress.load(work, job_id)
        if mine is not None:
            running.run(work, mine, seconds=limits.SLICE_S)
            work.actor = visit.member.actor
    return job_id


def _asks(
    visit: Visit,
    resource: Resource,
    bulks: Bulks,
    action: Bulk,
    selection: _Selection,
    amount: int,
    problem: str,
) -> Shown:
    name = resource.name
    titles = bulks.titles(visit.work, selection.some()) if amount else {}
    return Shown(
        "admin/bulk.html",
        visit.texts.t(f"{name}.bulk.{action.name}"),
        {
            "resource": resource,
            "action": action,
            "amount": amount,
            "titles": list(titles.values()),
            "more": max(0, amount - len(titles)),
            "hidden": {ACTION: action.name, CONFIRMED: "yes", **selection.inputs()},
            "choices": action.choices(visit) if action.choices is not None else (),
            "chosen": (visit.form or visit.kept).get(VALUE, ""),
            "problem": problem,
            "href": visit.href(f"{resource.path}/{NAME}"),
            "back": visit.href(resource.path, q=selection.wanted.q or None, **selection.wanted.filters),
        },
        status=422 if visit.method == "POST" else 200,
        current=f"{resource.group}/{name}",
        trail=(Link("list", visit.texts.t(f"{name}.title"), visit.href(resource.path)),),
    )
