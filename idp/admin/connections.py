"""Connections (``/admin/authentication/connections``): where people come from. What a strategy declares of its options
is the form.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import exists, func, or_, select

from idp.admin import (
    app_ways,
    connection_files,
    connection_kinds,
    connection_mapping,
    connection_methods,
    connection_passwords,
    connection_provisioning,
    connection_scripts,
    connection_trials,
)
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.listing import MOST_COUNTED, counted, holds, number
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Document, Done, Field, Filter, Listing, Resource, Section, Tab
from idp.applications.clients import api as clients
from idp.applications.clients.models import Client
from idp.directory.connections import api as connections
from idp.directory.connections import strategies
from idp.directory.connections.models import Connection, ConnectionClient
from idp.directory.users.models import Identity
from idp.foundation.tenancy.work import Work

KINDS = ("database", "social", "enterprise", "passwordless")
ON, OFF = "on", "off"
MOST_SHOWN = 100
SETTINGS = (
    Section(
        "basic",
        (
            Field("display_name", hint=True),
            Field("show_as_button", hint=True),
            Field("is_domain_connection"),
            Field("metadata", hint=True),
        ),
    ),
)


def _of_kind(kind: str) -> Any:
    return Connection.strategy.in_([each.name for each in strategies.every() if each.kind == kind])


def _kind(row: Connection) -> Cell:
    return Cell(strategies.named(row.strategy).kind, "tag")


def _state(in_use: bool) -> Cell:
    return Cell(ON if in_use else OFF, "state", good=True if in_use else None)


def _trusted_until(row: Connection) -> Cell:
    """The certificates are no secrets: they stand in the options as they were sent."""
    read = strategies.named(row.strategy).trusted_until
    ends = read(row.options) if read is not None else None
    return Cell(kind="time", at=int(ends.timestamp() * 1000)) if ends is not None else Cell()


def _search(text: str) -> Any:
    return or_(holds(Connection.name, text), Connection.strategy == text.lower(), Connection.id == text)


_PEOPLE = (Identity.tenant_id == Connection.tenant_id, Identity.connection == Connection.name)
_USED = (ConnectionClient.connection_id == Connection.id, ConnectionClient.tenant_id == Connection.tenant_id)
_IN_USE = exists(select(ConnectionClient.client_id).where(*_USED).correlate(Connection))
"""Whether any application lets people come by it: none does by one that nobody switched on."""


def _applications(work: Work) -> Any:
    """How many applications use one, of those that whoever asks may see."""
    confined = work.actor.clients
    mine = () if confined is None else (ConnectionClient.client_id.in_(sorted(confined)),)
    return counted(ConnectionClient, *_USED, *mine, of=Connection)


LISTING = Listing(
    Connection,
    Connection.id,
    (
        Column("name", lambda row: Cell(row.name), sort=func.lower(Connection.name)),
        Column("strategy", lambda row: Cell(row.strategy), sort=Connection.strategy),
        Column("kind", _kind),
        Column("state", _state, also=_IN_USE),
        Column("applications", number, also=_applications),
        Column("users", number, also=counted(Identity, *_PEOPLE, of=Connection)),
        Column("trusted_until", _trusted_until),
        Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=Connection.created_at),
        Column("id", lambda row: Cell(row.id, "code"), optional=True),
    ),
    order="name",
    filters=(
        Filter("kind", KINDS, _of_kind),
        Filter("state", (ON, OFF), lambda value: _IN_USE if value == ON else ~_IN_USE),
    ),
    search=_search,
)


def _elsewhere(document: Document) -> Collection[str]:
    """Options that have a tab of their own."""
    tabs = (connection_mapping, connection_methods, connection_passwords, connection_scripts)
    return {name for tab in tabs for name in tab.options_of(document)}


def _options(document: Document) -> Sequence[Section]:
    """The options that the strategy of a connection declares, each with the control that fits its type."""
    strategy = strategies.named(str(document["strategy"]))
    found = connection_kinds.options_of(strategy, document.get("options"), _elsewhere(document))
    parts = (Section("options", (*found.asked, *found.rest)), *found.groups)
    return [each for each in parts if each.fields]


def _options_of_any() -> Iterator[Section]:
    for each in strategies.every():
        yield from _options({"strategy": each.name})


def _has_options(document: Document) -> bool:
    return bool(_options(document))


# ---- applications
def _apps(visit: Visit, there: Object) -> Mapping[str, Any]:
    rows = visit.work.rows
    here = (ConnectionClient.tenant_id == Client.tenant_id, ConnectionClient.client_id == Client.client_id)
    used = select(ConnectionClient.client_id).where(*here, ConnectionClient.connection_id == there.id).exists()
    listed = select(Client, used).where(
        Client.is_global.is_(False), Client.is_system.is_(False), *app_ways.mine(visit.work)
    )
    shown = rows.execute(listed.order_by(func.lower(Client.name), Client.client_id).limit(MOST_SHOWN))
    return {
        "uses": [(each, on) for each, on in shown],
        "may_switch": operations.may(visit.work, connections.update_clients),
        "may_open": operations.may(visit.work, clients.get_client),
        "most": MOST_SHOWN,
    }


def _switch(visit: Visit, there: Object) -> Done:
    client, on = visit.form.get("client", "")[:64], visit.form.get("status") == "on"
    operations.call(visit.work, connections.update_clients, {"id": there.id}, [{"client_id": client, "status": on}])
    other = {"client": client, "status": "off" if on else "on"}
    return Done(f"connections.done.{'enabled' if on else 'disabled'}", other, undo="client", lands="apps")


def _delete(visit: Visit, there: Object) -> None:
    operations.call(visit.work, connections.delete_connection, there.parameters)


def _goes(visit: Visit, there: Object) -> Mapping[str, int]:
    people = select(Identity.user_id).where(Identity.connection_id == there.id).limit(MOST_COUNTED).subquery()
    uses = select(func.count()).select_from(ConnectionClient).where(ConnectionClient.connection_id == there.id)
    rows = visit.work.rows
    return {
        "users": int(rows.scalar(select(func.count()).select_from(people)) or 0),
        "applications": int(rows.scalar(uses) or 0),
    }


RESOURCES = (
    Resource(
        group="authentication",
        name="connections",
        read=connections.get_connection,
        all=connections.list_connections,
        create=connections.create_connection,
        update=connections.update_connection,
        remove=connections.delete_connection,
        listing=LISTING,
        creation=(
            Section(
                "new",
                (
                    Field("name", hint=True),
                    Field("strategy"),
                    Field("display_name"),
                    Field("options", "json", hint=True, fresh=True),
                ),
            ),
        ),
        kinds=connection_kinds.kinds(_elsewhere),
        tabs=(
            Tab("settings", SETTINGS),
            Tab("options", made_of=_options, may_be=_options_of_any, when=_has_options),
            connection_methods.TAB,
            connection_passwords.TAB,
            connection_scripts.TAB,
            connection_files.TAB,
            Tab(
                "setup",
                template="admin/connections/setup.html",
                view=connection_kinds.setup,
                when=connection_trials.leads_away,
            ),
            Tab("apps", template="admin/connections/apps.html", view=_apps),
            connection_mapping.TAB,
            connection_provisioning.TAB,
            connection_trials.TAB,
            raw(),
            history(),
        ),
        actions=(
            *connection_trials.ACTIONS,
            *connection_files.ACTIONS,
            *connection_passwords.ACTIONS,
            *connection_scripts.ACTIONS,
            *connection_provisioning.ACTIONS,
            Action("client", connections.update_clients, _switch, tab="apps"),
            Action("delete", connections.delete_connection, _delete, True, True, True, True, counts=_goes),
        ),
        whole=("options",),
        guarded=tuple(f"options.{name}" for name in sorted(connection_scripts.OPTIONS)),
        unkept=(*connection_passwords.UNKEPT, *connection_scripts.UNKEPT, *connection_mapping.UNKEPT),
        lands="apps",
        aliases=("Database", "Social", "Enterprise", "Passwordless", "strategies", "identity providers"),
        addresses={kind: {"kind": kind} for kind in KINDS},
        api="connections",
    ),
)
