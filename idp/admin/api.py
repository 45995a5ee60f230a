"""Operations on administrators, declared like those of the Management API and run by the dashboard alone: no token has
their scopes, and no feature serves them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.admin import access
from idp.directory.users.models import User
from idp.foundation.apikit import Api, Body, View, changes, given
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import ClientId, Email, UserId
from idp.foundation.tenancy.work import Work
from idp.signin.invitations import administrators as inviting
from idp.signin.invitations.administrators import Waiting
from idp.tenant.members import service
from idp.tenant.members.models import Member
from idp.tenant.members.service import MOST_CLIENTS

api = Api("members")
Roles = Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(min_length=1, max_length=20)]
ClientIds = Annotated[list[ClientId], Meta(max_length=MOST_CLIENTS)]


MfaRequired = Literal["in_production", "always", "never"]
Networks = Annotated[list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(max_length=100)]


class MemberView(View):
    """An administrator, or somebody who is invited to be one: then ``user_id`` is the id of the invitation."""

    user_id: str
    name: str
    email: str | None
    roles: list[str]
    client_ids: list[str]
    added_by: str | None
    blocked: bool
    invited: bool
    last_seen_at: str | None
    created_at: str


class MemberCreate(Body):
    """A new administrator: somebody who is a user already, or who is invited by mail."""

    email: Email
    roles: Roles
    client_ids: ClientIds | UnsetType = UNSET


class MemberUpdate(Body):
    """Other roles."""

    roles: Roles | UnsetType = UNSET
    client_ids: ClientIds | UnsetType = UNSET


class AccessView(View):
    """Whom the dashboard lets in beside their roles."""

    mfa_required: MfaRequired
    allowed_ips: list[str]


class AccessUpdate(Body):
    """Other rules of it."""

    mfa_required: MfaRequired | UnsetType = UNSET
    allowed_ips: Networks | UnsetType = UNSET


@api.get("/members/access", scopes={"read:members"}, summary="Get who may open the dashboard from where")
def get_access(work: Work) -> AccessView:
    """Both rules."""
    return AccessView(**access.current(work))


@api.patch("/members/access", scopes={"update:access_list"}, summary="Change who may open the dashboard from where")
def update_access(work: Work, body: AccessUpdate) -> AccessView:
    """One of them, or both."""
    return AccessView(**access.change(work, changes(body)))


@api.get("/members", scopes={"read:members"}, summary="Get administrators")
def list_members(work: Work) -> list[MemberView]:
    """All of them, the first one first, and then who is invited."""
    rows = service.every(work)
    people = inviting.people(work, [row.user_id for row in rows])
    return [*(_view(row, people.get(row.user_id)) for row in rows), *map(_invited, inviting.waiting(work))]


@api.post("/members", scopes={"update:members"}, summary="Add an administrator")
def add_member(work: Work, body: MemberCreate) -> MemberView:
    """Whoever has proven that address becomes one at once; anybody else is invited."""
    user_id, invitation_id = inviting.invite(work, body.email, body.roles, given(body.client_ids, []))
    return _one(work, user_id or invitation_id or "")


@api.get("/members/{id}", scopes={"read:members"}, summary="Get an administrator")
def get_member(work: Work, id: UserId) -> MemberView:
    """One of them."""
    return _one(work, id)


@api.patch("/members/{id}", scopes={"update:members"}, summary="Change the roles of an administrator")
def update_member(work: Work, id: UserId, body: MemberUpdate) -> MemberView:
    """Other roles, at once."""
    row, members = service.get(work, id), changes(body)
    roles, clients = members.get("roles", row.roles), members.get("client_ids", row.client_ids)
    changed = service.change(work, id, roles, clients)
    return _view(changed, inviting.people(work, [id]).get(id))


@api.delete("/members/{id}", scopes={"update:members"}, summary="Remove an administrator")
def delete_member(work: Work, id: UserId) -> None:
    """They stay a user. The link of an invitation no longer works."""
    if service.find(work, id) is None:
        inviting.withdraw(work, id)
    else:
        service.remove(work, id)


def _one(work: Work, id_: str) -> MemberView:
    row = service.find(work, id_)
    if row is None:
        return _invited(inviting.get(work, id_))
    return _view(row, inviting.people(work, [id_]).get(id_))


def _view(row: Member, person: User | None) -> MemberView:
    return MemberView(
        user_id=row.user_id,
        name=(person and (person.name or person.email)) or row.user_id,
        email=person.email if person else None,
        roles=row.roles,
        client_ids=row.client_ids,
        added_by=row.added_by,
        blocked=row.blocked,
        invited=False,
        last_seen_at=clock.iso(row.last_seen_at) if row.last_seen_at else None,
        created_at=clock.iso(row.created_at),
    )


def _invited(each: Waiting) -> MemberView:
    return MemberView(
        user_id=each.row.id,
        name=each.row.email,
        email=each.row.email,
        roles=each.member.roles,
        client_ids=each.member.client_ids,
        added_by=each.member.added_by,
        blocked=False,
        invited=True,
        last_seen_at=None,
        created_at=clock.iso(each.row.created_at),
    )
