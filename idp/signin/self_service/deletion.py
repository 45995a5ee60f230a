"""The deletion of one's own account: asked for, undone for some days, then done (spec/privacy.md, "Erase").

From the moment it is asked for nothing is open in that name: sessions and tokens end, the gate issues no others, and
whoever signs in is asked whether the account is to stay. The tenant says how many days that lasts; without days nobody
can ask.
"""

from __future__ import annotations

import threading

from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import GatehouseError, NotFound
from idp.foundation.tenancy.work import Platform, Work
from idp.signin.self_service.log_types import SelfServiceLog
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import KEEP_ACCOUNT, Ticket
from idp.tenant.audit import log
from idp.tenant.mail import service as mail
from idp.tenant.members import service as members

DAY_MS = 24 * 3600 * 1000
BATCH = 20
"""Accounts that are erased one after another before the store is asked again."""
PAUSE_S = 0.05


def days(work: Work) -> int | None:
    """For how long a deletion can be undone; None where people cannot ask for one."""
    return work.config.settings.account_deletion_days


def due_at(work: Work) -> int | None:
    """When an account would be erased whose deletion is asked for now (ms)."""
    wait = days(work)
    return None if wait is None else clock.now_ms() + wait * DAY_MS


def due_of(work: Work, user_id: str) -> int | None:
    """When that user's account is erased (ms); None where nobody wants that, or it is gone."""
    try:
        return users.get(work, user_id).deletion_due
    except NotFound:
        return None


def request(work: Work, user: FoundUser, *, locale: str) -> int | None:
    """Mark the account, end what is open in its name, and mail the way to undo it; answers when it is erased (ms). None
    where the tenant has nobody ask, or somebody did already. Whoever calls has seen a fresh proof of who it is.

    :raises Conflict: it is the last Owner of the tenant.
    """
    due = due_at(work)
    if due is None:
        return None
    with work.looking():
        members.refuse_last_owner(work, [user.user_id], looking=True)
    with work.transaction():
        if not users.leave(work, user.user_id, due):
            return None
        log.write(work, SelfServiceLog.DELETION_REQUESTED, details={"due": clock.iso(due)}, **_about(user))
        if user.email:
            _mail(work, user, user.email, due, locale)
    return due


def keep(work: Work, user_id: str) -> bool:
    """It stays, in the caller's transaction or one of its own; False where nobody wanted it deleted."""
    with work.transaction():
        if not users.keep_account(work, user_id):
            return False
        tickets.kill(work, user_id, KEEP_ACCOUNT)
        user = provision.by_id(work, user_id)
        log.write(work, SelfServiceLog.DELETION_CANCELLED, **(_about(user) if user else {"user_id": user_id}))
    return True


def keep_by_link(work: Work, value: str, ticket: Ticket) -> bool:
    """The like by the link of the mail, once."""
    with work.transaction():
        return tickets.spend(work, KEEP_ACCOUNT, value, ticket) and keep(work, ticket.user_id)


def erase_due(platform: Platform, tenant: str, stop: threading.Event, *, pause_s: float = PAUSE_S) -> int:
    """Erase the accounts of a tenant whose time is up; answers how many. One that cannot be (the database that keeps it
    refuses, nobody else is Owner) is tried again a day later, of which the log tells. Ends early when ``stop`` is set.
    """
    gone = 0
    with platform.work(tenant, orm=True) as work:
        while not stop.is_set():
            found = users.due_for_deletion(work, clock.now_ms(), BATCH)
            for user_id in found:
                gone += _erase(work, user_id)
                stop.wait(pause_s)
            if len(found) < BATCH:
                break
    return gone


def _erase(work: Work, user_id: str) -> int:
    """1 where it is gone."""
    try:
        with work.transaction():
            users.hold(work, user_id)  # whoever undoes it now waits, and finds nothing to undo
            if not users.is_due(work, user_id, clock.now_ms()):
                return 0
            users.delete(work, user_id)
    except GatehouseError as error:
        with work.transaction():
            users.put_off(work, user_id, clock.now_ms() + DAY_MS)
            log.write(work, SelfServiceLog.DELETION_FAILED, error.message, user_id=user_id)
        return 0
    return 1


def _mail(work: Work, user: FoundUser, email: str, due: int, locale: str) -> None:
    """The link is good for as long as there is something to undo."""
    ticket = Ticket(user.user_id, user.connection_id, user.account_id, email, locale=locale)
    url = tickets.create(work, KEEP_ACCOUNT, ticket, ttl_ms=due - clock.now_ms())
    about = {"user_id": user.user_id, "connection_id": user.connection_id}
    mail.send(work, "account_deletion", email, locale, about=about, email=email, url=url, due=clock.iso(due))


def _about(user: FoundUser) -> dict[str, str | None]:
    return {"user_id": user.user_id, "user_name": user.called, "connection_id": user.connection_id}
