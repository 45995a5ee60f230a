"""When the database was copied last, which the installation's Owners and ``idp doctor`` are told: a document of the
default tenant, whose time says it. It stands in no copy that it is about.

It is written without the master key, by a shell that may have none (docs/decisions/0434).
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from idp.foundation.db.upsert import insert
from idp.foundation.kernel import clock
from idp.foundation.tenancy.models import Tenant, TenantDocument

KIND: Final = "backup"
NAME: Final = "last"
OLD_MS: Final = 7 * 24 * 60 * 60 * 1000
"""A copy that is older is one that somebody forgot."""


def note(session: Session) -> bool:
    """A copy was made right now; False where there is no default tenant yet."""
    tenant_id, moment = session.scalar(select(Tenant.id).where(Tenant.is_default)), clock.now_ms()
    if tenant_id is None:
        return False
    row = {"tenant_id": tenant_id, "kind": KIND, "name": NAME, "document": {}, "version": 1}
    made = insert(TenantDocument).values(**row, created_at=moment, updated_at=moment)
    key = [TenantDocument.tenant_id, TenantDocument.kind, TenantDocument.name]
    session.execute(made.on_conflict_do_update(index_elements=key, set_={"updated_at": moment}))
    return True


def last(tenant_id: str) -> Select[Any]:
    """When that was (ms), 0 for never: of the tenant that is the default one."""
    mine = TenantDocument.tenant_id == tenant_id, TenantDocument.kind == KIND, TenantDocument.name == NAME
    return select(func.coalesce(func.max(TenantDocument.updated_at), 0)).where(*mine)
