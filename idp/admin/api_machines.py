"""Which applications may ask for which permissions of an API on their own behalf, as one table (the tab *Machine to
machine*), saved as one act: the operation says what changes of each application, and either all of it is done or
nothing.

What somebody else changed meanwhile stays: each box is a change of its own, and no two people want different things of
a box that they both changed (docs/decisions/0436).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta
from sqlalchemy import and_, func, or_, select, tuple_

from idp.admin import app_ways
from idp.admin.desk import objects, operations
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.listing import holds
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Tab
from idp.applications.clients import client_grants, rights
from idp.applications.clients import client_grants_api as grants
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.resource_servers import service as servers
from idp.foundation.apikit import Api, Body, View, cursor
from idp.foundation.db.json_text import json_matches
from idp.foundation.kernel.errors import BadRequest, ManagementError, NotFound
from idp.foundation.kernel.rights import missing_scope
from idp.foundation.tenancy.work import Work

api = Api("api-machines")
GRANT, CREATE = "client_credentials", "create:client_grants"
ROWS, COLUMNS = 25, 12
"""Applications and permissions of a page."""
CONFIRMED, CELL, BASE = "confirmed", "may.", "was."
_Scope = Annotated[str, Meta(min_length=1, max_length=280)]


class MachineChange(Body):
    """What changes of one application."""

    client_id: Annotated[str, Meta(min_length=1, max_length=64)]
    add: Annotated[tuple[_Scope, ...], Meta(max_length=100)] = ()
    remove: Annotated[tuple[_Scope, ...], Meta(max_length=100)] = ()


class MachineChanges(Body):
    """Of all of them."""

    changes: Annotated[list[MachineChange], Meta(min_length=1, max_length=100)]


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
    if work.actor.clients is not None and wanted.client_id not in work.actor.clients:
        raise NotFound("The client does not exist", "inexistent_client")
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
    """A row: an application, and which permissions of this page it has; ``everything``: all of them, now and later."""

    client_id: str
    name: str
    on: frozenset[str]
    everything: bool
    locked: bool
    """Whether nobody changes it: it is the system's."""
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
    every, window = _window(visit, there)
    rows = _rows(visit, there)
    machines = [_machine(client, grant, window) for client, grant in rows[:ROWS]]
    start, last = every.index(window[0]) if window else 0, rows[ROWS - 1][0] if len(rows) > ROWS else None
    base = {"app": visit.query.get("app") or None}
    here = {**base, "after": visit.query.get("after") or None}

    def to(**query: str | None) -> str:
        return visit.href(there.path("m2m"), **query)

    return {
        "machines": machines,
        "scopes": window,
        "all_scopes": len(every),
        "start": start,
        "asked": visit.query.get("app", ""),
        "before_scopes": to(**here, **{"from": str(max(0, start - COLUMNS))}) if start else "",
        "more_scopes": to(**here, **{"from": str(start + COLUMNS)}) if start + COLUMNS < len(every) else "",
        "first": to(**base, **{"from": str(start)}) if here["after"] else "",
        "next": to(**base, **{"from": str(start), "after": cursor.encode((last.name.lower(), last.client_id))})
        if last is not None
        else "",
        "action": to(**here, **{"from": str(start)}),
        "filter": to(),
        "clear": to(),
        "may_switch": operations.may(visit.work, change),
        "problem": "",
        "kept": None,
    }


def _window(visit: Visit, there: Object) -> tuple[list[str], list[str]]:
    every = [str(each["value"]) for each in there.document.get("scopes") or ()]
    asked = visit.query.get("from", "")
    start = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
    start = start if start < len(every) else 0
    return every, every[start : start + COLUMNS]


def _rows(visit: Visit, there: Object) -> list[tuple[Client, ClientGrant | None]]:
    """One application more than a page has, in the order of names."""
    granted = and_(
        ClientGrant.tenant_id == Client.tenant_id,
        ClientGrant.client_id == Client.client_id,
        ClientGrant.audience == str(there.document["identifier"]),
        ClientGrant.subject_type == "client",
    )
    place = tuple_(func.lower(Client.name), Client.client_id)
    able = or_(ClientGrant.id.is_not(None), json_matches(Client.data, ("grant_types",), (GRANT,)))
    conditions = [Client.is_global.is_(False), able, *app_ways.mine(visit.work)]
    if text := visit.query.get("app", "").strip()[:100]:
        conditions.append(or_(holds(Client.name, text), Client.client_id == text))
    if (after := _after(visit.query.get("after", ""))) is not None:
        conditions.append(place > after)
    statement = select(Client, ClientGrant).outerjoin(ClientGrant, granted).where(*conditions)
    order = (func.lower(Client.name), Client.client_id)
    return [(client, grant) for client, grant in visit.work.rows.execute(statement.order_by(*order).limit(ROWS + 1))]


