"""People (``/admin/users``): the users of the Management API."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from idp.admin import (
    app_ways,
    jobs_api,
    user_bulk,
    user_factors,
    user_files,
    user_impersonation,
    user_metadata,
    user_tabs,
)
from idp.admin.desk import exports, operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.listing import Asked, Found, Row
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Document, Done, Field, Filter, Listing, Resource, Section, Tab
from idp.directory.roles import users_api as roles
from idp.directory.users import api as users
from idp.directory.users import identities_api as identities
from idp.directory.users import search
from idp.directory.users.models import Identity, User
from idp.directory.users.search.keyset import Key
from idp.foundation.apikit import cursor
from idp.foundation.kernel.errors import BadRequest
from idp.protocol.oauth.simulation import api as simulations
from idp.protocol.tokens import api as tokens
from idp.signin.attack_protection import api as blocks
from idp.signin.invitations import api as invitations
from idp.signin.self_service import api as self_service
from idp.signin.sessions import api as sessions
from idp.signin.tickets import api as tickets
from idp.signin.user_grants import api as grants

CONNECTION = "Username-Password-Authentication"
_LACKING = "\ufffe"
"""Stands in a cursor for the attribute of those who lack it."""
_PLACES = {"name": "name", "email": "email", "last_login": "last_login", "logins_count": "logins_count"}


# ---- the list
def _find(visit: Visit, wanted: Asked) -> Found:
    """A page of people, by the search of the Management API. Three statements, or four."""
    work = visit.work
    query = _compiled(wanted)
    order = f"{_PLACES.get(wanted.column.name, 'created_at')}:{-1 if wanted.descending else 1}"
    try:
        page = search.keyset.page(
            work.rows,
            query=query or None,
            sort=order,
            after=_key(wanted.after),
            limit=wanted.size,
            extended=work.config.settings.extended_user_search,
        )
    except BadRequest as error:
        return Found([], None, None, compiled=query, problem=error.message)
    sources = _sources(visit, [user.user_id for user in page.users])
    rows = [Row(user.user_id, [_cell(each.name, user, sources) for each in wanted.columns]) for user in page.users]
    after = None if page.next is None else cursor.encode(_cursor(page.next))
    return Found(rows, _total(visit, wanted, query, page.few), after, compiled=query)


def _compiled(wanted: Asked) -> str:
    """The search and the filters as one Lucene query."""
    parts = [f"{name}:{value}" for name, value in wanted.filters.items()]
    typed = [wanted.q] if not parts or not wanted.q else [f"({wanted.q})"]
    return " AND ".join([*(typed if wanted.q else []), *parts])


def _total(visit: Visit, wanted: Asked, query: str, few: int | None) -> int | None:
    if wanted.after is not None:
        return None
    return search.all_of_tenant(visit.work.rows) if not query else few if few is not None else search.MANY


def _key(after: cursor.Key | None) -> Key | None:
    return None if after is None else (None if after[0] == _LACKING else after[0], str(after[1]))


def _cursor(key: Key) -> cursor.Key:
    place = key[0]
    return (_LACKING if place is None else int(place) if isinstance(place, bool) else place, key[1])


def _sources(visit: Visit, user_ids: Sequence[str]) -> Mapping[str, str]:
    if not user_ids:
        return {}
    mine = select(Identity).where(Identity.user_id.in_(user_ids), Identity.position == 0)
    return {row.user_id: row.connection for row in visit.work.rows.scalars(mine)}


def _state(*, blocked: bool, leaving: bool, kind: str = "text") -> Cell:
    """Somebody whose account is about to be deleted does not sign in either."""
    return Cell("blocked" if blocked else "due" if leaving else "active", kind, good=not (blocked or leaving))


def _proof(user: User) -> Cell:
    words = "" if not user.email else "verified" if user.email_verified else "unverified"
    return Cell(words, "state", good=user.email_verified)


_CELLS: Mapping[str, Callable[[User], Cell]] = {
    "name": lambda user: Cell(user.name or user.email or user.username or user.phone_number or user.user_id),
    "email": lambda user: Cell(user.email or ""),
    "email_verified": _proof,
    "last_login": lambda user: Cell(kind="time", at=user.last_login),
    "logins_count": lambda user: Cell(str(user.logins_count), "number"),
    "blocked": lambda user: _state(blocked=user.blocked, leaving=user.deletion_due is not None, kind="state"),
    "created_at": lambda user: Cell(kind="time", at=user.created_at),
    "user_id": lambda user: Cell(user.user_id, "code"),
}


def _cell(name: str, user: User, sources: Mapping[str, str]) -> Cell:
    return Cell(sources.get(user.user_id, "")) if name == "connection" else _CELLS[name](user)


def _unused(_row: Any) -> Cell:
    """Cells are made by :func:`_cell`."""
    return Cell()


LISTING = Listing(
    User,
    User.user_id,
    (
        Column("name", _unused, sort=User.name),
        Column("email", _unused, sort=User.email),
        Column("email_verified", _unused),
        Column("connection", _unused),
        Column("last_login", _unused, sort=User.last_login),
        Column("logins_count", _unused, sort=User.logins_count),
        Column("blocked", _unused),
        Column("created_at", _unused, sort=User.created_at),
        Column("user_id", _unused, optional=True),
    ),
    order="-created_at",
    filters=(
        Filter("blocked", ("true", "false"), lambda value: User.blocked.is_(value == "true")),
        Filter("email_verified", ("true", "false"), lambda value: User.email_verified.is_(value == "true")),
    ),
    search=lambda _text: User.user_id.is_not(None),
    finder=_find,
)


def _suggest(visit: Visit, text: str, most: int) -> Sequence[tuple[str, str]]:
    """For the palette: who has that id or address, or whose name begins so."""
    row = visit.work.rows.get(User, (visit.work.tenant_id, text)) if "|" in text else None
    if row is not None:
        return [(row.user_id, _title_of(row))]
    words = text.replace("\\", "").replace('"', "").strip()
    query = f'email:"{words}" OR name:{_prefix(words)} OR email:{_prefix(words)}'
    try:
        page = search.keyset.page(visit.work.rows, query=query, sort="created_at:-1", after=None, limit=most)
    except BadRequest:  # letters that the query language has for itself
        return []
    return [(user.user_id, _title_of(user)) for user in page.users]


def _prefix(words: str) -> str:
    plain = "".join(letter if letter.isalnum() or letter in "._" else f"\\{letter}" for letter in words)
    return f"{plain}*"


def _title_of(user: User) -> str:
    return user.email or user.name or user.user_id


# ---- what is done with one
def _title(document: Document) -> str:
    return str(
        document.get("email") or document.get("name") or document.get("username") or document.get("user_id") or ""
    )


def _update(members: Mapping[str, Any]) -> Any:
    def run(visit: Visit, there: Object) -> None:
        operations.call(visit.work, users.update_user, there.parameters, members)

    return run


def _block(visit: Visit, there: Object) -> Done:
    operations.call(visit.work, users.update_user, there.parameters, {"blocked": True})
    return Done("users.done.block", undo="unblock")


def _reset(visit: Visit, there: Object) -> Done:
    """A link that sets a new password, for the administrator to hand on."""
    made = operations.call(visit.work, tickets.change_password, {}, {"user_id": there.id})
    return Done("users.done.reset", lands="authentication", secrets={"ticket": str(made["ticket"])})


def _simulate(visit: Visit, there: Object) -> str:
    return visit.href(app_ways.SIMULATOR, user_id=there.id)


def _keep(visit: Visit, there: Object) -> Done:
    """The account whose deletion its owner asked for stays."""
    operations.call(visit.work, self_service.keep_user, there.parameters)
    return Done("users.done.keep")


def _delete(visit: Visit, there: Object) -> None:
    operations.call(visit.work, users.delete_user, there.parameters)


def _is_blocked(document: Document) -> bool:
    return bool(document.get("blocked"))


def _is_leaving(document: Document) -> bool:
    return bool(document.get("deletion_due"))


def _unproven(document: Document) -> bool:
    return bool(document.get("email")) and not document.get("email_verified")


PROFILE = (
    Section(
        "profile",
        (
            Field("name"),
            Field("given_name"),
            Field("family_name"),
            Field("nickname"),
            Field("picture", hint=True),
        ),
    ),
)


def _profile(visit: Visit, there: Object) -> Sequence[Section]:
    """The profile; what the source of the account says at each login is not changed here."""
    source, kept = user_tabs.kept_elsewhere(visit, there)
    return [
        replace(each, fields=[replace(one, owner=source if one.name in kept else "") for one in each.fields])
        for each in PROFILE
    ]


RESOURCES = (
    Resource(
        group="users",
        name="users",
        read=users.get_user,
        all=users.list_users,
        create=users.create_user,
        update=users.update_user,
        remove=users.delete_user,
        identifier="user_id",
        title=_title,
        listing=LISTING,
        suggest=_suggest,
        creation=(
            Section(
                "new",
                (
                    Field("connection", hint=True),
                    Field("email", hint=True),
                    Field("username"),
                    Field("phone_number", hint=True),
                    Field("password", hint=True),
                    Field("name"),
                    Field("verify_email", hint=True),
                ),
            ),
        ),
        tabs=(
            Tab("details", PROFILE, "admin/users/details.html", user_tabs.identities, parts=_profile),
            user_metadata.TAB,
            Tab("authentication", template="admin/users/authentication.html", view=user_factors.authentication),
            Tab("sessions", template="admin/users/rows.html", view=user_tabs.sessions, needs=sessions.list_sessions),
            Tab("devices", template="admin/users/rows.html", view=user_tabs.devices, needs=tokens.list_devices),
            Tab(
                "applications", template="admin/users/rows.html", view=user_tabs.applications, needs=grants.list_grants
            ),
            Tab("roles", template="admin/users/rows.html", view=user_tabs.roles, needs=roles.list_roles),
            Tab("permissions", template="admin/users/rows.html", view=user_tabs.permissions),
            user_impersonation.TAB,
            raw(),
            history(),
        ),
        actions=(
            Action("block", users.update_user, _block, when=lambda document: not _is_blocked(document)),
            Action("unblock", users.update_user, _update({"blocked": False}), when=_is_blocked),
            Action("simulate", simulations.simulate, elsewhere=_simulate),
            Action("verify", users.update_user, _update({"email_verified": True}), when=_unproven),
            Action("email", users.update_user, user_tabs.change_email, tab="authentication"),
            Action("password", users.update_user, user_tabs.change_password, tab="authentication"),
            Action("reset", tickets.change_password, _reset, tab="authentication"),
            Action("unlock", blocks.delete_of_user, user_tabs.unlock, tab="authentication"),
            user_metadata.BACK,
            *user_factors.ACTIONS,
            Action("keep", self_service.keep_user, _keep, tab="details", when=_is_leaving),
            Action("link", identities.link, user_tabs.link, tab="details"),
            Action("unlink", identities.unlink, user_tabs.unlink, tab="details"),
            Action("session", sessions.delete_session, user_tabs.end_session, tab="sessions"),
            Action(
                "sign-out",
                sessions.delete_sessions,
                user_tabs.sign_out,
                confirm=True,
                typed=True,
                fresh=True,
                hidden=True,
                counts=user_tabs.open_sessions,
            ),
            Action("device", tokens.delete_device, user_tabs.revoke_device, tab="devices"),
            Action("application", grants.delete_grant, user_tabs.revoke_grant, tab="applications"),
            Action("role", roles.assign_roles, user_tabs.give_role, tab="roles"),
            Action("role-removed", roles.remove_roles, user_tabs.take_role, tab="roles"),
            Action("permission", roles.add_permissions, user_tabs.give_permission, tab="permissions"),
            Action("permission-removed", roles.remove_permissions, user_tabs.take_permission, tab="permissions"),
            user_impersonation.ACTION,
            Action("delete", users.delete_user, _delete, True, True, True, True, counts=user_tabs.goes),
        ),
        state=lambda document: _state(blocked=_is_blocked(document), leaving=_is_leaving(document)),
        instead=(("invite", "/admin/users/invitations/new", invitations.create_invitation),),
        preset=lambda members: {} if members.get("connection") else {"connection": CONNECTION},
        lands="details",
        bulk=user_bulk.bulks(_compiled),
        pages={
            user_files.IMPORT: user_files.import_page,
            exports.EXPORT: exports.page(_compiled, jobs_api.export_view),
        },
        links=((user_files.IMPORT, jobs_api.check_import), (exports.EXPORT, jobs_api.export_view)),
        aliases=("people", "user", "Users", "User Management"),
        api="users",
    ),
)
