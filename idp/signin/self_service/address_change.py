"""Another address for an account of ours, confirmed at both: whoever has a stolen session reads neither mailbox, and
whoever reads one of them changes nothing alone (security.md O3, M7).

Nothing is told of who has the new address: mails go to whatever was typed, and that it is taken is said only to the
reader of its own mail. An address that was never confirmed has nobody to ask: then the new one is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import delete, select

from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.identifiers import email_key, valid_email
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest, Conflict
from idp.foundation.tenancy.work import Work
from idp.signin.self_service.log_types import SelfServiceLog
from idp.signin.self_service.models import AddressChange
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import NEW_ADDRESS, OLD_ADDRESS, Ticket
from idp.tenant.audit import log
from idp.tenant.mail import service as mail

LIFETIME_S = 24 * 3600
"""How long both sides may take."""
_KINDS = (OLD_ADDRESS, NEW_ADDRESS)


class Refused(Enum):
    """Why no change begins."""

    INVALID = "no-email"
    SAME = "same-email"
    NOT_HERE = "refused-email"
    """The account's address is its source's, or the tenant takes none of that domain."""


class Outcome(Enum):
    """What a confirmation led to."""

    WAITING = "waiting"
    """The other address has not confirmed yet."""
    CHANGED = "changed"
    TAKEN = "taken"
    """Another account has the new address meanwhile."""
    SPENT = "spent"


@dataclass(frozen=True)
class Pending:
    """A change under way; moments in ms."""

    old_email: str
    new_email: str
    old_confirmed: bool
    new_confirmed: bool
    expires_at: int


def changeable(work: Work, user: FoundUser) -> bool:
    """Whether the address is the account's own, and ours to change."""
    connection = connections.find(work, user.connection_id)
    return bool(user.email and connection and connection.is_database and connection.keeps_accounts)


def pending(work: Work, user_id: str) -> Pending | None:
    """The change of that user that is under way."""
    row = _of(work, user_id)
    if row is None:
        return None
    confirmed = (row.old_confirmed_at is not None, row.new_confirmed_at is not None)
    return Pending(row.old_email, row.new_email, *confirmed, row.expires_at)


def begin(work: Work, user: FoundUser, typed: str, *, locale: str) -> Refused | int | None:
    """Mail both addresses; one that was under way ends. None when the mails are on their way, seconds to wait where
    there were too many, or why there is no such change. Whoever calls has seen a fresh proof of who it is.
    """
    new = valid_email(typed)
    refused = _refusal(work, user, new)
    if refused is not None or new is None or user.email is None:
        return refused or Refused.INVALID
    for limit, who in ((limits.ADDRESS_CHANGES, user.user_id), (limits.ADDRESS_CHANGES_BY_NETWORK, work.network)):
        wait = limits.exceeded(work, limit, who)
        if wait is not None:
            return wait
    moment = clock.now_ms()
    with work.transaction():
        users.hold(work, user.user_id)
        _forget(work, [user.user_id])
        row = AddressChange(
            user_id=user.user_id,
            connection_id=user.connection_id,
            account_id=user.account_id,
            old_email=user.email,
            new_email=new,
            old_confirmed_at=None if user.email_verified else moment,
            locale=locale,
            created_at=moment,
            expires_at=moment + LIFETIME_S * 1000,
        )
        work.rows.add(row)
        work.rows.flush()
        for kind in _KINDS if user.email_verified else (NEW_ADDRESS,):
            _mail(work, kind, row)
        _log(work, SelfServiceLog.ADDRESS_CHANGE_REQUESTED, row)
    return None


def cancel(work: Work, user_id: str) -> bool:
    """Call it off; False where none is under way."""
    with work.transaction():
        users.hold(work, user_id)
        row = _of(work, user_id)
        if row is None:
            return False
        _call_off(work, row)
    return True


def of_ticket(work: Work, ticket: Ticket) -> Pending | None:
    """The change that the link of a mail is about; None where it is over, or another one."""
    found = pending(work, ticket.user_id)
    return found if found is not None and ticket.email in (found.old_email, found.new_email) else None


