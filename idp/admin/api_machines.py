"""Which applications may ask for which permissions of an API on their own behalf, as one table (the tab *Machine to
machine*), saved as one act: the operation says what changes of each application, and either all of it is done or
nothing.

What somebody else changed meanwhile stays: each box is a change of its own, and no two people want different things of
a box that they both changed (docs/decisions/0436).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta
from sqlalchemy import func, or_, select, tuple_

from idp.admin import api_machines_draft as drafts
from idp.admin import app_ways
from idp.admin.api_machines_draft import MOST_SAVED, NOTHING, ROWS, Draft
from idp.admin.desk import objects, operations
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.listing import holds
from idp.admin.desk.numbers import whole
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Tab
from idp.applications.clients import client_grants, rights
from idp.applications.clients import client_grants_api as grants
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.resource_servers import service as servers
from idp.foundation.apikit import Api, Body, View, cursor
from idp.foundation.db.json_text import json_matches
from idp.foundation.kernel.errors import BadRequest, ManagementError
from idp.foundation.kernel.rights import missing_scope
from idp.foundation.tenancy.work import Work

api = Api("api-machines")
GRANT, CREATE = "client_credentials", "create:client_grants"
COLUMNS = 12
"""Permissions of a page."""
CONFIRMED, GO, SEARCH = "confirmed", "go", "search"
"""Inputs: what differs was looked at, and another page of the table is wanted, by a search or not."""
_Scope = Annotated[str, Meta(min_length=1, max_length=280)]


class MachineChange(Body):
    """What changes of one application."""

    client_id: Annotated[str, Meta(min_length=1, max_length=64)]
    add: Annotated[tuple[_Scope, ...], Meta(max_length=100)] = ()
    remove: Annotated[tuple[_Scope, ...], Meta(max_length=100)] = ()


class MachineChanges(Body):
    """Of all of them."""

    changes: Annotated[list[MachineChange], Meta(min_length=1, max_length=MOST_SAVED)]


class MachinesView(View):
    """How many applications' grants are different now."""

    changed: int


@api.patch(
    "/resource-servers/{id}/client-grants",
    scopes={"update:client_grants"},
    summary="Update client grants of a resource server",
)
def change(work: Work, id: str, body: MachineChanges) -> MachinesView:
    """Everything of it, or nothing. Of the Management API nobody gives or takes what they do not have."""
    server, wanted = servers.get(work, id), {each.client_id: each for each in body.changes}
    if len(wanted) != len(body.changes):
        raise BadRequest("Each application stands there once.", "invalid_body", where="changes")
    known = {scope["value"] for scope in server.data.get("scopes") or ()}
    unknown = sorted({scope for each in body.changes for scope in each.add} - known)
    if unknown:
        raise BadRequest(f"Scopes not defined by the resource server: {', '.join(unknown)[:300]}", "invalid_body")
    audience = server.identifier
    rows = work.rows.lock_all(
        select(ClientGrant)
        .where(
            ClientGrant.audience == audience,
            ClientGrant.subject_type == "client",
            ClientGrant.client_id.in_(sorted(wanted)),
        )
        .order_by(ClientGrant.id)
    )
    given = {row.client_id: row for row in rows}
    return MachinesView(sum(_change(work, audience, wanted[each], given.get(each)) for each in sorted(wanted)))


def _change(work: Work, audience: str, wanted: MachineChange, row: ClientGrant | None) -> bool:
    """One application; whether its grant is another one now."""
    now = list(row.scope) if row is not None else []
    scope = [each for each in now if each not in wanted.remove]
    scope += [each for each in dict.fromkeys(wanted.add) if each not in scope]
    if scope == now:
        return False
    before = {**row.data, "scope": now} if row is not None else {}
    after = rights.Given.of({**before, "scope": scope})
    rights.check_grant(work, wanted.client_id, audience, before=rights.Given.of(before), after=after)
    if row is not None:
        client_grants.update(work, row, {"scope": scope})
        return True
    if not work.actor.has(CREATE):
        raise missing_scope({CREATE})
    client_grants.create(work, wanted.client_id, audience, scope)
    return True


