"""Use cases on tickets (spec/account-lifecycle.md, "Tickets"; security.md M1-M10).

A ticket is 256 random bits, hashed at rest together with its kind. Only the newest of a kind is good for a user; GET
never spends one.
"""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import ids
from idp.foundation.tenancy.work import Work
from idp.signin.tickets.log_types import TicketLog
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

DEFAULT_TTL_MS = 432_000_000
PASSWORD_CHANGE = "password-change"  # noqa: S105 - a name, no secret
EMAIL_VERIFICATION = "email-verification"
UNBLOCK = "unblock"
PATHS = {PASSWORD_CHANGE: "u/reset-verify", EMAIL_VERIFICATION: "u/email-verification", UNBLOCK: "u/unblock"}


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a ticket is good for. ``email`` is the address it was sent to: the ticket dies when that changes."""

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

    @property
    def email_parameter(self) -> dict[str, str]:
        """What the ``result_url`` is told of the address: nothing unless whoever made the ticket asked for it."""
        return {"email": self.email} if self.include_email and self.email else {}


def create(work: Work, kind: str, ticket: Ticket, *, ttl_ms: int = DEFAULT_TTL_MS) -> str:
    """Store it, spend the older ones of its kind and user, and answer the link. Built on the tenant's own URL
    (security.md Q1).
    """
    value = ids.token()
    one_time.kill_of_subject(work, kind, ticket.user_id)
    one_time.put(work, kind, value, ticket, ttl_ms=ttl_ms, subject=ticket.user_id)
    return f"{work.config.url}{PATHS[kind]}?{urlencode({'ticket': value})}"


def read(work: Work, kind: str, value: str | None) -> Ticket | None:
    """The ticket while it is good; reading spends nothing (security.md M2)."""
    if not value or len(value) > 200:
        return None
    found, _ = one_time.read(work, kind, value, Ticket)
    return found


def peek(work: Work, kind: str, value: str | None) -> Ticket | None:
    """The ticket even when it is used or too old: to say where its owner may go on, never to act on it."""
    if not value or len(value) > 200:
        return None
    return one_time.peek(work, kind, value, Ticket)


def spend(work: Work, kind: str, value: str) -> bool:
    """True for exactly one caller; call it first in the transaction that does what the ticket is for."""
    return one_time.take(work, kind, value)


def send_verification(work: Work, ticket: Ticket, *, ttl_ms: int = DEFAULT_TTL_MS) -> None:
    """Mail a link that proves the ticket's address, in the caller's transaction."""
    url = create(work, EMAIL_VERIFICATION, ticket, ttl_ms=ttl_ms)
    address = ticket.email or ""
    mail.send(work, "verify_email", address, ticket.locale or "en", email=address, url=url, expires_in=ttl_ms // 1000)
    log.write(
        work, TicketLog.VERIFICATION_EMAIL_SENT, user_id=ticket.user_id, client_id=ticket.client_id, user_name=address
    )


def kill_all(work: Work, user_id: str) -> None:
    """Every ticket of a user dies: after a reset, and when the address changes (security.md M6, M7)."""
    for kind in PATHS:
        one_time.kill_of_subject(work, kind, user_id)
