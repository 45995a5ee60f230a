"""Use cases on administrators. They run in the caller's unit of work.

Nobody gives what they do not have, nobody changes somebody who has more, and an Owner who can sign in always stays:
every change looks at all administrators, locked (docs/decisions/0099, 0262). The operator's commands are bound by the
last of these alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import select

from idp.foundation.kernel import clock
from idp.foundation.kernel.access_events import MemberAdded, MemberChanged, MemberRemoved
from idp.foundation.kernel.actor import DASHBOARD
from idp.foundation.kernel.errors import BadRequest, Conflict, Forbidden, NotFound
from idp.foundation.kernel.rights import missing_scope
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.members.log_types import MemberLog
from idp.tenant.members.models import Member, MemberInvitation, MemberSession, SavedFilter
from idp.tenant.members.roles import OWNER, ROLES, UPDATE_MEMBERS, covers, only_shown

MOST_MEMBERS = 500
"""Administrators of a tenant; as many may be invited at a time."""
MOST_CLIENTS = 100
"""Applications that a role for some of them names."""


def find(work: Work, user_id: str) -> Member | None:
    """The administrator of that user id."""
    return work.rows.get(Member, (work.tenant_id, user_id))


def get(work: Work, user_id: str) -> Member:
    """The same.

    :raises NotFound: they are none.
    """
    row = find(work, user_id)
    if row is None:
        raise NotFound("The user is no administrator.", "inexistent_member")
    return row


def every(work: Work) -> Sequence[Member]:
    """All of them, the first one first."""
    return work.rows.scalars(select(Member).order_by(Member.created_at, Member.user_id)).all()


def invited(work: Work) -> Sequence[MemberInvitation]:
    """Who was invited and has not accepted, the newest first; at most as many as there may be administrators."""
    newest = select(MemberInvitation).order_by(MemberInvitation.created_at.desc(), MemberInvitation.invitation_id)
    return work.rows.scalars(newest.limit(MOST_MEMBERS)).all()


def add(work: Work, user_id: str, roles: Iterable[str], client_ids: Iterable[str] = ()) -> Member:
    """Make a user an administrator.

    :raises Conflict: they are one already.
    :raises BadRequest: an unknown role, or applications without a role for some.
    :raises Forbidden: the caller may not, or has not as many rights.
    """
    _may_change(work)
    names, clients = checked(roles, client_ids)
    _may_give(work, names)
    return _add(work, user_id, names, clients)


def first_owner(work: Work, user_id: str) -> bool:
    """Make a user the Owner of a tenant that nobody administers; False where somebody does."""
    if _locked(work):
        return False
    _add(work, user_id, [OWNER], [])
    return True


def change(work: Work, user_id: str, roles: Iterable[str], client_ids: Iterable[str] = ()) -> Member:
    """Give an administrator other roles.

    :raises NotFound: they are none.
    :raises BadRequest: an unknown role, or applications without a role for some.
    :raises Forbidden: the caller may not, has fewer rights than they, or would give more.
    :raises Conflict: nobody would be Owner any more.
    """
    _may_change(work)
    names, clients = checked(roles, client_ids)
    row = _one_of(_locked(work), user_id)
    _refuse_stronger(work, [row])
    _may_give(work, names)
    if OWNER in row.roles and OWNER not in names:
        refuse_last_owner(work, [user_id])
    before = list(row.roles)
    row.roles, row.client_ids, row.updated_at = names, clients, clock.now_ms()
    work.rows.flush()
    work.emit(MemberChanged(user_id, tuple(names)))
    log.write(work, MemberLog.CHANGED, **_about(work, user_id, {"before": before, "roles": names}))
    return row


def remove(work: Work, user_id: str) -> None:
    """The user is no administrator any more; the user stays.

    :raises NotFound: they are none.
    :raises Forbidden: the caller may not, or has fewer rights than they.
    :raises Conflict: nobody would be Owner any more.
    """
    _may_change(work)
    row = _one_of(_locked(work), user_id)
    _refuse_stronger(work, [row])
    refuse_last_owner(work, [user_id])
    _remove(work, row)


def invite(
    work: Work, invitation_id: str, address: str, roles: Iterable[str], client_ids: Iterable[str] = ()
) -> MemberInvitation:
    """Whoever accepts that invitation becomes an administrator.

    :raises BadRequest: an unknown role, applications without a role for some, or too many were invited.
    :raises Forbidden: the caller may not, or has not as many rights.
    """
    _may_change(work)
    names, clients = checked(roles, client_ids)
    _may_give(work, names)
    if len(invited(work)) >= MOST_MEMBERS:
        raise BadRequest(f"No more than {MOST_MEMBERS} can be invited at a time.", "too_many_members")
    row = MemberInvitation(
        tenant_id=work.tenant_id,
        invitation_id=invitation_id,
        roles=names,
        client_ids=clients,
        added_by=work.actor.user_id,
        created_at=clock.now_ms(),
    )
    work.rows.add(row)
    work.rows.flush()
    log.write(work, MemberLog.INVITED, **_about(work, None, {"roles": names}), user_name=address)
    return row


def accepted(work: Work, invitation_id: str, user_id: str) -> None:
    """Somebody accepted an invitation: they are an administrator now, if that was what they were invited to."""
    row = work.rows.lock_one(MemberInvitation, invitation_id)
    if row is None:
        return
    names, clients, added_by = row.roles, row.client_ids, row.added_by
    work.rows.delete(row)
    work.rows.flush()
    if find(work, user_id) is None:
        _add(work, user_id, list(names), list(clients), added_by=added_by)


def withdrawn(work: Work, invitation_id: str) -> None:
    """An invitation is gone."""
    work.rows.execute(sql_delete(MemberInvitation).where(MemberInvitation.invitation_id == invitation_id))


def checked(roles: Iterable[str], client_ids: Iterable[str]) -> tuple[list[str], list[str]]:
    """Roles in the order in which they are listed, and the applications of a role that is for some.

    :raises BadRequest: an unknown role or none at all, one beside which no other stands, too many applications, or a
        role for some without any.
    """
    wanted, clients = set(roles), list(dict.fromkeys(client_ids))
    unknown = sorted(wanted - ROLES.keys())
    if unknown:
        raise BadRequest(f"There is no role {unknown[0][:80]!r}. There are {', '.join(ROLES)}.", "invalid_body")
    if not wanted:
        raise BadRequest("An administrator has at least one role.", "invalid_body")
    if only_shown(wanted) and len(wanted) > 1:
        raise BadRequest("The role that only shows the product stands alone.", "invalid_body")
    confined = any(ROLES[name].of_clients for name in wanted)
    if confined != bool(clients):
        raise BadRequest("Name the applications of the role that is for some of them, and of no other.", "invalid_body")
    if len(clients) > MOST_CLIENTS:
        raise BadRequest(f"A role names {MOST_CLIENTS} applications at most.", "invalid_body")
    return [name for name in ROLES if name in wanted], clients


def refuse_stronger(work: Work, user_ids: Collection[str]) -> None:
    """Keep somebody at the dashboard from changing how an administrator with more rights gets in.

    :raises Forbidden: one of these users is one.
    """
    if work.actor.channel == DASHBOARD and user_ids:
        _refuse_stronger(work, work.rows.scalars(select(Member).where(Member.user_id.in_(sorted(user_ids)))))


def stronger(work: Work, user_ids: Collection[str]) -> frozenset[str]:
    """Those of these users whom :func:`refuse_stronger` would name."""
    if work.actor.channel != DASHBOARD or not user_ids:
        return frozenset()
    rows = work.rows.scalars(select(Member).where(Member.user_id.in_(sorted(user_ids))))
    return frozenset(row.user_id for row in rows if _is_stronger(work, row))


def refuse_last_owner(work: Work, user_ids: Collection[str], *, looking: bool = False) -> None:
    """Keep the tenant from losing its last Owner who can sign in, whoever asks. ``looking`` says so early and locks
    nothing: whoever changes something asks again.

    :raises Conflict: without these users there would be none.
    """
    mine = set(user_ids)
    theirs = select(Member).where(Member.user_id.in_(sorted(mine)))
    if not any(OWNER in row.roles for row in work.rows.scalars(theirs)):
        return
    known = every(work) if looking else _locked(work)
    if not any(OWNER in row.roles and not row.blocked and row.user_id not in mine for row in known):
        raise Conflict(
            "This is the last Owner: make somebody else one first, or use `idp admins` on the host.", "last_owner"
        )


def shut_out(work: Work, user_id: str, *, blocked: bool) -> None:
    """Remember whether a user who is an administrator may sign in.

    :raises Conflict: it is the last Owner.
    :raises Forbidden: they have more rights than the caller.
    """
    if find(work, user_id) is None:
        return
    if blocked:
        refuse_stronger(work, [user_id])
        refuse_last_owner(work, [user_id])
    row = work.rows.lock_one(Member, user_id)
    if row is not None:
        row.blocked = blocked
        work.rows.flush()


def erase_of_users(work: Work, user_ids: Sequence[str], *, with_connection: bool = False) -> None:
    """These users are gone, and administrators no more. A machine that deletes a whole connection
    (``with_connection``) takes the last Owner along: scripts set tenants up anew that way, and `idp admins` on the host
    leads back in. People at the dashboard cannot.

    :raises Conflict: one of them is the last Owner.
    :raises Forbidden: one of them has more rights than the caller.
    """
    found = work.rows.scalars(select(Member.user_id).where(Member.user_id.in_(user_ids))).all()
    if found:
        refuse_stronger(work, found)
        if work.actor.channel == DASHBOARD or not with_connection:
            refuse_last_owner(work, found)
        for row in work.rows.lock_all(select(Member).where(Member.user_id.in_(found)).order_by(Member.user_id)):
            _remove(work, row)
        for row in work.rows.lock_all(select(Member).where(Member.added_by.in_(found)).order_by(Member.user_id)):
            row.added_by = None
        theirs = select(MemberInvitation).where(MemberInvitation.added_by.in_(found))
        for each in work.rows.lock_all(theirs.order_by(MemberInvitation.invitation_id)):
            each.added_by = None
        work.rows.flush()
    for model in (MemberSession, SavedFilter):
        work.rows.execute(sql_delete(model).where(model.user_id.in_(user_ids)))


def forget_client(work: Work, client_id: str) -> None:
    """An application is gone: a later one of the same id is nobody's to change because of it."""
    for row in _locked(work):
        if client_id in row.client_ids:
            row.client_ids = [each for each in row.client_ids if each != client_id]
    work.rows.flush()


