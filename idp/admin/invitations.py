"""Invitations (``/admin/users/invitations``): people who are asked by mail to make an account."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from idp.admin import app_names
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Action, Cell, Column, Document, Done, Field, Listing, Resource, Section, Tab
from idp.directory.users.identifiers import email_key
from idp.signin.invitations import api as invitations
from idp.signin.invitations import service
from idp.signin.invitations.models import Invitation

LISTING = Listing(
    Invitation,
    Invitation.id,
    (
        Column("email", lambda row: Cell(row.email), sort=Invitation.email_key),
        Column("status", lambda row: Cell(service.status(row), "state")),
        Column("client_id", lambda name: Cell(str(name)), also=app_names.beside(Invitation)),
        Column("inviter", lambda row: Cell(row.inviter)),
        Column("created_at", lambda row: Cell(kind="time", at=row.created_at), sort=Invitation.created_at),
        Column("expires_at", lambda row: Cell(kind="time", at=row.expires_at), optional=True),
    ),
    order="-created_at",
    title="email",
    search=lambda text: or_(Invitation.email_key == email_key(text), Invitation.id == text),
)


def _waits(document: Document) -> bool:
    return document.get("status") != "accepted"


def _resend(visit: Visit, there: Object) -> Done:
    made = operations.call(visit.work, invitations.resend_invitation, there.parameters, {})
    return Done("invitations.done.resend", secrets={"invitation_url": str(made["invitation_url"])})


def _withdraw(visit: Visit, there: Object) -> None:
    operations.call(visit.work, invitations.delete_invitation, there.parameters)


def _application(visit: Visit, there: Object) -> Document:
    """What the application is called that they are invited to."""
    asked = select(app_names.beside(Invitation)).where(
        Invitation.tenant_id == visit.work.tenant_id, Invitation.id == there.id
    )
    return {"application": visit.work.rows.scalar(asked)}


def _title(document: Document) -> str:
    invitee: Any = document.get("invitee") or {}
    return str(invitee.get("email") or document.get("id") or "")


RESOURCES = (
    Resource(
        group="users",
        name="invitations",
        read=invitations.get_invitation,
        all=invitations.list_invitations,
        create=invitations.create_invitation,
        remove=invitations.delete_invitation,
        listing=LISTING,
        title=_title,
        creation=(
            Section(
                "new",
                (
                    Field("invitee.email"),
                    Field("client_id", hint=True),
                    Field("inviter.name", hint=True),
                    Field("send_invitation_email", hint=True),
                ),
            ),
        ),
        tabs=(Tab("details", template="admin/invitations/details.html", view=_application), raw()),
        actions=(
            Action("resend", invitations.resend_invitation, _resend, when=_waits),
            Action("delete", invitations.delete_invitation, _withdraw, True, True, True, True),
        ),
        told=("invitation_url",),
        aliases=("invite", "sign-up by mail"),
        api="",
    ),
)
