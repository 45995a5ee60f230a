"""Use cases on invitations (spec/organizations.md, "Invitations", without an organization; docs/decisions/0221).

The link is a ticket like those of other mails (security.md M1-M10): 256 random bits, hashed at rest, spent by one
conditional UPDATE, and by the button of its page alone. Whoever follows it reads the mail of the address, so the
account that comes of it has a proven one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import urlencode

from sqlalchemy import delete, select

from connectors.contract import AlreadyExists
from idp.applications.clients import runtime as clients
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import metadata, provision
from idp.directory.users import service as users
from idp.directory.users.credentials import Credentials
from idp.directory.users.identifiers import email_key, username_key, valid_email
from idp.directory.users.provision import FoundUser
from idp.directory.users.service import NewUser
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound, TooManyRequests
from idp.foundation.kernel.events import InvitationAccepted, InvitationWithdrawn
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import shown
from idp.signin.invitations.log_types import InvitationLog
from idp.signin.invitations.models import Invitation
from idp.signin.passkeys import enrolment
from idp.signin.tickets.service import Ticket
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

Status: TypeAlias = Literal["pending", "accepted", "expired"]
INVITATION = "invitation"
"""What its tickets are for."""
PATH = "u/invitation"
OWN_PAGES = ""
"""``client_id`` of an invitation to our own pages, which no application stands behind: to the dashboard."""
DEFAULT_TTL_S = 604_800
_LIKE_A_LINK = re.compile(r"(?<=[^\s])([.:@/]+)(?=[^\s])")


@dataclass(frozen=True)
class Made:
    """An invitation with its link, which is told once."""

    row: Invitation
    url: str


def get(work: Work, invitation_id: str) -> Invitation:
    """The invitation.

    :raises NotFound: there is none, or it was withdrawn.
    """
    row = work.rows.get(Invitation, (work.tenant_id, invitation_id))
    if row is None:
        raise NotFound("The invitation does not exist.", "inexistent_invitation")
    return row


def create(work: Work, members: Mapping[str, Any]) -> Made:
    """Invite somebody; ``members`` have the names of the Management API. An invitation of the same address to the same
    application that nobody has accepted yet is replaced.

    :raises BadRequest: no such application or connection, none in which accounts stand here, or bad metadata.
    :raises Conflict: somebody there has the address already, and has proven it.
    :raises TooManyRequests: the address was mailed too often.
    """
    metadata.check(members)
    client_id = str(members["client_id"])
    if client_id != OWN_PAGES and clients.find(work, client_id) is None:
        raise BadRequest("The client does not exist.", "inexistent_client", where="client_id")
    connection = _connection(work, client_id, members.get("connection_id"))
    address = valid_email(members["invitee"]["email"])
    if address is None:
        raise fault(BODY, "Object didn't pass validation for format email", "invitee.email")
    if _proven_owner(work, connection, address):
        raise Conflict("The user already exists.", "auth0_idp_error", where="invitee.email")
    by_mail = bool(members.get("send_invitation_email", True))
    if by_mail:
        _count_mail(work, address)
    _replace(work, client_id, address)
    moment = clock.now_ms()
    row = Invitation(
        tenant_id=work.tenant_id,
        id=ids.prefixed("uinv"),
        client_id=client_id,
        connection_id=connection.id,
        email=address,
        email_key=email_key(address),
        inviter=members["inviter"]["name"],
        user_metadata=members.get("user_metadata") or None,
        app_metadata=members.get("app_metadata") or None,
        created_at=moment,
        expires_at=moment,
    )
    work.rows.add(row)
    return Made(row, _issue(work, row, members.get("ttl_sec"), by_mail=by_mail))


def resend(work: Work, invitation_id: str, members: Mapping[str, Any]) -> Made:
    """Another link for an invitation, also for one that is too old; the one before is void.

    :raises NotFound: there is none.
    :raises BadRequest: it was accepted.
    :raises TooManyRequests: the address was mailed too often.
    """
    row = work.rows.lock_one(Invitation, invitation_id)
    if row is None:
        raise NotFound("The invitation does not exist.", "inexistent_invitation")
    if row.accepted_at is not None:
        raise BadRequest("The invitation was accepted already.", "operation_not_supported")
    by_mail = bool(members.get("send_invitation_email", True))
    if by_mail:
        _count_mail(work, row.email)
    one_time.kill_of_subject(work, INVITATION, row.id)
    return Made(row, _issue(work, row, members.get("ttl_sec"), by_mail=by_mail))


def withdraw(work: Work, invitation_id: str) -> None:
    """The link no longer works; an account that came of it stays. Unknown ids are no error."""
    row = work.rows.lock_one(Invitation, invitation_id)
    if row is None:
        return
    _remove(work, row)
    log.write(work, InvitationLog.WITHDRAWN, **_about(row))


def pending(work: Work, ticket: Ticket) -> Invitation | None:
    """The invitation of a link, as long as it can be accepted: it was neither accepted nor withdrawn, and accounts of
    its connection may still use the application.
    """
    row = work.rows.get(Invitation, (work.tenant_id, ticket.identifier or ""))
    if row is None or row.accepted_at is not None:
        return None
    if all(each.id != row.connection_id for each in _usable(work, row.client_id)):
        return None
    return row


def status(row: Invitation) -> Status:
    """What became of it so far."""
    if row.accepted_at is not None:
        return "accepted"
    return "pending" if row.expires_at > clock.now_ms() else "expired"


def accepted(work: Work, ticket: Ticket | None) -> bool:
    """Whether the invitation of a link was accepted."""
    row = work.rows.get(Invitation, (work.tenant_id, ticket.identifier or "")) if ticket else None
    return row is not None and row.accepted_at is not None


def connection_of(work: Work, row: Invitation) -> ConnectionConfig:
    """Where the account is to stand. :func:`pending` says whether it still is."""
    found = connections.find(work, row.connection_id)
    if found is None:
        raise AssertionError("an invitation goes with its connection")
    return found


def has_account(work: Work, row: Invitation) -> bool:
    """Whether somebody has proven the address in that connection meanwhile: they sign in with what they have."""
    return _proven_owner(work, connection_of(work, row), row.email)


@dataclass(frozen=True)
class FirstPasskey:
    """A passkey instead of a first password, and what it is called."""

    made: enrolment.Made
    name: str


def accept(
    work: Work,
    value: str,
    ticket: Ticket,
    password: str,
    username: str | None,
    *,
    passkey: FirstPasskey | None = None,
) -> bool:
    """Make the account of somebody who followed the link, with a password that was found good, or with a ``passkey``
    alone; False where the link was used, replaced or withdrawn meanwhile. An account that somebody else made with the
    address, and that nobody has proven, is taken back from them (docs/decisions/0102).

    :raises AlreadyExists: somebody has the username, or has proven the address a moment ago.
    :raises AlreadyThere: the passkey is somebody's.
    :raises ConnectorError: the database that people of the connection come from does not answer.
    """
    row = pending(work, ticket)
    if row is None:
        return False
    connection = connection_of(work, row)
    name = username_key(username) if username and connection.requires_username else None
    users.refuse_known(work, connection, row.email, name)
    taken_back = passkey is not None and _owner(work, connection, row.email) is not None
    chosen = ids.token() if taken_back else password  # what a stranger chose opens nothing any more
    prepared = users.prepare_password(work, connection.id, chosen) if passkey is None or taken_back else None
    with work.transaction():
        if not one_time.take(work, INVITATION, value):
            return False
        row = work.rows.lock_one(Invitation, row.id)
        if row is None or row.accepted_at is not None:
            return False
        row.user_id, account_id = _account(work, row, connection, prepared, name)
        if passkey is not None:
            enrolment.add(work, row.user_id, connection.id, account_id, passkey.made, name=passkey.name)
        row.accepted_at = clock.now_ms()
        work.rows.flush()
        work.emit(InvitationAccepted(row.id, row.user_id))
        log.write(work, InvitationLog.ACCEPTED, **_about(row, row.user_id))
    return True


def write_failure(work: Work, ticket: Ticket, words: str) -> None:
    """Log that somebody could not accept."""
    row = work.rows.get(Invitation, (work.tenant_id, ticket.identifier or ""))
    log.write(work, InvitationLog.FAILED, words, **(_about(row) if row else {}))


def forget_client(work: Work, client_id: str) -> None:
    """Nobody is invited to that application any more."""
    work.rows.execute(delete(Invitation).where(Invitation.client_id == client_id))


def forget_connection(work: Work, connection_id: str) -> None:
    """Nobody is invited into that connection any more."""
    work.rows.execute(delete(Invitation).where(Invitation.connection_id == connection_id))


def erase_of_users(work: Work, user_ids: Sequence[str]) -> None:
    """Forget by what these people came in."""
    work.rows.execute(delete(Invitation).where(Invitation.user_id.in_(user_ids)))


def unlinked(name: str) -> str:
    """A name that somebody chose, for a mail: on one line, and without anything that mail programs make a link of, for
    these look at addresses in plain text, too. A word joiner behind each full stop, colon and the like is not seen.
    """
    return _LIKE_A_LINK.sub(lambda found: "\u2060".join(("", *found.group(1), "")), " ".join(shown(name).split()))


def _connection(work: Work, client_id: str, connection_id: str | None) -> ConnectionConfig:
    """The connection that was asked for, else the application's first, of those in which accounts stand here.

    :raises BadRequest: there is none.
    """
    usable = _usable(work, client_id)
    if connection_id is None:
        found = next((each for each in usable if each.keeps_accounts), None)
        if found is None:
            raise BadRequest(
                "No database connection that keeps its accounts here is enabled for the client.",
                "operation_not_supported",
            )
        return found
    found = next((each for each in usable if each.id == connection_id), None)
    if found is None:
        raise BadRequest("The connection does not exist, or is not enabled for the client.", "inexistent_connection")
    if not found.keeps_accounts:
        raise BadRequest(
            "Users can be invited to database connections that keep their accounts here only.",
            "operation_not_supported",
        )
    return found


def _usable(work: Work, client_id: str) -> Sequence[ConnectionConfig]:
    """The connections whose people may use what somebody is invited to."""
    return connections.everywhere(work) if client_id == OWN_PAGES else connections.for_client(work, client_id)


def _count_mail(work: Work, address: str) -> None:
    wait = limits.exceeded(work, limits.INVITATION_MAILS, email_key(address))
    if wait is not None:
        words = "Too many invitations were mailed to that address."
        raise TooManyRequests(words, "too_many_requests", headers={"Retry-After": str(wait)})


def _replace(work: Work, client_id: str, address: str) -> None:
    same = select(Invitation).where(
        Invitation.email_key == email_key(address),
        Invitation.client_id == client_id,
        Invitation.accepted_at.is_(None),
    )
    for row in work.rows.lock_all(same):
        _remove(work, row)


def _remove(work: Work, row: Invitation) -> None:
    one_time.kill_of_subject(work, INVITATION, row.id)
    work.rows.delete(row)
    work.rows.flush()
    work.emit(InvitationWithdrawn(row.id))


def _issue(work: Work, row: Invitation, ttl_s: int | None, *, by_mail: bool) -> str:
    """A new link, and the mail with it."""
    ttl_s, value = ttl_s or DEFAULT_TTL_S, ids.token()
    row.expires_at = clock.now_ms() + ttl_s * 1000
    work.rows.flush()
    ticket = Ticket("", row.connection_id, "", row.email, row.client_id, identifier=row.id)
    one_time.put(work, INVITATION, value, ticket, ttl_ms=ttl_s * 1000, subject=row.id)
    url = f"{work.config.url}{PATH}?{urlencode({'ticket': value})}"
    if by_mail:
        client = clients.find(work, row.client_id)
        mail.send(
            work,
            "user_invitation",
            row.email,
            mail.TENANTS_LANGUAGE,
            email=row.email,
            application=unlinked(client.name if client else work.config.friendly_name),
            inviter=unlinked(row.inviter),
            url=url,
            expires_in=ttl_s,
        )
    log.write(work, InvitationLog.INVITED, "mailed" if by_mail else "link only", **_about(row))
    return url


def _account(
    work: Work, row: Invitation, connection: ConnectionConfig, prepared: str | None, username: str | None
) -> tuple[str, str]:
    """The user and the account, made now, or taken back from whoever used the address without proving it. Raises
    AlreadyExists.
    """
    said = {
        name: value
        for name, value in (("user_metadata", row.user_metadata), ("app_metadata", row.app_metadata))
        if value
    }
    known = _owner(work, connection, row.email)
    if known is not None and not users.address_proven(work, known):
        if prepared is None:  # somebody made it since we looked
            raise AlreadyExists("email")
        mine = users.reclaim(work, known, prepared, proves=row.email)
        if said:
            users.update(work, mine.user_id, said)
        return mine.user_id, mine.account_id
    attributes = {"email": row.email, "email_verified": True, "username": username, **said}
    new = NewUser(connection=connection, attributes=attributes, prepared_password=prepared, made_with=work.user_agent)
    added = users.add(work, new)
    return added.user_id, added.account_id


def _owner(work: Work, connection: ConnectionConfig, address: str) -> FoundUser | None:
    account = Credentials(work.hot, work.tenant_id, connection.id).by_identifier(address)
    return provision.by_identity(work, connection.id, account.account_id) if account else None


def _proven_owner(work: Work, connection: ConnectionConfig, address: str) -> bool:
    known = _owner(work, connection, address)
    return known is not None and users.address_proven(work, known)


def _about(row: Invitation, user_id: str | None = None) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "user_name": row.email,
        "client_id": row.client_id,
        "connection_id": row.connection_id,
        "details": {"invitation_id": row.id, "inviter": row.inviter},
    }