# ---- the tab
@dataclass(frozen=True)
class Machine:
    """A row: an application, which permissions of this page it has, and which of them are ticked; ``everything``: all
    of them, now and later.
    """

    client_id: str
    name: str
    on: frozenset[str]
    ticked: frozenset[str]
    everything: bool
    locked: bool
    """Whether whoever asks does not change it."""
    elsewhere: int
    """How many it has that are not on this page."""


@dataclass(frozen=True)
class Difference:
    """What is about to change of one application."""

    client_id: str
    name: str
    add: Sequence[str]
    remove: Sequence[str]


def view(visit: Visit, there: Object) -> Mapping[str, Any]:
    """A page of the table. The address says where it is: ``after`` (applications), ``from`` (permissions), ``app`` (a
    part of a name).
    """
    return _drawn(visit, there, drafts.of(visit.kept, _known(there)))


def _drawn(visit: Visit, there: Object, draft: Draft) -> Mapping[str, Any]:
    """The page with what was changed and not saved, here and elsewhere."""
    every, window = _window(visit, there)
    rows = _rows(visit, there)
    machines = [_machine(visit, there, client, grant, window, draft) for client, grant in rows[:ROWS]]
    start, last = every.index(window[0]) if window else 0, rows[ROWS - 1][0] if len(rows) > ROWS else None
    base = {"app": _asked(visit) or None}
    here = {**base, "after": visit.query.get("after") or None}

    def to(**query: str | None) -> str:
        return visit.href(there.path("m2m"), **query)

    return {
        "machines": machines,
        "scopes": window,
        "all_scopes": len(every),
        "start": start,
        "asked": base["app"] or "",
        "before_scopes": to(**here, **{"from": str(max(0, start - COLUMNS))}) if start else "",
        "more_scopes": to(**here, **{"from": str(start + COLUMNS)}) if start + COLUMNS < len(every) else "",
        "first": to(**base, **{"from": str(start)}) if here["after"] else "",
        "next": to(**base, **{"from": str(start), "after": cursor.encode((last.name.lower(), last.client_id))})
        if last is not None
        else "",
        "action": to(**here, **{"from": str(start)}),
        "filter": to(),
        "may_switch": operations.may(visit.work, change),
        "problem": "",
        "pending": drafts.written(
            drafts.elsewhere(draft, [each.client_id for each in machines if not each.locked], window)
        ),
        "unsaved": drafts.boxes(draft),
        "limited": operations.may(visit.work, change) and not operations.may(visit.work, grants.create_grant),
    }


def _known(there: Object) -> Collection[str]:
    return [str(each["value"]) for each in there.document.get("scopes") or ()]


def _asked(visit: Visit) -> str:
    """The part of a name that is looked for: a search sends it with the boxes."""
    asked = visit.form if visit.form.get(GO) == SEARCH else visit.query
    return asked.get("app", "").strip()[:100]


def _window(visit: Visit, there: Object) -> tuple[list[str], list[str]]:
    every = list(_known(there))
    start = whole(visit.query.get("from", "")) or 0
    start = start if start < len(every) else 0
    return every, every[start : start + COLUMNS]


def _rows(visit: Visit, there: Object) -> list[tuple[Client, ClientGrant | None]]:
    """One application more than a page has, in the order of names: two statements. One that joined both tables would
    be as slow as the number of applications times that of grants where a database knows nothing of either yet.
    """
    granted = (ClientGrant.audience == str(there.document["identifier"]), ClientGrant.subject_type == "client")
    have = select(ClientGrant.client_id).where(ClientGrant.tenant_id == visit.work.tenant_id, *granted)
    place = tuple_(func.lower(Client.name), Client.client_id)
    able = or_(json_matches(Client.data, ("grant_types",), (GRANT,)), Client.client_id.in_(have))
    conditions = [Client.is_global.is_(False), able, *app_ways.mine(visit.work)]
    if text := _asked(visit):
        conditions.append(or_(holds(Client.name, text), Client.client_id == text))
    if (after := _after(visit.query.get("after", ""))) is not None:
        conditions.append(place > after)
    order, rows = (func.lower(Client.name), Client.client_id), visit.work.rows
    clients = rows.scalars(select(Client).where(*conditions).order_by(*order).limit(ROWS + 1)).all()
    mine = select(ClientGrant).where(ClientGrant.client_id.in_([each.client_id for each in clients]), *granted)
    grants = {each.client_id: each for each in rows.scalars(mine)} if clients else {}
    return [(client, grants.get(client.client_id)) for client in clients]


