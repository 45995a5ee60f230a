"""An account that its owner wants deleted: marked, kept after all, or found due. Each is one conditional statement, so
that of two who decide at once one does.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, null, select, update

from idp.directory.users.models import User as U
from idp.foundation.db.hot import Statement
from idp.foundation.kernel.events import DeletionRequested, UserUpdated
from idp.foundation.tenancy.work import Work

CHANGED = ("deletion_due",)
_MINE = (U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user"))
_LEAVE = Statement(
    "user_leave",
    update(U).where(*_MINE, U.deletion_due.is_(None)).values(deletion_due=bindparam("due"), version=U.version + 1),
)
_KEEP = Statement(
    "user_keep",
    update(U).where(*_MINE, U.deletion_due.is_not(None)).values(deletion_due=null(), version=U.version + 1),
)
_PUT_OFF = Statement(
    "user_put_off_deletion",
    update(U).where(*_MINE, U.deletion_due.is_not(None)).values(deletion_due=bindparam("due")),
)
_DUE = Statement(
    "users_due_for_deletion",
    select(U.user_id)
    .where(
        U.tenant_id == bindparam("tenant"),
        U.deletion_due.is_not(None),
        U.deletion_due <= bindparam("now"),
    )
    .order_by(U.deletion_due)
    .limit(bindparam("limit")),
    row=str,
)


_IS_DUE = Statement(
    "user_is_due_for_deletion",
    select(U.user_id).where(*_MINE, U.deletion_due <= bindparam("now")),
    row=str,
)


def leave(work: Work, user_id: str, due: int) -> bool:
    """Mark the account to be erased at ``due`` (ms), in the caller's transaction; False where it is already. Whoever
    keeps something open in their name ends it.
    """
    if work.hot.run(_LEAVE, tenant=work.tenant_id, user=user_id, due=due) != 1:
        return False
    work.emit(UserUpdated(user_id, CHANGED))
    work.emit(DeletionRequested(user_id, due))
    return True


def keep_account(work: Work, user_id: str) -> bool:
    """It stays after all, in the caller's transaction; False where nobody wanted it deleted."""
    if work.hot.run(_KEEP, tenant=work.tenant_id, user=user_id) != 1:
        return False
    work.emit(UserUpdated(user_id, CHANGED))
    return True


def put_off(work: Work, user_id: str, due: int) -> None:
    """It cannot be erased yet: it is tried again at ``due`` (ms)."""
    work.hot.run(_PUT_OFF, tenant=work.tenant_id, user=user_id, due=due)


def is_due(work: Work, user_id: str, now: int) -> bool:
    """Whether that one's time was up at ``now`` (ms)."""
    return work.hot.one(_IS_DUE, tenant=work.tenant_id, user=user_id, now=now) is not None


def due_for_deletion(work: Work, now: int, most: int) -> Sequence[str]:
    """The ids of those whose time was up at ``now`` (ms), at most so many, the first ones first."""
    return work.hot.all(_DUE, tenant=work.tenant_id, now=now, limit=most)
