"""``/invitations``: ours, in the shape of an organization's invitations (spec/organizations.md). Whoever may make users
may invite them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import select

from idp.directory.users.attributes import Metadata
from idp.directory.users.identifiers import email_key
from idp.foundation.apikit import Api, Body, Page, PageRequest, Paging, Query, View, changes
from idp.foundation.db import paging
from idp.foundation.kernel import clock
from idp.foundation.kernel.formats import Email, Reference
from idp.foundation.kernel.secret import ReadableSecret
from idp.foundation.tenancy.work import Work
from idp.signin.invitations import service
from idp.signin.invitations.models import Invitation
from idp.signin.invitations.service import Made

MOST_COUNTED = 10_000
"""Counting invitations ends here."""
api = Api("invitations")
Ttl = Annotated[int, Meta(ge=0, le=2_592_000, description="Number of seconds for which the invitation is valid")]


class Inviter(Body):
    """Who invites, as the mail and the page say it."""

    name: Annotated[str, Meta(min_length=1, max_length=300)]


class Invitee(Body):
    """Who is invited."""

    email: Email


class Delivery(Body):
    """POST /invitations/{id}/resend."""

    ttl_sec: Ttl | UnsetType = UNSET
    send_invitation_email: bool = True


class InvitationCreate(Delivery, kw_only=True):
    """POST /invitations."""

    inviter: Inviter
    invitee: Invitee
    client_id: Reference
    connection_id: Reference | UnsetType = UNSET
    app_metadata: Metadata | UnsetType = UNSET
    user_metadata: Metadata | UnsetType = UNSET


class InvitationList(Query):
    """GET /invitations."""

    client_id: str | UnsetType = UNSET
    email: Annotated[str, Meta(max_length=254)] | UnsetType = UNSET
    sort: Literal["created_at:1", "created_at:-1"] | UnsetType = UNSET


class InviterView(View):
    """Who invites."""

    name: str


class InviteeView(View):
    """Who is invited."""

    email: str


class InvitationView(View):
    """An invitation. The link is told by the answer that makes it, and by no other: it is kept hashed."""

    id: str
    inviter: InviterView
    invitee: InviteeView
    client_id: str
    connection_id: str
    created_at: str
    expires_at: str
    status: service.Status
    invitation_url: ReadableSecret | UnsetType = UNSET
    app_metadata: Metadata | UnsetType = UNSET
    user_metadata: Metadata | UnsetType = UNSET
    accepted_at: str | UnsetType = UNSET
    user_id: str | UnsetType = UNSET


@api.get(
    "/invitations",
    scopes={"read:users"},
    paging=Paging.by_offset("invitations"),
    fields=True,
    summary="Get invitations",
)
def list_invitations(work: Work, query: InvitationList, page: PageRequest) -> Page[InvitationView]:
    """Invitations, the newest first unless ``sort`` says otherwise."""
    key = query.email if query.email is UNSET else email_key(query.email)
    statement = paging.narrowed(
        select(Invitation), (Invitation.client_id, query.client_id), (Invitation.email_key, key)
    )
    order = [Invitation.created_at, Invitation.id]
    descending = query.sort != "created_at:1"
    rows = paging.fetch(work.rows, statement, page, order, descending=descending, count_at_most=MOST_COUNTED)
    return Page.of(rows, map(invitation_view, rows.items))


@api.post("/invitations", scopes={"create:users"}, summary="Invite somebody to an application")
def create_invitation(work: Work, body: InvitationCreate) -> InvitationView:
    """A link, mailed unless the caller delivers it, on which the owner of the address chooses a first password."""
    return _made_view(service.create(work, changes(body)))


@api.get("/invitations/{id}", scopes={"read:users"}, fields=True, summary="Get an invitation")
def get_invitation(work: Work, id: Reference) -> InvitationView:
    """One invitation, and what became of it."""
    return invitation_view(service.get(work, id))


@api.post("/invitations/{id}/resend", scopes={"create:users"}, summary="Send an invitation again")
def resend_invitation(work: Work, id: Reference, body: Delivery) -> InvitationView:
    """Another link, for as long as if it were new; the one before is void."""
    return _made_view(service.resend(work, id, changes(body)))


@api.delete("/invitations/{id}", scopes={"delete:users"}, summary="Withdraw an invitation")
def delete_invitation(work: Work, id: Reference) -> None:
    """The link no longer works. Unknown ids are no error."""
    service.withdraw(work, id)


def invitation_view(row: Invitation) -> InvitationView:
    """An invitation without its link."""
    return InvitationView(
        id=row.id,
        inviter=InviterView(name=row.inviter),
        invitee=InviteeView(email=row.email),
        client_id=row.client_id,
        connection_id=row.connection_id,
        created_at=clock.iso(row.created_at),
        expires_at=clock.iso(row.expires_at),
        status=service.status(row),
        app_metadata=row.app_metadata or UNSET,
        user_metadata=row.user_metadata or UNSET,
        accepted_at=UNSET if row.accepted_at is None else clock.iso(row.accepted_at),
        user_id=row.user_id or UNSET,
    )


def _made_view(made: Made) -> InvitationView:
    view = invitation_view(made.row)
    view.invitation_url = made.url
    return view
