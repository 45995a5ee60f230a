"""Invitations of administrators: somebody becomes one by their address, at once or by accepting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from idp.directory.users.identifiers import email_key
from idp.directory.users.models import User
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import Conflict, NotFound
from idp.foundation.tenancy.work import Work
from idp.signin.invitations import service as invitations
from idp.signin.invitations.models import Invitation
from idp.tenant.members import service as members
from idp.tenant.members.models import MemberInvitation


def invite(work: Work, address: str, roles: Sequence[str], client_ids: Sequence[str]) -> tuple[str | None, str | None]:
    """Make the user who has proven ``address`` an administrator, or invite its owner; answers the user's id or the
    invitation's.

    :raises Conflict: several users have it, or that user is one already.
    :raises BadRequest: the roles are none, or nobody can be invited here.
    :raises Forbidden: the caller may not.
    """
    known = select(User).where(User.email_key == email_key(address), User.email_verified).limit(2)
    found = work.rows.scalars(known).all()
    if len(found) > 1:
        raise Conflict("Several users have that address: add one of them on the host with `idp admins add`.")
    if found:
        (user,) = found
        return members.add(work, user.user_id, roles, client_ids).user_id, None
    members.checked(roles, client_ids)
    inviter = work.actor.name or work.config.friendly_name
    wanted = {"client_id": invitations.OWN_PAGES, "inviter": {"name": inviter}, "invitee": {"email": address}}
    made = invitations.create(work, wanted)
    members.invite(work, made.row.id, address, roles, client_ids)
    return None, made.row.id


def withdraw(work: Work, invitation_id: str) -> None:
    """The link of an administrator's invitation no longer works. Others are none of the caller's.

    :raises NotFound: nobody is invited by it.
    """
    invitations.withdraw(work, get(work, invitation_id).row.id)


def people(work: Work, user_ids: Sequence[str]) -> Mapping[str, User]:
    """Users by their ids."""
    return {row.user_id: row for row in work.rows.scalars(select(User).where(User.user_id.in_(user_ids)))}


@dataclass(frozen=True)
class Waiting:
    """An invitation that nobody has accepted, and what whoever accepts becomes."""

    row: Invitation
    member: MemberInvitation


def waiting(work: Work) -> Sequence[Waiting]:
    """Who was invited and may still accept, the newest first."""
    known = members.invited(work)
    if not known:
        return []
    open_ = select(Invitation).where(
        Invitation.id.in_([each.invitation_id for each in known]),
        Invitation.accepted_at.is_(None),
        Invitation.expires_at > clock.now_ms(),
    )
    found = {row.id: row for row in work.rows.scalars(open_)}
    return [Waiting(found[each.invitation_id], each) for each in known if each.invitation_id in found]


def get(work: Work, invitation_id: str) -> Waiting:
    """One of them.

    :raises NotFound: nobody is invited by it.
    """
    found = next((each for each in waiting(work) if each.row.id == invitation_id), None)
    if found is None:
        raise NotFound("The user is no administrator.", "inexistent_member")
    return found
