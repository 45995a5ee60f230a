"""Use cases on tickets (spec/account-lifecycle.md, "Tickets"; security.md M1-M10).

A ticket is 256 random bits, hashed at rest together with its kind; GET never spends one. Of a kind only the newest is
good for a user. Where others can have links mailed, as anybody can for a forgotten password, that holds for each who
asks: nobody's request makes the link void that somebody else is about to use
(docs/decisions/0104-links-of-mails.md).
"""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from idp.directory.users import service as users
from idp.foundation.ephemeral import one_time
from idp.foundation.ephemeral.one_time import Over
from idp.foundation.kernel import ids
from idp.foundation.kernel.events import PasswordChanged
from idp.foundation.tenancy.work import Work
from idp.signin.tickets.log_types import TicketLog
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

DEFAULT_TTL_MS = 432_000_000
PASSWORD_CHANGE = "password-change"  # noqa: S105 - a name, no secret
EMAIL_VERIFICATION = "email-verification"
UNBLOCK = "unblock"
OLD_ADDRESS, NEW_ADDRESS = "address-change-old", "address-change-new"
KEEP_ACCOUNT = "keep-account"
NOTICE = "notice"
"""Stands for the requester of a link that goes with the news of a new password."""
MOST_GOOD = 10
"""Links of a kind that are good for one user at a time, whoever asked for them."""
PATHS = {
    PASSWORD_CHANGE: "u/reset-verify",
    EMAIL_VERIFICATION: "u/email-verification",
    UNBLOCK: "u/unblock",
    OLD_ADDRESS: "u/address-change/old",
    NEW_ADDRESS: "u/address-change/new",
    KEEP_ACCOUNT: "u/keep-account/link",
}


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a ticket is good for. ``email`` is the address it was sent to: the ticket dies when that changes.

    ``phone_number`` is the number that was proven for it instead.

    ``requester`` is who had us mail the link, by network; None where whoever made the ticket delivers it.
    """

    user_id: str
    connection_id: str
    account_id: str
    email: str | None = None
    client_id: str | None = None
    result_url: str | None = None
    include_email: bool = False
    mark_email_as_verified: bool = False
    identifier: str | None = None
    locale: str | None = None
    requester: str | None = None
    phone_number: str | None = None

    @property
    def email_parameter(self) -> dict[str, str]:
        """What the ``result_url`` is told of the address: nothing unless whoever made the ticket asked for it."""
        return {"email": self.email} if self.include_email and self.email else {}


def create(work: Work, kind: str, ticket: Ticket, *, ttl_ms: int = DEFAULT_TTL_MS) -> str:
    """Store it, spend the older ones that it replaces, and answer the link. Built on the tenant's own URL (security.md
    Q1).
    """
    value = ids.token()
    users.hold(work, ticket.user_id)  # of two made at once the later one is the newest
    _replace(work, kind, ticket)
    one_time.put(work, kind, value, ticket, ttl_ms=ttl_ms, subject=ticket.user_id)
    return f"{work.config.url}{PATHS[kind]}?{urlencode({'ticket': value})}"


def read(work: Work, kind: str, value: str | None) -> Ticket | None:
    """The ticket while it is good; reading spends nothing (security.md M2)."""
    if not value or len(value) > 200:
        return None
    found, _ = one_time.read(work, kind, value, Ticket)
    return found


def over(work: Work, kind: str, value: str | None) -> Over[Ticket] | None:
    """The ticket even when it is used, replaced or too old: to say so and where its owner may go on, never to act on
    it.
    """
    if not value or len(value) > 200:
        return None
    return one_time.over(work, kind, value, Ticket)


def mailed(work: Work, kind: str, user_id: str) -> bool:
    """Whether a link that we mailed to that user is still good."""
    return any(ticket.requester is not None for _, ticket in one_time.live_of_subject(work, kind, user_id, Ticket))


def spend(work: Work, kind: str, value: str, ticket: Ticket) -> bool:
    """True for exactly one caller; call it first in the transaction that does what the ticket is for. Links of one user
    that are used at once wait for each other.
    """
    users.hold(work, ticket.user_id)
    return one_time.take(work, kind, value)


def send_verification(work: Work, ticket: Ticket) -> None:
    """Mail a link that proves the ticket's address, in the caller's transaction."""
    address = ticket.email or ""
    mail_link(work, "verify_email", EMAIL_VERIFICATION, ticket)
    log.write(
        work, TicketLog.VERIFICATION_EMAIL_SENT, user_id=ticket.user_id, client_id=ticket.client_id, user_name=address
    )


def mail_link(work: Work, template: str, kind: str, ticket: Ticket, **context: object) -> None:
    """Mail a link of that kind to the ticket's address, in the caller's transaction. How long it is good, and where it
    leads on to when it has done its work, the tenant's template may say.
    """
    address, language = ticket.email or "", ticket.locale or mail.TENANTS_LANGUAGE
    about = {"user_id": ticket.user_id, "client_id": ticket.client_id, "connection_id": ticket.connection_id}
    lifetime_s, result_url, include_email = mail.link(work, template, address, about)
    if ticket.result_url is None and result_url is not None:
        ticket = msgspec.structs.replace(ticket, result_url=result_url, include_email=include_email)
    url = create(work, kind, ticket, ttl_ms=lifetime_s * 1000)
    mail.send(work, template, address, language, about=about, email=address, url=url, expires_in=lifetime_s, **context)


def tell_of_new_password(work: Work, event: PasswordChanged) -> None:
    """Mail the owner that the password was changed, with a link to set another: it may not have been them."""
    email, locale = event.email or "", event.notify_in or mail.TENANTS_LANGUAGE
    ticket = Ticket(
        event.user_id,
        event.connection_id,
        event.account_id,
        email,
        mark_email_as_verified=True,
        locale=locale,
        requester=NOTICE,
    )
    mail.send(
        work,
        "password_changed",
        email,
        locale,
        about={"user_id": event.user_id, "connection_id": event.connection_id},
        email=email,
        support_url=work.config.settings.support_url,
        reset_url=create(work, PASSWORD_CHANGE, ticket),
    )


def kill_all(work: Work, user_id: str) -> None:
    """Every ticket of a user dies: after a reset, and when the address changes (security.md M6, M7)."""
    for kind in PATHS:
        one_time.kill_of_subject(work, kind, user_id)


def kill(work: Work, user_id: str, *kinds: str) -> None:
    """Links of these kinds are void."""
    for kind in kinds:
        one_time.kill_of_subject(work, kind, user_id)


def _replace(work: Work, kind: str, ticket: Ticket) -> None:
    if ticket.requester is None:
        one_time.kill_of_subject(work, kind, ticket.user_id)
        return
    good = one_time.live_of_subject(work, kind, ticket.user_id, Ticket)
    for number, (hashed_key, older) in enumerate(good, start=1):
        if older.requester is not None and (older.requester == ticket.requester or number >= MOST_GOOD):
            one_time.kill(work, kind, hashed_key)