def disown(work: Work, kind: str, value: str, ticket: Ticket) -> bool:
    """The reader of a mail did not ask for it: it is called off. False where the link was spent."""
    with work.transaction():
        if not tickets.spend(work, kind, value, ticket):
            return False
        row = _of(work, ticket.user_id)
        if row is not None:
            _call_off(work, row)
    return True


def confirm(work: Work, kind: str, value: str, ticket: Ticket) -> Outcome:
    """The reader of one of the mails agrees; with both the address changes, of which the old one is told. Sessions end
    then, as with every new identifier.
    """
    try:
        with work.transaction():
            return _confirm(work, kind, value, ticket)
    except (BadRequest, Conflict):  # what was written is undone: the link is still good, and ends here
        return Outcome.TAKEN if disown(work, kind, value, ticket) else Outcome.SPENT


def forget(work: Work, user_ids: Sequence[str]) -> None:
    """Changes of these users come to nothing: their address, password or account is another."""
    _forget(work, user_ids)


def _confirm(work: Work, kind: str, value: str, ticket: Ticket) -> Outcome:
    """:raises Conflict: the new address is taken."""
    if not tickets.spend(work, kind, value, ticket):
        return Outcome.SPENT
    row, user = work.rows.lock_one(AddressChange, ticket.user_id), provision.by_id(work, ticket.user_id)
    if row is None or user is None or row.expires_at <= clock.now_ms() or user.email != row.old_email:
        return Outcome.SPENT
    moment = clock.now_ms()
    if kind == OLD_ADDRESS:
        row.old_confirmed_at = row.old_confirmed_at or moment
    else:
        row.new_confirmed_at = row.new_confirmed_at or moment
    work.rows.flush()
    _log(work, SelfServiceLog.ADDRESS_CONFIRMED, row, at=ticket.email)
    if row.old_confirmed_at is None or row.new_confirmed_at is None:
        return Outcome.WAITING
    old, new, locale, about = row.old_email, row.new_email, row.locale, _mail_about(row)
    _forget(work, [row.user_id])
    users.update(work, ticket.user_id, {"email": new, "email_verified": True})
    support = work.config.settings.support_url
    mail.send(work, "email_changed", old, locale, about=about, email=old, new_email=new, support_url=support)
    return Outcome.CHANGED


def _refusal(work: Work, user: FoundUser, new: str | None) -> Refused | None:
    if new is None:
        return Refused.INVALID
    if user.email is not None and email_key(new) == email_key(user.email):
        return Refused.SAME
    return None if changeable(work, user) and not users.address_refused(work, new) else Refused.NOT_HERE


def _of(work: Work, user_id: str) -> AddressChange | None:
    return work.rows.scalars(
        select(AddressChange).where(AddressChange.user_id == user_id, AddressChange.expires_at > clock.now_ms())
    ).first()


def _call_off(work: Work, row: AddressChange) -> None:
    _log(work, SelfServiceLog.ADDRESS_CHANGE_CANCELLED, row)
    user_id = row.user_id
    _forget(work, [user_id])
    tickets.kill(work, user_id, *_KINDS)


def _forget(work: Work, user_ids: Sequence[str]) -> None:
    work.rows.execute(delete(AddressChange).where(AddressChange.user_id.in_(user_ids)))


def _mail(work: Work, kind: str, row: AddressChange) -> None:
    to = row.old_email if kind == OLD_ADDRESS else row.new_email
    ticket = Ticket(row.user_id, row.connection_id, row.account_id, to, locale=row.locale)
    url = tickets.create(work, kind, ticket, ttl_ms=LIFETIME_S * 1000)
    mail.send(
        work,
        "address_change",
        to,
        row.locale,
        about=_mail_about(row),
        email=to,
        old_email=row.old_email,
        new_email=row.new_email,
        url=url,
        expires_in=LIFETIME_S,
    )


def _mail_about(row: AddressChange) -> dict[str, str | None]:
    return {"user_id": row.user_id, "connection_id": row.connection_id}


def _log(work: Work, kind: SelfServiceLog, row: AddressChange, **details: str | None) -> None:
    log.write(
        work,
        kind,
        user_id=row.user_id,
        user_name=row.old_email,
        connection_id=row.connection_id,
        details={"new_email": row.new_email, **details},
    )