def _after(text: str) -> cursor.Key | None:
    try:
        key = cursor.decode(text) if text else None
    except BadRequest:  # somebody typed it: the first page is the answer
        return None
    return key if key is not None and len(key) == 2 and all(isinstance(each, str) for each in key) else None


def _machine(
    visit: Visit, there: Object, client: Client, grant: ClientGrant | None, window: Sequence[str], draft: Draft
) -> Machine:
    scope = set(grant.scope) if grant is not None else set()
    everything = bool(grant is not None and grant.data.get("allow_all_scopes"))
    on, work = frozenset(scope & set(window)), visit.work
    # what nobody of theirs may do is not offered: the operation would refuse all of the table
    beyond = work.actor.clients is not None and there.document["identifier"] == work.config.management_audience
    locked = client.is_system or beyond or (grant is None and not work.actor.has(CREATE))
    ticked = on if locked else draft.get(client.client_id, NOTHING).of(on, window)
    return Machine(client.client_id, client.name, on, ticked, everything, locked or everything, len(scope) - len(on))


def save(visit: Visit, there: Object, tab: Tab) -> Shown | Moved:
    """The table was sent: another page of it is shown with what was ticked, or what differs from how it was drawn is
    shown first, and then done.
    """
    draft = drafts.of(visit.form, _known(there))
    here = {name: visit.query.get(name) or None for name in ("app", "after", "from")}
    if visit.form.get(GO):
        if not draft:
            return Moved(visit.href(there.path(tab.name), **{**here, "app": _asked(visit) or None}))
        if not drafts.is_full(draft, COLUMNS):
            return objects.tab_page(visit, there, tab, tab.template, _drawn(visit, there, draft), status=422)
    differing = _differences(visit, draft)
    if not differing:
        return Moved(visit.href(there.path(tab.name), **here, done="frame.done.unchanged"))
    if visit.form.get(CONFIRMED) != "yes" or visit.form.get(GO):
        values = {
            "rows": differing,
            "full": bool(visit.form.get(GO)),
            "hidden": {drafts.PENDING: drafts.written({each.client_id: draft[each.client_id] for each in differing})},
            "action": visit.href(there.path(tab.name), **here),
            "back": visit.href(there.path(tab.name), **here),
        }
        return objects.tab_page(visit, there, tab, "admin/apis/machines_review.html", values, status=422)
    changes = drafts.documents({each.client_id: draft[each.client_id] for each in differing})
    try:
        operations.call(visit.work, change, there.parameters, {"changes": changes})
    except ManagementError as error:
        if error.status not in {400, 403, 404, 409}:
            raise
        shown = {**_drawn(visit, there, draft), "problem": error.message}
        return objects.tab_page(visit, there, tab, tab.template, shown, status=422)
    return Moved(visit.href(there.path(tab.name), **here, done="apis.done.machines"))


def _differences(visit: Visit, draft: Draft) -> list[Difference]:
    """What is about to change of those applications that this person sees, in the order of their names."""
    mine = select(Client).where(Client.client_id.in_(sorted(draft)), *app_ways.mine(visit.work))
    rows = visit.work.rows.scalars(mine.order_by(func.lower(Client.name), Client.client_id)) if draft else ()
    found = [(row, draft[row.client_id]) for row in rows]
    return [Difference(row.client_id, row.name, sorted(each.add), sorted(each.remove)) for row, each in found]


TAB = Tab("m2m", template="admin/apis/machines.html", view=view, save=save, update=change, needs=grants.list_grants)
