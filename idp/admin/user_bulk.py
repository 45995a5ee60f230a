"""What is done with many people at once, and how all of them are found that the list would show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from idp.admin import jobs_api, user_mails_api
from idp.admin.desk import exports, operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.resource import Bulk, Bulks
from idp.directory.bulk import api as jobs
from idp.directory.roles import users_api as roles
from idp.directory.roles.models import Role, UserRole
from idp.directory.users import api as users
from idp.directory.users import search
from idp.directory.users.models import User
from idp.foundation.tenancy.work import Work
from idp.signin.sessions import api as sessions

MOST_ROLES = 100


def _update(members: Mapping[str, Any]) -> Callable[[str, str], tuple[Mapping[str, str], Any]]:
    return lambda key, _value: ({"id": key}, members)


def _user(work: Work, key: str) -> User | None:
    return work.rows.get(User, (work.tenant_id, key))


def _lacks(name: str, wanted: object) -> Callable[[Work, str, str], bool]:
    """Whether somebody is not as they will be; of nobody the operation itself says so."""

    def needed(work: Work, key: str, _value: str) -> bool:
        row = _user(work, key)
        return row is None or bool(getattr(row, name)) is not wanted

    return needed


def _has_role(work: Work, key: str, role: str) -> bool:
    return work.rows.get(UserRole, (work.tenant_id, key, role)) is not None


def _roles(visit: Visit) -> Sequence[tuple[str, str]]:
    rows = visit.work.rows.scalars(select(Role).order_by(Role.name_folded, Role.id).limit(MOST_ROLES))
    return [(row.id, row.name) for row in rows]


def _formats(visit: Visit) -> Sequence[tuple[str, str]]:
    return exports.formats(visit, "users")


def _export(visit: Visit, keys: Sequence[str] | None, query: str, format_: str) -> str:
    found = {"query": query} if keys is None else {"user_ids": keys}
    return str(operations.call(visit.work, jobs_api.export_view, None, {"format": format_, **found})["id"])


def _walk(work: Work, query: str, before: int, after: str, limit: int) -> Sequence[str]:
    extended = work.config.settings.extended_user_search
    return search.walk.ids(work.rows, query, before=before, after=after, limit=limit, extended=extended)


def _count(work: Work, query: str, before: int, most: int) -> int:
    extended = work.config.settings.extended_user_search
    return search.walk.count(work.rows, query, before=before, most=most, extended=extended)


def _titles(work: Work, keys: Sequence[str]) -> Mapping[str, str]:
    rows = {row.user_id: row for row in work.rows.scalars(select(User).where(User.user_id.in_(keys)))}
    return {key: rows[key].email or rows[key].name or key for key in keys if key in rows}


def bulks(query: Callable[..., str]) -> Bulks:
    """Everything that is done with many people; ``query`` is what the list compiles to."""
    return Bulks(
        (
            Bulk(
                "block", users.update_user, _update({"blocked": True}), _lacks("blocked", wanted=True), undo="unblock"
            ),
            Bulk(
                "unblock", users.update_user, _update({"blocked": False}), _lacks("blocked", wanted=False), undo="block"
            ),
            Bulk("verify", users.update_user, _update({"email_verified": True}), _lacks("email_verified", wanted=True)),
            Bulk("mail", jobs.send_verification, lambda key, _value: ({}, {"user_id": key})),
            Bulk("reset-mail", user_mails_api.send_reset, lambda key, _value: ({"id": key}, None)),
            Bulk(
                "role",
                roles.assign_roles,
                lambda key, role: ({"id": key}, {"roles": [role]}),
                lambda work, key, role: not _has_role(work, key, role),
                choices=_roles,
                undo="role-removed",
            ),
            Bulk(
                "role-removed",
                roles.remove_roles,
                lambda key, role: ({"id": key}, {"roles": [role]}),
                _has_role,
                choices=_roles,
                undo="role",
            ),
            Bulk("export", jobs_api.export_view, choices=_formats, fresh=True, begin=_export),
            Bulk("sign-out", sessions.delete_sessions, lambda key, _value: ({"user_id": key}, None)),
            Bulk(
                "delete",
                users.delete_user,
                lambda key, _value: ({"id": key}, None),
                fresh=True,
                danger=True,
            ),
        ),
        query=query,
        walk=_walk,
        count=_count,
        titles=_titles,
    )
