"""``/tickets``: links that an application delivers itself (spec/account-lifecycle.md, "Tickets")."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Api, Body, View, changes
from idp.foundation.kernel.formats import Reference, ResultPage, UserId
from idp.foundation.kernel.secret import ReadableSecret
from idp.foundation.tenancy.work import Work
from idp.signin.tickets import requested

api = Api("tickets")
Ttl = Annotated[int, Meta(ge=0, le=2_592_000, description="Number of seconds for which the ticket is valid")]


class IdentityName(Body):
    """One identity of the user."""

    user_id: UserId
    provider: Annotated[str, Meta(max_length=64)]
    connection_id: Reference | UnsetType = UNSET


class _Ticket(Body):
    """What both kinds share."""

    result_url: ResultPage | UnsetType = UNSET
    client_id: Reference | UnsetType = UNSET
    organization_id: Reference | UnsetType = UNSET
    ttl_sec: Ttl | UnsetType = UNSET
    includeEmailInRedirect: bool = False  # noqa: N815 - Auth0's name
    identity: IdentityName | UnsetType = UNSET


class VerifyEmail(_Ticket, kw_only=True):
    """POST /tickets/email-verification."""

    user_id: UserId


class ChangePassword(_Ticket):
    """POST /tickets/password-change: of a user id, or of an address in a connection."""

    user_id: UserId | UnsetType = UNSET
    connection_id: Reference | UnsetType = UNSET
    email: Annotated[str, Meta(max_length=254)] | UnsetType = UNSET
    mark_email_as_verified: bool = False


class TicketView(View):
    """The link."""

    ticket: ReadableSecret


@api.post("/tickets/email-verification", scopes={"create:user_tickets"}, summary="Create an email verification ticket")
def verify_email(work: Work, body: VerifyEmail) -> TicketView:
    """A link that proves the user's address."""
    return TicketView(ticket=requested.verify_email(work, changes(body)))


@api.post("/tickets/password-change", scopes={"create:user_tickets"}, summary="Create a password change ticket")
def change_password(work: Work, body: ChangePassword) -> TicketView:
    """A link on which the user sets a new password."""
    return TicketView(ticket=requested.change_password(work, changes(body)))
