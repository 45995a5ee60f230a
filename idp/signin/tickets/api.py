"""``/tickets``: links that an application delivers itself (spec/account-lifecycle.md, "Tickets")."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType
from sqlalchemy import select

from idp.applications.clients import service as clients
from idp.directory.connections.models import Connection
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.foundation.apikit import Api, Body, View, given
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.formats import Reference, ResultPage, UserId
from idp.foundation.tenancy.work import Work
from idp.signin.tickets import service
from idp.signin.tickets.service import DEFAULT_TTL_MS, EMAIL_VERIFICATION, PASSWORD_CHANGE, Ticket

api = Api("tickets")
DATABASE = "auth0"
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

    ticket: str


@api.post(
    "/tickets/email-verification",
    scopes={"create:user_tickets"},
    summary="Create an email verification ticket",
)
def verify_email(work: Work, body: VerifyEmail) -> TicketView:
    """A link that proves the user's address."""
    _check(work, body)
    return _create(work, EMAIL_VERIFICATION, body, _user(work, body.user_id))


@api.post(
    "/tickets/password-change",
    scopes={"create:user_tickets"},
    summary="Create a password change ticket",
)
def change_password(work: Work, body: ChangePassword) -> TicketView:
    """A link on which the user sets a new password."""
    _check(work, body)
    by_address = body.connection_id is not UNSET and body.email is not UNSET
    if (body.user_id is not UNSET) == by_address:
        raise fault(BODY, "Missing required property: user_id, or connection_id and email")
    user = _by_address(work, str(body.connection_id), str(body.email)) if by_address else _user(work, str(body.user_id))
    return _create(work, PASSWORD_CHANGE, body, user, mark_email_as_verified=body.mark_email_as_verified)


def _create(work: Work, kind: str, body: _Ticket, user: User, *, mark_email_as_verified: bool = False) -> TicketView:
    identity = _identity(work, body, user)
    if kind == PASSWORD_CHANGE and identity.provider != DATABASE:
        raise BadRequest("The user's main connection does not support this operation.", "operation_not_supported")
    email = _email(user, identity)
    if not email and kind == EMAIL_VERIFICATION:
        raise BadRequest("User does not have an email address.", "operation_not_supported")
    ticket = Ticket(
        user_id=user.user_id,
        connection_id=identity.connection_id,
        account_id=identity.identity_user_id,
        email=email,
        client_id=given(body.client_id, "") or None,
        result_url=given(body.result_url, "") or None,
        include_email=body.includeEmailInRedirect,
        mark_email_as_verified=mark_email_as_verified,
    )
    ttl_ms = given(body.ttl_sec, 0) * 1000 or DEFAULT_TTL_MS
    return TicketView(ticket=service.create(work, kind, ticket, ttl_ms=ttl_ms))


def _check(work: Work, body: _Ticket) -> None:
    if body.organization_id is not UNSET:
        raise BadRequest("The organization does not exist.", "inexistent_organization")
    if body.result_url and body.client_id:
        raise BadRequest("result_url can't be given together with client_id.", "invalid_body")
    if body.client_id:
        try:
            clients.get(work, str(body.client_id))
        except NotFound as error:
            raise BadRequest("The client does not exist.", "inexistent_client") from error


def _user(work: Work, user_id: str) -> User:
    user = work.rows.get(User, (work.tenant_id, user_id))
    if user is None:
        raise NotFound("The user does not exist.", "inexistent_user")
    return user


def _by_address(work: Work, connection_id: str, email: str) -> User:
    if work.rows.get(Connection, (work.tenant_id, connection_id)) is None:
        raise BadRequest("The connection does not exist.", "inexistent_connection")
    account = work.rows.scalars(
        select(DatabaseAccount).where(
            DatabaseAccount.connection_id == connection_id, DatabaseAccount.email_key == email_key(email)
        )
    ).first()
    identity = work.rows.get(Identity, (work.tenant_id, connection_id, account.account_id)) if account else None
    if identity is None:
        raise NotFound("The user does not exist.", "inexistent_user")
    return _user(work, identity.user_id)


def _identity(work: Work, body: _Ticket, user: User) -> Identity:
    own = work.rows.scalars(select(Identity).where(Identity.user_id == user.user_id).order_by(Identity.position)).all()
    if isinstance(body.identity, UnsetType):
        return own[0]
    wanted = body.identity
    for identity in own:
        same = (identity.provider, identity.identity_user_id) == (wanted.provider, wanted.user_id)
        if same and given(wanted.connection_id, identity.connection_id) == identity.connection_id:
            return identity
    raise BadRequest("The user has no such identity.", "invalid_body")


def _email(user: User, identity: Identity) -> str | None:
    if identity.position == 0:
        return user.email
    email = (identity.profile_data or {}).get("email")
    return str(email) if email else None
