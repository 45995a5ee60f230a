"""The tabs of one user, and what is done on them: each is an operation of the Management API."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select, union_all

from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Cell, Done
from idp.applications.clients.models import Client
from idp.applications.resource_servers.models import ResourceServer
from idp.directory.connections.strategies import named
from idp.directory.roles import users_api as roles_api
from idp.directory.roles.models import Role, RolePermission, UserPermission, UserRole
from idp.directory.users import api as users
from idp.directory.users import identities_api, service
from idp.directory.users.identifiers import email_key
from idp.protocol.tokens import api as tokens
from idp.signin.attack_protection import api as blocks
from idp.signin.attack_protection import brute_force
from idp.signin.self_service import api as self_service
from idp.signin.sessions import api as sessions_api
from idp.signin.sessions.models import Session
from idp.signin.user_grants import api as grants

MOST = 50
"""Rows of a tab; the Management API has the others."""


@dataclass(frozen=True)
class Act:
    """A button of a row: the action, what its form says, and whether it takes something away."""

    name: str
    id: str
    values: Mapping[str, str] = field(default_factory=dict)
    risk: bool = True


@dataclass(frozen=True)
class Line:
    """A row of a tab."""

    cells: Sequence[Cell]
    act: Act | None = None


@dataclass(frozen=True)
class Choice:
    """The form of a tab that adds something: its action, the input and what it offers."""

    action: str
    input: str
    options: Sequence[tuple[str, str]]


def _rows(tab: str, heads: Sequence[str], lines: Sequence[Line], **more: Any) -> Mapping[str, Any]:
    return {"part": tab, "heads": heads, "lines": lines, "choice": None, "everything": "", **more}


def _main(there: Object) -> Mapping[str, Any]:
    """The main account."""
    return next(iter(there.document.get("identities") or ()), {})


# ---- details
def kept_elsewhere(visit: Visit, there: Object) -> tuple[str, Collection[str]]:
    """The connection of the main account, and what of the profile its source says."""
    main = _main(there)
    name = str(main.get("connection", ""))
    return name, service.kept_elsewhere(visit.work, there.id, name, social=bool(main.get("isSocial")))


def identities(visit: Visit, there: Object) -> Mapping[str, Any]:
    """The accounts that belong to the user."""
    return {
        "identities": there.document.get("identities") or [],
        "may_link": operations.may(visit.work, identities_api.link),
        "leaves_at": there.document.get("deletion_due"),
        "may_keep": operations.may(visit.work, self_service.keep_user),
    }


def link(visit: Visit, there: Object) -> Done:
    """Join another account to this user."""
    provider, _, account = visit.form.get("account", "").strip().partition("|")
    body = {"provider": provider, "user_id": account}
    operations.call(visit.work, identities_api.link, there.parameters, body)
    return Done("users.done.link", lands="details")


def unlink(visit: Visit, there: Object) -> Done:
    """Make a linked account a user of its own again."""
    params = {**there.parameters, "provider": visit.form.get("provider", ""), "user_id": visit.form.get("account", "")}
    operations.call(visit.work, identities_api.unlink, params)
    return Done("users.done.unlink", lands="details")


# ---- authentication
def authentication(visit: Visit, there: Object) -> Mapping[str, Any]:
    """How they sign in, and what keeps them from it."""
    known_as = [str(there.document[name]) for name in ("email", "username", "phone_number") if there.document.get(name)]
    locked = [each for name in known_as for each in brute_force.blocks(visit.work, email_key(name), only_in_force=True)]
    main, (source, kept) = _main(there), kept_elsewhere(visit, there)
    return {
        "blocks": locked,
        "connection": source,
        "may_change": operations.may(visit.work, users.update_user),
        "owner": source if "email" in kept else "",
        "ours": named(str(main.get("provider"))).kind == "database",
        "problem": "",
        "typed": {},
    }


def change_email(visit: Visit, there: Object) -> Done:
    """Another address, which its owner is asked to prove."""
    body = {"email": visit.form.get("email", "").strip() or None, "verify_email": bool(visit.form.get("verify_email"))}
    operations.call(visit.work, users.update_user, there.parameters, body)
    return Done("users.done.email", lands="authentication")


def change_password(visit: Visit, there: Object) -> Done:
    """Another password, which ends what the old one opened."""
    body = {"password": visit.form.get("password", ""), "connection": visit.form.get("connection", "")}
    operations.call(visit.work, users.update_user, there.parameters, body)
    return Done("users.done.password", lands="authentication")


def unlock(visit: Visit, there: Object) -> Done:
    """Lift what too many wrong passwords have locked."""
    operations.call(visit.work, blocks.delete_of_user, {"id": there.id})
    return Done("users.done.unlock", lands="authentication")


# ---- sessions and devices
def sessions(visit: Visit, there: Object) -> Mapping[str, Any]:
    """Browsers that are signed in."""
    found = _listed(visit, sessions_api.list_sessions, {"user_id": there.id}, "sessions")
    may = operations.may(visit.work, sessions_api.delete_session)
    lines = [
        Line(
            [
                Cell(str((each.get("device") or {}).get("last_user_agent") or "")),
                Cell(str((each.get("device") or {}).get("last_ip") or ""), "code"),
                moment(each.get("authenticated_at")),
                moment(each.get("last_interacted_at")),
            ],
            Act("session", each["id"], {"session": each["id"]}) if may else None,
        )
        for each in found
    ]
    every = "sign-out" if lines and may else ""
    return _rows("sessions", ("device", "ip", "signed_in", "last_used"), lines, everything=every)


def end_session(visit: Visit, there: Object) -> Done:
    """End one, if it is theirs."""
    found = _listed(visit, sessions_api.list_sessions, {"user_id": there.id}, "sessions")
    _if_theirs(visit, found, sessions_api.delete_session, "session")
    return Done("users.done.session", lands="sessions")


def open_sessions(visit: Visit, there: Object) -> Mapping[str, int]:
    """What ends with all of them."""
    return {"sessions": goes(visit, there)["sessions"]}


def sign_out(visit: Visit, there: Object) -> Done:
    """End all of them."""
    operations.call(visit.work, sessions_api.delete_sessions, {"user_id": there.id})
    return Done("users.done.sign-out", lands="sessions")


def devices(visit: Visit, there: Object) -> Mapping[str, Any]:
    """What holds a refresh token."""
    found = _listed(visit, tokens.list_devices, {}, "device_credentials", {"user_id": there.id})
    names = _names(visit, {str(each["client_id"]) for each in found})
    may = operations.may(visit.work, tokens.delete_device)
    lines = [
        Line(
            [
                Cell(str(each.get("device_name") or "")),
                Cell(names.get(str(each["client_id"]), str(each["client_id"]))),
                moment(each.get("last_used")),
            ],
            Act("device", str(each["id"]), {"device": str(each["id"])}) if may else None,
        )
        for each in found
    ]
    return _rows("devices", ("device", "application", "last_used"), lines)


def revoke_device(visit: Visit, there: Object) -> Done:
    """Take a device's refresh token back, if it is theirs."""
    found = _listed(visit, tokens.list_devices, {}, "device_credentials", {"user_id": there.id})
    _if_theirs(visit, found, tokens.delete_device, "device")
    return Done("users.done.device", lands="devices")


