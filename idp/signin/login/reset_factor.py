"""A second factor before a new password: whoever reads somebody's mail must not get in by that alone
(spec/login-factors.md, "Policy"; security.md O8).

What was proven is kept for the link and this browser, for ten minutes. Mail is no factor here: the link came by it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from idp.directory.users.imported_factors import IMPORTED
from idp.directory.users.provision import FoundUser
from idp.foundation.ephemeral import limits, one_time
from idp.signin.factors import asking, policy, second, service
from idp.signin.factors.asking import TooMany, Wrong
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Asked, Proof
from idp.signin.factors.models import AuthenticationMethod
from idp.signin.login.screen import Go, Problem, Show, limited
from idp.signin.login.screen_request import TicketRequest

PASSED: Final = "reset-factor"
TTL_MS: Final = 600_000
CHANGE: Final = Go("/u/reset-verify")


class Passed(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was proven; ``code_sealed`` is a new recovery code that is still to be shown."""

    user_id: str
    code_sealed: str | None = None


def wanted(request: TicketRequest, user: FoundUser) -> Go | None:
    """The page that is shown before the new password; None where there is none to prove, or it was proven."""
    if not policy.enrolled(user.factors):
        return None
    found = methods(request, user)
    if not found or passed(request, user) is not None:
        return None
    first, *_ = found
    return Go(f"/u/{KINDS[first.type].reset_page}")


def methods(request: TicketRequest, user: FoundUser) -> list[AuthenticationMethod]:
    """What can be asked for here: no code to the number that the code for the new password went to, where there is
    anything else (decision 0421).
    """
    work, number = request.work, request.ticket.phone_number
    if IMPORTED in (user.factors or "").split():
        service.take_imported(work, user.user_id)
    able = service.usable(work, service.of_user(work, user.user_id))
    able = [each for each in able if KINDS[each.type].reset_page]
    others = [each for each in able if number is None or not second.same_number(each.phone_number, number)]
    return others or able


def passed(request: TicketRequest, user: FoundUser) -> Passed | None:
    """What this browser proved for that link, if it did."""
    found, _ = one_time.read(request.work, PASSED, _key(request), Passed)
    return found if found is not None and found.user_id == user.user_id else None


def code_to_show(request: TicketRequest, user: FoundUser) -> str | None:
    """The recovery code that takes the place of the one that was used."""
    found = passed(request, user)
    if found is None or found.code_sealed is None:
        return None
    return one_time.sealer(request.work, PASSED, _key(request)).open(found.code_sealed)


def shown(request: TicketRequest, user: FoundUser) -> None:
    """Its owner has the recovery code."""
    one_time.change(request.work, PASSED, _key(request), Passed(user.user_id))


def asked(request: TicketRequest) -> Asked:
    """Where it is asked: behind this link."""
    return Asked(bound_to=f"ticket\0{one_time.key_hash(PASSED, request.value)}", locale=request.locale)


def other(request: TicketRequest, user: FoundUser, method: AuthenticationMethod) -> Go:
    """The next of the person's methods."""
    found = methods(request, user)
    at = next((number for number, each in enumerate(found) if each.id == method.id), 0)
    return Go(f"/u/{KINDS[found[(at + 1) % len(found)].type].reset_page}") if found else CHANGE


def answered(request: TicketRequest, user: FoundUser, method: AuthenticationMethod, answer: str) -> Proof | Show:
    """Look at an answer. A right one is kept."""
    refused = limited(request, limits.FACTOR_FORMS_OF_ATTEMPT, f"{request.value[:64]}:{request.work.network}")
    if refused is not None:
        return refused
    match asking.answered(request.work, method, asked(request), answer):
        case Wrong():
            return Show((Problem("mfa.shared.invalid-code", "code"),))
        case TooMany(wait_s):
            words = {"wait": request.texts.duration(wait_s)}
            return Show((Problem("mfa.shared.too-many-failures", "code", values=words),), 429, retry_after=wait_s)
        case proof:
            _keep(request, user, proof)
            return proof


def _keep(request: TicketRequest, user: FoundUser, proof: Proof) -> None:
    work, key = request.work, _key(request)
    code = proof.recovery_code
    sealed = one_time.sealer(work, PASSED, key).seal(code) if code else None
    record = Passed(user.user_id, sealed)
    with work.transaction():
        if not one_time.change(work, PASSED, key, record):
            one_time.put(work, PASSED, key, record, ttl_ms=TTL_MS, subject=user.user_id)


def _key(request: TicketRequest) -> str:
    return f"{request.value}\0{request.browser.device_hash}"
