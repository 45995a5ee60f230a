"""``recovery-code``: 24 letters and digits that their owner wrote down, good once."""

from __future__ import annotations

import re

from sqlalchemy import bindparam, update

from idp.foundation.db.hot import Statement
from idp.foundation.kernel import ids
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.signin.factors.kinds.contract import HOUR_MS, Asked, Failures, Proof
from idp.signin.factors.log_types import FactorLog
from idp.signin.factors.models import AuthenticationMethod as M

LENGTH = 24
_SPEND = Statement(
    "recovery_code_spend",
    update(M)
    .where(M.tenant_id == bindparam("tenant"), M.id == bindparam("method"), M.code_hash == bindparam("hash"))
    .values(code_hash=bindparam("next")),
)


def new_code() -> str:
    """24 letters and digits (120 bits): nothing to guess, so a plain hash keeps it."""
    return ids.readable(LENGTH)


def hashed(work: Work, method_id: str, code: str) -> str:
    """What the table holds."""
    return digest(f"{work.tenant_id}\0{method_id}\0{code}")


class RecoveryCode:
    """See :class:`idp.signin.factors.kinds.contract.Kind`."""

    type = "recovery-code"
    factor = "recovery-code"
    action = "recovery-code"
    auth_method = "recovery-code"
    independent = enrollable = False
    named = False
    order = 90
    challenge_page = "mfa-recovery-code/mfa-recovery-code-challenge"
    enrolment_page = "mfa-recovery-code/mfa-recovery-code-enrollment"
    reset_page = "reset-password/reset-password-mfa-recovery-code-challenge"
    failures = Failures(10, HOUR_MS)
    succeeded, failed, limited = FactorLog.RECOVERED, FactorLog.NOT_RECOVERED, FactorLog.RECOVERY_LIMITED

    def usable(self, work: Work, method: M) -> bool:
        """As long as there is one."""
        return method.code_hash is not None

    def shown(self, method: M) -> str:
        """Nothing tells it from others: there is one."""
        return ""

    def sends(self) -> bool:
        """Nothing is sent."""
        return False

    def challenge(self, work: Work, method: M, asked: Asked) -> int | None:
        """Nothing is sent."""
        return None

    def verify(self, work: Work, method: M, asked: Asked, answer: str) -> Proof | None:
        """The code, which a new one replaces in the same UPDATE (security.md O6)."""
        typed = re.sub(r"[\s-]", "", answer[:100]).upper()
        fresh = new_code()
        spent = work.hot.run(
            _SPEND,
            tenant=work.tenant_id,
            method=method.id,
            hash=hashed(work, method.id, typed),
            next=hashed(work, method.id, fresh),
        )
        return Proof(("kba",), recovery_code=fresh) if spent == 1 and len(typed) == LENGTH else None
