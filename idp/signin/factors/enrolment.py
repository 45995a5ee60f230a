"""The tickets by which a factor is enrolled without signing in (``POST /guardian/enrollments/ticket``)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import ids
from idp.foundation.tenancy.work import Work
from idp.signin.factors import policy, service
from idp.signin.factors.kinds.contract import Kind

TICKET: Final = "factor-enrolment"
TTL_MS: Final = 432_000_000
"""Five days."""
PATH: Final = "u/mfa/enroll"


class Ticket(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who may enrol a factor by a link, and which (``factor``, as pages name it; None: any that is on). ``several``:
    also somebody who has one. ``own``: made on the person's own page.
    """

    user_id: str
    factor: str | None = None
    several: bool = False
    locale: str | None = None
    own: bool = False


def create(work: Work, ticket: Ticket, *, ttl_ms: int = TTL_MS) -> tuple[str, str]:
    """A ticket in the caller's transaction: its value, and the link. Older ones of that person are void."""
    value = ids.token()
    one_time.kill_of_subject(work, TICKET, ticket.user_id)
    one_time.put(work, TICKET, value, ticket, ttl_ms=ttl_ms, subject=ticket.user_id)
    return value, f"{work.config.url}{PATH}?ticket={value}"


def read(work: Work, value: str | None) -> Ticket | None:
    """The ticket while it is good; reading spends nothing (security.md M2). One for a first factor is good no more once
    there is one (security.md O3).
    """
    if not value or len(value) > 200:
        return None
    found, _ = one_time.read(work, TICKET, value, Ticket)
    if found is None or (not found.several and policy.enrolled(" ".join(service.summary(work, found.user_id)))):
        return None
    return found


def kinds(work: Work, ticket: Ticket) -> list[Kind]:
    """What may be enrolled by it: what it names, also beside what its owner has; all that is on where it names nothing,
    or nothing that is on. Raises NotFound where they are gone.
    """
    if ticket.factor is None:
        return service.enrollable(work)
    able = service.enrollable(work, beside=policy.enrolled(" ".join(service.summary(work, ticket.user_id))))
    return [kind for kind in able if kind.action == ticket.factor] or service.enrollable(work)


def void(work: Work, user_ids: Collection[str]) -> None:
    """All links of these people are void, in the caller's transaction."""
    one_time.kill_of_subjects(work, (TICKET,), user_ids)


def void_own(work: Work, user_id: str) -> None:
    """What somebody began on their own page ends; a link that an administrator sent stays good."""
    for hashed_key, ticket in one_time.live_of_subject(work, TICKET, user_id, Ticket):
        if ticket.own:
            one_time.kill(work, TICKET, hashed_key)


def spend(work: Work, value: str) -> bool:
    """True for exactly one caller."""
    return one_time.take(work, TICKET, value)
