"""Making somebody an administrator by their address, through the features that own invitations and members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from idp.directory.users.identifiers import email_key
from idp.directory.users.models import User
from idp.foundation.kernel.errors import Conflict
from idp.foundation.tenancy.work import Work
from idp.signin.invitations import service as invitations
from idp.signin.invitations.models import Invitation
from idp.tenant.members import service as members


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
    """The link of an administrator's invitation no longer works. Others are none of the caller's."""
    if any(row.invitation_id == invitation_id for row in members.invited(work)):
        invitations.withdraw(work, invitation_id)


def people(work: Work, user_ids: Sequence[str]) -> Mapping[str, User]:
    """Users by their ids."""
    return {row.user_id: row for row in work.rows.scalars(select(User).where(User.user_id.in_(user_ids)))}


def waiting(work: Work) -> Sequence[tuple[Invitation, Sequence[str]]]:
    """Invitations of administrators that nobody has accepted, with the roles they lead to."""
    roles = {row.invitation_id: row.roles for row in members.invited(work)}
    if not roles:
        return []
    found = work.rows.scalars(select(Invitation).where(Invitation.id.in_(sorted(roles))))
    return [(row, roles[row.id]) for row in found if row.accepted_at is None]
