"""Filters of lists that administrators keep under a name, for themselves or for all who administer the tenant."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, delete, func, or_, select

from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work
from idp.tenant.members.models import SavedFilter

MOST = 50
"""Filters of one person."""
MOST_OF_OTHERS = 150
"""Filters of others that somebody is shown beside their own."""
MOST_NAME, MOST_QUERY = 80, 1_000
"""Letters of a name, and of the query of an address."""


def of(work: Work, user_id: str, resource: str) -> Sequence[SavedFilter]:
    """Those of a list that somebody sees: their own, and what others share; by name."""
    mine = SavedFilter.user_id == user_id
    statement = select(SavedFilter).where(SavedFilter.resource == resource, or_(mine, SavedFilter.shared.is_(True)))
    first = case((mine, 0), else_=1)  # however many others share
    ordered = statement.order_by(first, func.lower(SavedFilter.name), SavedFilter.id)
    found = work.rows.scalars(ordered.limit(MOST + MOST_OF_OTHERS))
    return sorted(found, key=lambda each: (each.name.lower(), each.id))


def save(work: Work, user_id: str, resource: str, name: str, query: str, *, shared: bool) -> None:
    """Keep ``query``, that of an address, under ``name``; one of the same name of theirs is replaced.

    :raises BadRequest: no name, one that is too long, a filter that is, or too many of them.
    """
    wanted = " ".join(name.split())
    if not wanted or len(wanted) > MOST_NAME:
        raise BadRequest(f"A filter has a name of at most {MOST_NAME} letters.", "invalid_body")
    if len(query) > MOST_QUERY:
        raise BadRequest(f"A filter has at most {MOST_QUERY} letters.", "invalid_body")
    with work.transaction():
        work.rows.lock_one(Tenant, work.tenant_id)  # it stands for the number of them
        mine = SavedFilter.user_id == user_id
        same = (mine, SavedFilter.resource == resource, SavedFilter.name == wanted)
        work.rows.execute(delete(SavedFilter).where(*same))
        if int(work.rows.scalar(select(func.count()).select_from(SavedFilter).where(mine)) or 0) >= MOST:
            raise BadRequest(f"Nobody keeps more than {MOST} filters.", "too_many_filters")
        work.rows.add(
            SavedFilter(
                id=ids.prefixed("flt"),
                user_id=user_id,
                resource=resource,
                name=wanted,
                query=query,
                shared=shared,
                created_at=clock.now_ms(),
            )
        )
        work.rows.flush()


def forget(work: Work, user_id: str, filter_id: str) -> None:
    """One of their own is kept no more.

    :raises NotFound: they have no such filter.
    """
    with work.transaction():
        row = work.rows.lock_one(SavedFilter, filter_id)
        if row is None or row.user_id != user_id:
            raise NotFound("There is no such filter.", "inexistent_filter")
        work.rows.delete(row)
        work.rows.flush()