def _after(text: str) -> cursor.Key | None:
    try:
        key = cursor.decode(text) if text else None
    except BadRequest:  # somebody typed it: the first page is the answer
        return None
    return key if key is not None and len(key) == 2 and all(isinstance(each, str) for each in key) else None


def _machine(client: Client, grant: ClientGrant | None, window: Sequence[str]) -> Machine:
    scope = set(grant.scope) if grant is not None else set()
    everything = bool(grant is not None and grant.data.get("allow_all_scopes"))
    on = frozenset(scope & set(window))
    return Machine(client.client_id, client.name, on, everything, client.is_system, len(scope) - len(on))


def save(visit: Visit, there: Object, tab: Tab) -> Shown | Moved:
    """The table was sent: what differs from how it was drawn is shown first, and then done."""
    differing = _differences(visit, there)
    here = {name: visit.query.get(name) or None for name in ("app", "after", "from")}
    if not differing:
        return Moved(visit.href(there.path(tab.name), **here, done="frame.done.unchanged"))
    if visit.form.get(CONFIRMED) != "yes":
        values = {
            "rows": differing,
            "hidden": {name: text for name, text in visit.form.items() if name.startswith((CELL, BASE))},
            "action": visit.href(there.path(tab.name), **here),
            "back": visit.href(there.path(tab.name), **here),
        }
        return objects.tab_page(visit, there, tab, "admin/apis/machines_review.html", values, status=422)
    changes = [{"client_id": each.client_id, "add": each.add, "remove": each.remove} for each in differing]
    try:
        operations.call(visit.work, change, there.parameters, {"changes": changes})
    except ManagementError as error:
        if error.status not in {400, 403, 404, 409}:
            raise
        shown = {**view(visit, there), "problem": error.message, "kept": _typed(visit)}
        return objects.tab_page(visit, there, tab, tab.template, shown, status=422)
    return Moved(visit.href(there.path(tab.name), **here, done="apis.done.machines"))


def _typed(visit: Visit) -> frozenset[str]:
    """The boxes that are ticked, as ``<client_id> <scope>``."""
    return frozenset(name.removeprefix(CELL) for name in visit.form if name.startswith(CELL))


def _differences(visit: Visit, there: Object) -> list[Difference]:
    """What somebody changed of the table as it was drawn for them (``was.<client_id>``: the permissions it had)."""
    known, ticked, found = {str(each["value"]) for each in there.document.get("scopes") or ()}, _typed(visit), []
    drawn = {name.removeprefix(BASE): set(text.split()) for name, text in visit.form.items() if name.startswith(BASE)}
    wanted: dict[str, set[str]] = {client_id: set() for client_id in drawn}
    for cell in ticked:
        client_id, _, scope = cell.partition(" ")
        if client_id in wanted and scope in known:
            wanted[client_id].add(scope)
    names = _names(visit, [each for each in drawn if wanted[each] != drawn[each]])
    for client_id, name in names.items():
        add, remove = wanted[client_id] - drawn[client_id], drawn[client_id] - wanted[client_id]
        found.append(Difference(client_id, name, sorted(add), sorted(remove)))
    return found


def _names(visit: Visit, client_ids: Sequence[str]) -> Mapping[str, str]:
    """Names of those applications that this person sees, in their order."""
    mine = select(Client).where(Client.client_id.in_(client_ids[:ROWS]), *app_ways.mine(visit.work))
    rows = visit.work.rows.scalars(mine.order_by(func.lower(Client.name), Client.client_id)) if client_ids else ()
    return {row.client_id: row.name for row in rows}


TAB = Tab("m2m", template="admin/apis/machines.html", view=view, save=save, update=change, needs=grants.list_grants)
