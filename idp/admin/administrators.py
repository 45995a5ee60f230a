"""Administrators (``/admin/settings/members``): who may open the dashboard, and what they may do there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from idp.admin import access, api
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.listing import Asked, Found, Row
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Action, Cell, Column, Document, Done, Field, Listing, Resource, Section, Tab
from idp.admin.user_tabs import moment
from idp.applications.clients.models import Client
from idp.tenant.members import roles
from idp.tenant.members.models import Member

NAMES = tuple(roles.ROLES)


def _find(visit: Visit, wanted: Asked) -> Found:
    """All of them, with those who were invited at the end."""
    rows = operations.call(visit.work, api.list_members)
    if wanted.q:
        rows = [each for each in rows if wanted.q.lower() in f"{each['name']} {each['email']}".lower()]
    shown = [Row(each["user_id"], [_cell(column.name, each) for column in wanted.columns]) for each in rows]
    return Found(shown, len(shown), None)


def _cell(name: str, member: Mapping[str, Any]) -> Cell:
    if name == "roles":
        return Cell(", ".join(member["roles"]))
    if name == "blocked" and member["invited"]:
        return Cell("invited", "state")
    if name == "blocked":
        return Cell("blocked" if member["blocked"] else "active", "state", good=not member["blocked"])
    if name in {"last_seen_at", "created_at"}:
        return moment(member[name])
    return Cell(str(member.get(name) or ""))


def _unused(_row: Any) -> Cell:
    """Cells are made by :func:`_cell`."""
    return Cell()


def _remove(visit: Visit, there: Object) -> None:
    operations.call(visit.work, api.delete_member, there.parameters)


def _withdraw(visit: Visit, there: Object) -> Done:
    _remove(visit, there)
    return Done("members.done.withdraw", gone=True)


def _is_invited(document: Document) -> bool:
    return bool(document.get("invited"))


def _is_member(document: Document) -> bool:
    return not _is_invited(document)


def _applications(visit: Visit, _there: Object) -> Mapping[str, Any]:
    """What the role for some applications may name, and what roles do."""
    rows = visit.work.rows.scalars(
        select(Client).where(Client.is_global.is_(False)).order_by(func.lower(Client.name)).limit(100)
    )
    return {
        "offered": [(row.client_id, row.name) for row in rows],
        "does": [(name, role.does) for name, role in roles.ROLES.items()],
    }


ROLES = Field("roles", "choices", NAMES, careful=True, fresh=True)
CLIENTS = Field("client_ids", hint=True, fresh=True)
SECTIONS = (Section("roles", (ROLES, CLIENTS)),)

RESOURCES = (
    Resource(
        group="settings",
        name="members",
        read=api.get_member,
        all=api.list_members,
        create=api.add_member,
        update=api.update_member,
        remove=api.delete_member,
        identifier="user_id",
        title=lambda document: str(document.get("email") or document.get("name") or ""),
        listing=Listing(
            Member,
            Member.user_id,
            (
                Column("name", _unused, sort=Member.user_id),
                Column("email", _unused),
                Column("roles", _unused),
                Column("blocked", _unused),
                Column("last_seen_at", _unused),
                Column("created_at", _unused, optional=True),
            ),
            order="name",
            search=lambda _text: Member.user_id.is_not(None),
            finder=_find,
        ),
        suggest=lambda _visit, _text, _most: (),
        creation=(Section("new", (Field("email", hint=True), ROLES, CLIENTS)),),
        tabs=(
            Tab("settings", SECTIONS, "admin/members/settings.html", _applications, when=_is_member),
            Tab("invitation", template="admin/members/invitation.html", when=_is_invited),
            history(),
        ),
        actions=(
            Action("delete", api.delete_member, _remove, True, True, True, True, when=_is_member),
            Action("withdraw", api.delete_member, _withdraw, tab="invitation", when=_is_invited),
        ),
        aliases=("administrators", "team", "Tenant Members", "Dashboard Users"),
        api="",
    ),
    Resource(
        group="settings",
        name="access",
        read=api.get_access,
        update=api.update_access,
        single=True,
        title=lambda _document: "",
        tabs=(
            Tab(
                "settings",
                (
                    Section("factor", (Field("mfa_required", "radio", careful=True, fresh=True),)),
                    Section("addresses", (Field("allowed_ips", hint=True, careful=True, fresh=True),)),
                ),
            ),
            history(),
        ),
        recorded=("tenants", ""),
        part=(f"attack_protection.{access.PART}",),
        aliases=("IP allow list", "MFA for administrators", "Dashboard access"),
        api="",
    ),
)
