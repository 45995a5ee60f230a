"""Proving an address: the two answers to the link of the mail, and another mail (security.md M2, N2;
docs/decisions/0102-a-first-proof-ends-what-was-before.md).
"""

from __future__ import annotations

from connectors.contract import ConnectorError
from connectors.directories import Directory
from idp.applications.clients import runtime as clients
from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import ids
from idp.foundation.tenancy.work import Work
from idp.signin.login.log_types import LoginLog
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import EMAIL_VERIFICATION, NOTICE, PASSWORD_CHANGE, Ticket
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

WELCOME = "welcome_email"


def owner(work: Work, ticket: Ticket | None) -> FoundUser | None:
    """The user of a link, as long as its account is theirs."""
    user = provision.by_identity(work, ticket.connection_id, ticket.account_id) if ticket else None
    if user is None or ticket is None or user.user_id != ticket.user_id:
        return None
    return user


def verify_address(work: Work, value: str, ticket: Ticket) -> bool:
    """It was me: everything stays, in whatever browser the link was opened. True where the address is still the user's
    and the ticket was good.

    A database of the tenant's own that keeps the account is told first; that the address is proven, its next profile
    says.

    :raises ConnectorError: it refused, or does not answer; the link stays good.
    """
    source = users.directory_of(work, connections.find(work, ticket.connection_id))
    if source is not None:
        tell(work, source, ticket.email or "", user_id=ticket.user_id, client_id=ticket.client_id)
    with work.transaction():
        user = owner(work, ticket) if tickets.spend(work, EMAIL_VERIFICATION, value, ticket) else None
        proven = source is not None or (user is not None and users.prove_address(work, user, ticket.email or ""))
        verified = user is not None and proven
        if user is not None and proven:
            welcome(work, user, client_id=ticket.client_id, locale=ticket.locale or mail.TENANTS_LANGUAGE)
        log.write(
            work,
            LoginLog.EMAIL_VERIFIED if verified else LoginLog.EMAIL_VERIFICATION_FAILED,
            user_id=ticket.user_id,
            user_name=ticket.email,
            client_id=ticket.client_id,
        )
    return verified


def tell(work: Work, source: Directory, email: str, *, user_id: str, client_id: str | None) -> None:
    """Have the database that keeps the account take down that the address is proven.

    :raises ConnectorError: it refused, or does not answer; that is in the log.
    """
    try:
        source.confirm_address(email)
    except ConnectorError as error:
        log.write(
            work,
            LoginLog.EMAIL_VERIFICATION_FAILED,
            error.message,
            user_id=user_id,
            user_name=email,
            client_id=client_id,
            details={"code": error.code, "detail": error.detail},
        )
        raise


def welcome(work: Work, user: FoundUser, *, client_id: str | None, locale: str) -> None:
    """Greet somebody whose address was just proven, in the caller's transaction: where the tenant has a template for
    that and has switched it on, as at Auth0.
    """
    if user.email and mail.has_template(work, WELCOME):
        client = clients.find(work, client_id) if client_id else None
        about = {"user_id": user.user_id, "client_id": client_id, "connection_id": user.connection_id}
        name = client.name if client is not None else ""
        mail.send(work, WELCOME, user.email, locale, about=about, email=user.email, application=name)


def disown(work: Work, value: str, ticket: Ticket) -> str | None:
    """It was not me: whatever opened the account ends, at once. Answers the link on which the reader of the mail sets a
    password, or an empty text where the account has none here; None where the ticket was spent, or the address proven,
    meanwhile.
    """
    connection = connections.find(work, ticket.connection_id)
    prepared = None
    if connection is not None and users.keeps_passwords(connection):
        prepared = users.prepare_password(work, connection.id, ids.token())
    with work.transaction():
        user = owner(work, ticket) if tickets.spend(work, EMAIL_VERIFICATION, value, ticket) else None
        if user is None or users.address_proven(work, user):
            return None
        mine = users.reclaim(work, user, prepared)
        if prepared is None:
            return ""
        chosen = Ticket(
            mine.user_id,
            mine.connection_id,
            mine.account_id,
            ticket.email,
            ticket.client_id,
            mark_email_as_verified=True,
            locale=ticket.locale,
            requester=NOTICE,
        )
        return tickets.create(work, PASSWORD_CHANGE, chosen)


def send_again(work: Work, user: FoundUser, *, client_id: str | None, locale: str) -> int | None:
    """Another mail that proves the address of ``user``. None when it is on its way, else the seconds to wait, in which
    the newest link stays good.
    """
    wait = limits.exceeded(work, limits.VERIFY_AGAIN, user.user_id)
    if wait is None:
        wait = limits.exceeded(work, limits.VERIFY_MAIL, user.user_id)
    if wait is None:
        with work.transaction():
            users.ask_to_prove(work, user, client_id=client_id, locale=locale)
    return wait
