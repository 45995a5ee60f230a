"""Asking somebody for a factor, and looking at the answer: on pages, for applications and before a new password alike.

Every answer goes through :func:`answered`, so that none is looked at uncounted or unlogged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.signin.factors import service, tries
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Asked, Proof
from idp.signin.factors.models import AuthenticationMethod
from idp.tenant.audit import log

WRONG = "wrong, used or expired code"


@dataclass(frozen=True)
class Wrong:
    """The answer is not right."""


@dataclass(frozen=True)
class TooMany:
    """Too many were not: the answer was not looked at."""

    wait_s: int


Answered: TypeAlias = Proof | Wrong | TooMany


def answered(work: Work, method: AuthenticationMethod, asked: Asked, answer: str) -> Answered:
    """Look at an answer for a method, enrolled or being so."""
    kind, user_id = KINDS[method.type], method.user_id
    about: dict[str, Any] = {
        "user_id": user_id,
        "client_id": asked.client_id or None,
        "details": {"factor": method.type},
    }
    wait = tries.begin(work, user_id, kind)
    if wait is not None:
        log.write(work, kind.limited, "too many wrong answers", **about)
        return TooMany(wait)
    if len(answer) > MAX_ANSWER:
        answer = ""
    proof = kind.verify(work, method, asked, answer)
    if proof is None:
        log.write(work, kind.failed, WRONG, **about)
        return Wrong()
    tries.succeeded(work, user_id, kind)
    if method.confirmed:
        with work.transaction():
            service.used(work, method.id, clock.now_ms())
            log.write(work, kind.succeeded, **about)
    return proof


MAX_ANSWER = 20_000
"""Characters of what a browser made of a challenge; whatever is longer is wrong."""
