"""Use cases on suggested linking (spec/linking.md, "Suggested linking helper"; security.md N1, N8).

An address proves nothing here: it only says which account is worth asking about. Both accounts are signed in to in one
attempt of one browser, and both have a proven address, before anything is joined.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.orm import aliased

from idp.directory.users import service as users
from idp.directory.users.models import Identity, User
from idp.foundation.db.purge import DAY_MS
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.signin.linking.log_types import LinkingLog
from idp.signin.linking.models import DeclinedLink
from idp.tenant.audit import log

ASKED_AGAIN_MS = 30 * DAY_MS
"""How long a "not now" counts."""
_MOST = 10
"""So many accounts of one address are looked at."""


@dataclass(frozen=True)
class Account:
    """A user with a proven address, and the connection of their main identity."""

    user_id: str
    email: str
    connection_id: str
    created_at: int
    identities: int


def suggested(work: Work, user_id: str, connection_ids: Collection[str]) -> Account | None:
    """Another account with the proven address of ``user_id``, of one of those connections, that could be joined to it
    and that its owner has not declined lately; the oldest of several. None where the tenant suggests nothing.
    """
    if not work.config.settings.suggest_account_linking:
        return None
    mine = _accounts(work, User.user_id == user_id)
    if not mine:
        return None
    me, other = mine[0], aliased(DeclinedLink)
    declined = exists().where(
        other.tenant_id == work.tenant_id,
        other.user_id == user_id,
        other.other_id == User.user_id,
        other.declined_at > clock.now_ms() - ASKED_AGAIN_MS,
    )
    key = select(User.email_key).where(User.user_id == user_id).scalar_subquery()
    found = _accounts(
        work,
        and_(
            User.email_key == key,
            User.user_id != user_id,
            Identity.connection_id.in_(sorted(connection_ids)),
            ~declined,
        ),
    )
    return next((each for each in found if min(each.identities, me.identities) == 1), None)


def joinable(work: Work, one_id: str, other_id: str) -> tuple[Account, Account] | None:
    """The two accounts, the one that stays first: the one that others are linked to already, else the older. None where
    they may not be joined: blocked, an address that is not proven, or not the same.
    """
    found = _accounts(work, User.user_id.in_([one_id, other_id]))
    if len(found) != len({one_id, other_id}) or one_id == other_id:
        return None
    one, other = found
    if one.email.lower() != other.email.lower() or min(one.identities, other.identities) > 1:
        return None
    stays, goes = sorted(found, key=lambda each: (-each.identities, each.created_at, each.user_id))
    return stays, goes


def join(work: Work, stays: Account, goes: Account, *, client_id: str) -> None:
    """Make ``goes`` an identity of ``stays``, in the caller's transaction: their owner signed in to both.

    :raises BadRequest: the address of one of them is no longer proven.
    :raises Conflict: one of them was linked meanwhile.
    """
    users.join(work, stays.user_id, goes.user_id)
    details = {"joined": goes.user_id}
    log.write(
        work,
        LinkingLog.JOINED,
        user_id=stays.user_id,
        user_name=stays.email,
        client_id=client_id,
        connection_id=goes.connection_id,
        details=details,
    )


def decline(work: Work, user_id: str, other_id: str) -> None:
    """Not now: neither of the two is asked about the other for a while."""
    with work.transaction():
        pairs = ((user_id, other_id), (other_id, user_id))
        forgotten = [and_(DeclinedLink.user_id == one, DeclinedLink.other_id == other) for one, other in pairs]
        work.rows.execute(delete(DeclinedLink).where(or_(*forgotten)))
        moment = clock.now_ms()
        work.rows.add_all(
            DeclinedLink(tenant_id=work.tenant_id, user_id=one, other_id=other, declined_at=moment)
            for one, other in pairs
        )
        work.rows.flush()


def forget(work: Work, user_ids: Sequence[str]) -> None:
    """Whatever these people answered, or others about them."""
    either = or_(DeclinedLink.user_id.in_(user_ids), DeclinedLink.other_id.in_(user_ids))
    work.rows.execute(delete(DeclinedLink).where(either))


def _accounts(work: Work, condition: object) -> list[Account]:
    """Users for whom the condition holds, who are not blocked and whose address is proven; the oldest first."""
    every = aliased(Identity)
    identities = (
        select(func.count())
        .where(every.tenant_id == User.tenant_id, every.user_id == User.user_id)
        .correlate(User)
        .scalar_subquery()
    )
    statement = (
        select(User.user_id, User.email, Identity.connection_id, User.created_at, identities.label("identities"))
        .join(Identity, and_(Identity.tenant_id == User.tenant_id, Identity.user_id == User.user_id))
        .where(Identity.position == 0, User.email_verified.is_(True), User.blocked.is_(False), condition)  # type: ignore[arg-type]
        .order_by(User.created_at, User.user_id)
        .limit(_MOST)
    )
    return [
        Account(row.user_id, row.email, row.connection_id, row.created_at, row.identities)
        for row in work.rows.execute(statement)
        if row.email
    ]
