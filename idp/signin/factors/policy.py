"""Who has to prove a second factor, and whether they can (spec/login-factors.md, "Policy"). Reads and decides; asked by
every door of the sign-in (:mod:`idp.signin.login.policy`) and by the grants that show no page.

Where no policy is on and no application asks, nothing is read for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Final

from idp.applications.resource_servers import my_account
from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.users.imported_factors import IMPORTED
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.signin.factors import risk, second, service, settings, trust
from idp.signin.factors.kinds import KINDS

ACR: Final = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
"""The class of a sign-in with a second factor; an application that asks for it gets nobody without one."""
MFA: Final = second.MFA
"""The value of ``amr`` (RFC 8176), and the name under which a session remembers that it was proven."""
NO_SECOND_FACTORS: Final = frozenset({"passkey", *(each.type for each in KINDS.values() if not each.independent)})
"""Kinds that nobody counts as enrolled for having them alone."""


class Need(Enum):
    """What a sign-in still lacks."""

    NOTHING = auto()
    CHALLENGE = auto()
    ENROLMENT = auto()
    EMAIL_CODE = auto()
    """A code to the address, of somebody without factors whose sign-in looks odd."""
    IMPOSSIBLE = auto()
    """Nothing that the person has can be asked for: nobody gets in."""


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A sign-in as the policy looks at it. ``factors`` is what stands with the user, ``methods`` what the session
    remembers; ``step_up``: a factor is asked for by name; ``cookie`` and ``device_hash`` are the browser's;
    ``challenged``: this very attempt proved one; ``once``: what an earlier attempt proved does not count
    (``compatibility.mfa_once``).
    """

    user_id: str
    factors: str | None
    methods: Sequence[Mapping[str, Any]]
    last_seen_at: int
    step_up: bool = False
    cookie: str | None = None
    device_hash: str | None = None
    challenged: bool = False
    once: bool = False
    has_email: bool = False
    within_s: int | None = None
    """How long ago the factor may have been proven, where that is asked for."""
    connection_id: str | None = None
    """The connection that the person signed in by."""

    @property
    def amr(self) -> tuple[str, ...]:
        """What was proven, in the order in which it was."""
        return tuple(str(each.get("name")) for each in self.methods)


def need(work: Work, s: SignIn) -> Need:
    """What is still to be done."""
    rules = settings.of(work)
    if not rules.policies and not s.step_up:
        return Need.NOTHING
    if s.challenged or (not s.once and proven(work, s.methods, s.last_seen_at, within_s=s.within_s)):
        return Need.NOTHING
    low = rules.adaptive and not s.step_up and risk.assess(work, s.user_id, s.device_hash).low
    if rules.adaptive and not s.step_up and not low:
        return Need.NOTHING
    if not enrolled(s.factors):
        return _of_newcomer(work, s, low=low)
    if not s.step_up and not low and trust.trusted(work, s.user_id, s.cookie):
        return Need.NOTHING
    return _of_enrolled(work, s, low=low)


def _of_newcomer(work: Work, s: SignIn, *, low: bool) -> Need:
    """Of somebody who has no factor beside what they signed in with: an odd sign-in is no moment to enrol one
    (security.md O3), and whoever signed in with a mailed code has typed what would be mailed.
    """
    if low and second.first_code(work, s.connection_id, s.amr) == "email":
        return Need.NOTHING
    if low:
        return Need.EMAIL_CODE if s.has_email else Need.IMPOSSIBLE
    return Need.ENROLMENT if service.enrollable(work) else Need.NOTHING


def _of_enrolled(work: Work, s: SignIn, *, low: bool) -> Need:
    """Of somebody who has factors: whoever signed in with the only one sets up another, since it proves nothing more
    (decision 0421). What came along in an import is looked at with the page.
    """
    if IMPORTED in (s.factors or "").split():
        return Need.CHALLENGE if service.enrollable(work) else Need.IMPOSSIBLE
    if not service.usable(work, service.of_user(work, s.user_id)):
        return Need.IMPOSSIBLE
    if signed_in_with_a_factor(work, s) and not second.offered(work, s.user_id, s.connection_id, s.amr):
        if low and not s.has_email:  # the code that they typed is all that could be asked for
            return Need.NOTHING
        return _of_newcomer(work, s, low=low)
    return Need.CHALLENGE


def signed_in_with_a_factor(work: Work, s: SignIn) -> bool:
    """Whether the sign-in itself may have proven a factor of theirs. Reads nothing that is not remembered."""
    return "phone" in (s.factors or "").split() and (second.first_code(work, s.connection_id, s.amr) == "phone_number")


def manages(work: Work, audience: str | None) -> bool:
    """Whether that audience is the API by which people change their second factors: it wants one of whoever has any,
    whatever the policy is.
    """
    if not audience or not audience.endswith("/mfa/"):
        return False
    found = resource_servers.find(work, audience[:600])
    return found is not None and found.id == resource_servers.MFA


def steps_up(work: Work, audience: str | None, factors: str | None) -> bool:
    """Whether a token of that audience wants a second factor whatever the policy is: of anybody for the API of factors,
    of whoever has one for what people change of their own account.
    """
    own = audience is not None and my_account.is_audience(work, audience)
    return (own and enrolled(factors)) or manages(work, audience)


def enrolled(factors: str | None) -> bool:
    """Whether somebody has a factor that stands alone, as their row says."""
    return not NO_SECOND_FACTORS.issuperset((factors or "").split())


def proven(work: Work, methods: Sequence[Mapping[str, Any]], last_seen_at: int, *, within_s: int | None = None) -> bool:
    """Whether the session remembers a second factor, within the tenant's timeouts, and ``within_s`` if that is said."""
    at = proven_at(methods)
    if at is None:
        return False
    rules, moment = settings.of(work), clock.now_ms()
    if within_s is not None and moment - at > within_s * 1000:
        return False
    return moment - at <= rules.overall_s * 1000 and moment - last_seen_at <= rules.inactivity_s * 1000


def proven_at(methods: Sequence[Mapping[str, Any]]) -> int | None:
    """When (ms) the session's second factor was proven last."""
    times = [str(each.get("timestamp", "")) for each in methods if each.get("name") == MFA]
    return max((round(datetime.fromisoformat(each).timestamp() * 1000) for each in times if each), default=None)


def told(
    work: Work, methods: Sequence[Mapping[str, Any]], last_seen_at: int, *, challenged: bool, once: bool
) -> tuple[str, ...]:
    """The values of ``amr`` (RFC 8176) that an answer for that session tells: what the session itself proved, where a
    second factor is among it that counts now; else none. ``challenged`` and ``once`` as in :class:`SignIn`.
    """
    counts = challenged or (not once and proven(work, methods, last_seen_at))
    names = tuple(dict.fromkeys(str(each.get("name")) for each in methods if each.get("name")))
    return names if counts and MFA in names else ()


def acr_of(amr: Sequence[str]) -> str | None:
    """The class of a sign-in that proved these values of ``amr``; None for one without a second factor."""
    return ACR if MFA in amr else None