def _add(work: Work, user_id: str, roles: list[str], client_ids: list[str], *, added_by: str | None = None) -> Member:
    known = _locked(work)
    if any(row.user_id == user_id for row in known):
        raise Conflict("The user is an administrator already.", "member_exists")
    if len(known) >= MOST_MEMBERS:
        raise BadRequest(f"A tenant has {MOST_MEMBERS} administrators at most.", "too_many_members")
    moment = clock.now_ms()
    row = Member(
        tenant_id=work.tenant_id,
        user_id=user_id,
        roles=roles,
        client_ids=client_ids,
        added_by=added_by or work.actor.user_id,
        blocked=False,
        created_at=moment,
        updated_at=moment,
    )
    work.rows.add(row)
    work.rows.flush()
    work.emit(MemberAdded(user_id, tuple(roles)))
    log.write(work, MemberLog.ADDED, **_about(work, user_id, {"roles": roles}))
    return row


def _remove(work: Work, row: Member) -> None:
    user_id = row.user_id
    work.rows.delete(row)
    work.rows.flush()
    work.rows.execute(sql_delete(MemberSession).where(MemberSession.user_id == user_id))
    work.emit(MemberRemoved(user_id))
    log.write(work, MemberLog.REMOVED, **_about(work, user_id, {"roles": list(row.roles)}))


