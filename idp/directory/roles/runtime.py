"""What somebody may do with one API now, as tokens ask it: one statement over everything that gives permissions
(spec/access-control.md, "Token effect"). Nothing of it is remembered beyond the request.
"""

from __future__ import annotations

from sqlalchemy import and_, bindparam, select, union

from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.directory.roles.models import GroupMember as GM
from idp.directory.roles.models import GroupRole as GR
from idp.directory.roles.models import RolePermission as RP
from idp.directory.roles.models import UserPermission as UP
from idp.directory.roles.models import UserRole as UR
from idp.directory.users.models import Identity as I
from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.tenancy.work import Work

_OF_GROUP_ROLE = and_(RP.tenant_id == GR.tenant_id, RP.role_id == GR.role_id, RP.resource_server_id == bindparam("api"))
_IN_GROUP = and_(GM.tenant_id == I.tenant_id, GM.account_id == I.identity_user_id, GM.connection_id == I.connection_id)
_OF_ROLE = and_(RP.tenant_id == UR.tenant_id, RP.role_id == UR.role_id, RP.resource_server_id == bindparam("api"))
_OF_USER = Statement(
    "permissions_of_user",
    union(
        select(UP.permission).where(
            UP.tenant_id == bindparam("tenant"),
            UP.user_id == bindparam("user"),
            UP.resource_server_id == bindparam("api"),
        ),
        select(RP.permission)
        .select_from(by_key(UR, RP, _OF_ROLE))
        .where(UR.tenant_id == bindparam("tenant"), UR.user_id == bindparam("user")),
        select(RP.permission)
        .select_from(
            by_key(
                by_key(by_key(I, GM, _IN_GROUP), GR, (GR.tenant_id == GM.tenant_id) & (GR.group_id == GM.group_id)),
                RP,
                _OF_GROUP_ROLE,
            )
        )
        .where(I.tenant_id == bindparam("tenant"), I.user_id == bindparam("user")),
    ),
    row=str,
)


def enforced(work: Work, user_id: str, api: ResourceServerConfig | None) -> tuple[str, ...] | None:
    """:func:`permissions` where the API enforces them; None: it does not, and nothing is read. A request reads them
    once.
    """
    if api is None or not api.data.enforce_policies:
        return None
    return work.once(("permissions", user_id, api.id), lambda: permissions(work, user_id, api))


def permissions(work: Work, user_id: str, api: ResourceServerConfig) -> tuple[str, ...]:
    """What the person may do with the API now: given directly, by their roles and by those of their groups, as far as
    the API has it. In the order of the API.
    """
    had = frozenset(work.hot.all(_OF_USER, tenant=work.tenant_id, user=user_id, api=api.id))
    return tuple(value for value in api.scope_values() if value in had)
