"""What administrators may do about each other at this moment, for what they began a while ago at the dashboard."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.tenancy.work import Work
from idp.tenant.members.models import Member as M
from idp.tenant.members.roles import covers, rights


class _Member(msgspec.Struct, frozen=True):
    roles: Json[list[str]]
    blocked: bool


_ROLES = Statement(
    "member_roles",
    select(M.roles, M.blocked).where(M.tenant_id == bindparam("tenant"), M.user_id == bindparam("user")),
    row=_Member,
)


def still_may(work: Work, administrator_id: str, right: str, about: str) -> bool:
    """Whether that user is an administrator with that right (a scope of the Management API), and the user ``about`` is
    none with more rights than they.
    """
    mine = work.hot.one(_ROLES, tenant=work.tenant_id, user=administrator_id)
    if mine is None or mine.blocked or right not in rights(mine.roles, [right]):
        return False
    theirs = work.hot.one(_ROLES, tenant=work.tenant_id, user=about)
    return theirs is None or covers(mine.roles, theirs.roles)