# ---- applications
def applications(visit: Visit, there: Object) -> Mapping[str, Any]:
    """Applications that they gave access to."""
    found = _listed(visit, grants.list_grants, {}, "grants", {"user_id": there.id})
    names = _names(visit, {str(each["clientID"]) for each in found})
    may = operations.may(visit.work, grants.delete_grant)
    lines = [
        Line(
            [
                Cell(names.get(str(each["clientID"]), str(each["clientID"]))),
                Cell(str(each.get("audience") or ""), "code"),
                Cell(" ".join(each.get("scope") or ())),
            ],
            Act("application", str(each["id"]), {"grant": str(each["id"])}) if may else None,
        )
        for each in found
    ]
    return _rows("applications", ("application", "audience", "scope"), lines)


def revoke_grant(visit: Visit, there: Object) -> Done:
    """Take consent back, if it is theirs."""
    found = _listed(visit, grants.list_grants, {}, "grants", {"user_id": there.id})
    _if_theirs(visit, found, grants.delete_grant, "grant")
    return Done("users.done.application", lands="applications")


# ---- roles and permissions
def roles(visit: Visit, there: Object) -> Mapping[str, Any]:
    """The roles that they were given by name."""
    found = _listed(visit, roles_api.list_roles, there.parameters, "roles")
    may = operations.may(visit.work, roles_api.remove_roles)
    lines = [
        Line(
            [Cell(each["name"]), Cell(str(each.get("description") or ""))],
            Act("role-removed", each["id"], {"role": each["id"]}) if may else None,
        )
        for each in found
    ]
    had = {each["id"] for each in found}
    every = visit.work.rows.scalars(select(Role).order_by(func.lower(Role.name), Role.id).limit(200)) if may else ()
    offered = [(row.id, row.name) for row in every if row.id not in had]
    choice = Choice("role", "role", offered) if offered else None
    return _rows("roles", ("role", "description"), lines, choice=choice)


def give_role(visit: Visit, there: Object) -> Done:
    """Give a role."""
    role = visit.form.get("role", "")
    operations.call(visit.work, roles_api.assign_roles, there.parameters, {"roles": [role]})
    return Done("users.done.role", {"role": role}, undo="role-removed", lands="roles")