def _locked(work: Work) -> list[Member]:
    """All of them, whom nobody else changes until the transaction ends."""
    return work.rows.lock_all(select(Member).order_by(Member.user_id))


def _one_of(known: Iterable[Member], user_id: str) -> Member:
    found = next((row for row in known if row.user_id == user_id), None)
    if found is None:
        raise NotFound("The user is no administrator.", "inexistent_member")
    return found


def _may_change(work: Work) -> None:
    """The operator may, and at the dashboard whoever has the right."""
    if work.actor.channel == DASHBOARD and not work.actor.has(UPDATE_MEMBERS):
        raise missing_scope({UPDATE_MEMBERS})


def _may_give(work: Work, roles: Collection[str]) -> None:
    if work.actor.channel == DASHBOARD and not covers(work.actor.roles, roles):
        raise Forbidden("Nobody gives more rights than they have.", "insufficient_rights")


def _refuse_stronger(work: Work, rows: Iterable[Member]) -> None:
    if work.actor.channel != DASHBOARD:
        return
    if any(_is_stronger(work, row) for row in rows):
        raise Forbidden("This administrator has more rights than you.", "insufficient_rights")


def _is_stronger(work: Work, row: Member) -> bool:
    return row.user_id != work.actor.user_id and not covers(work.actor.roles, row.roles)


def _about(work: Work, user_id: str | None, details: dict[str, Any]) -> dict[str, Any]:
    by = {"by": work.actor.user_id} if work.actor.user_id else {}
    return {"user_id": user_id, "details": {**details, **by, "channel": work.actor.channel}}