def take_role(visit: Visit, there: Object) -> Done:
    """Take a role away."""
    role = visit.form.get("role", "")
    operations.call(visit.work, roles_api.remove_roles, there.parameters, {"roles": [role]})
    return Done("users.done.role-removed", {"role": role}, undo="role", lands="roles")


def permissions(visit: Visit, there: Object) -> Mapping[str, Any]:
    """What they may do, directly or by a role that they were given by name."""
    rows = visit.work.rows
    direct = select(UserPermission.resource_server_id, UserPermission.permission, literal(None).label("role"))
    by_role = (
        select(RolePermission.resource_server_id, RolePermission.permission, Role.name.label("role"))
        .join(UserRole, (UserRole.role_id == RolePermission.role_id) & (UserRole.tenant_id == RolePermission.tenant_id))
        .join(Role, (Role.id == RolePermission.role_id) & (Role.tenant_id == RolePermission.tenant_id))
        .where(RolePermission.tenant_id == visit.work.tenant_id, UserRole.user_id == there.id)
    )
    mine = (UserPermission.tenant_id == visit.work.tenant_id, UserPermission.user_id == there.id)
    both = union_all(direct.where(*mine), by_role).subquery()
    found = rows.execute(select(both).order_by(both.c.permission, both.c.role).limit(MOST)).all()
    servers = rows.scalars(select(ResourceServer).order_by(func.lower(ResourceServer.name)).limit(MOST)).all()
    apis = {row.id: row for row in servers}
    may = operations.may(visit.work, roles_api.remove_permissions)
    lines = [_permission(each, apis.get(each.resource_server_id), at, may=may) for at, each in enumerate(found)]
    offered = [
        (f"{row.identifier} {scope['value']}", f"{scope['value']} – {row.name}")
        for row in servers
        if not row.is_system
        for scope in row.data.get("scopes") or ()
    ]
    choice = Choice("permission", "permission", offered[:500]) if may and offered else None
    return _rows("permissions", ("permission", "api", "by"), lines, choice=choice)


def _permission(each: Any, api: ResourceServer | None, at: int, *, may: bool) -> Line:
    name = Cell(api.name if api is not None else each.resource_server_id)
    by = Cell(each.role) if each.role else Cell("direct", "state")
    values = {"permission": f"{api.identifier} {each.permission}"} if api is not None else {}
    act = Act("permission-removed", str(at), values) if may and not each.role and values else None
    return Line([Cell(each.permission, "code"), name, by], act)


def give_permission(visit: Visit, there: Object) -> Done:
    """Let them do something by themselves."""
    operations.call(visit.work, roles_api.add_permissions, there.parameters, _named(visit))
    back = {"permission": visit.form.get("permission", "")}
    return Done("users.done.permission", back, undo="permission-removed", lands="permissions")


def take_permission(visit: Visit, there: Object) -> Done:
    """Take it away."""
    operations.call(visit.work, roles_api.remove_permissions, there.parameters, _named(visit))
    back = {"permission": visit.form.get("permission", "")}
    return Done("users.done.permission-removed", back, undo="permission", lands="permissions")


def goes(visit: Visit, there: Object) -> Mapping[str, int]:
    """What goes with the user."""
    mine = select(func.count()).select_from(Session).where(Session.user_id == there.id, Session.ended_at.is_(None))
    return {
        "identities": len(there.document.get("identities") or ()),
        "sessions": int(visit.work.rows.scalar(mine) or 0),
    }


def _named(visit: Visit) -> Mapping[str, Any]:
    api, _, name = visit.form.get("permission", "").rpartition(" ")
    return {"permissions": [{"resource_server_identifier": api, "permission_name": name}]}


def _if_theirs(visit: Visit, found: Sequence[Mapping[str, Any]], handler: operations.Handler, name: str) -> None:
    """Do it to the one that the form names, of those that are the user's; another one is gone already."""
    named = visit.form.get(name, "")
    if any(str(each["id"]) == named for each in found):
        operations.call(visit.work, handler, {"id": named})


def _listed(
    visit: Visit,
    handler: operations.Handler,
    params: Mapping[str, str],
    key: str,
    query: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """The first rows of a list of the Management API."""
    size = "take" if key == "sessions" else "per_page"
    answer = operations.call(visit.work, handler, params, query={**(query or {}), size: str(MOST)})
    found: list[dict[str, Any]] = answer[key] if isinstance(answer, dict) else answer
    return found


def _names(visit: Visit, client_ids: set[str]) -> Mapping[str, str]:
    if not client_ids:
        return {}
    rows = visit.work.rows.scalars(select(Client).where(Client.client_id.in_(sorted(client_ids))))
    return {row.client_id: row.name for row in rows}


def moment(text: Any) -> Cell:
    """A moment of the Management API."""
    return Cell(kind="time", at=int(datetime.fromisoformat(str(text)).timestamp() * 1000)) if text else Cell()
