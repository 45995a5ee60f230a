"""``totp``: a code of an authenticator app."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, update

from idp.foundation.db.hot import Statement
from idp.foundation.tenancy.work import Work
from idp.signin.factors import otp
from idp.signin.factors.kinds.contract import HOUR_MS, Asked, Failures, Proof
from idp.signin.factors.log_types import FactorLog
from idp.signin.factors.models import AuthenticationMethod as M

_SPEND = Statement(
    "totp_spend",
    update(M)
    .where(
        M.tenant_id == bindparam("tenant"),
        M.id == bindparam("method"),
        or_(M.last_step.is_(None), M.last_step < bindparam("step")),
    )
    .values(last_step=bindparam("step")),
)


class Totp:
    """See :class:`idp.signin.factors.kinds.contract.Kind`."""

    type = "totp"
    factor = "otp"
    action = "otp"
    auth_method = "authenticator"
    independent = enrollable = True
    named = False
    order = 20
    challenge_page = "mfa-otp/mfa-otp-challenge"
    enrolment_page = "mfa-otp/mfa-otp-enrollment-qr"
    reset_page = "reset-password/reset-password-mfa-otp-challenge"
    failures = Failures(10, HOUR_MS)
    succeeded, failed, limited = FactorLog.SUCCEEDED, FactorLog.FAILED, FactorLog.LIMITED

    def usable(self, work: Work, method: M) -> bool:
        """An app works everywhere."""
        return method.secret_sealed is not None

    def shown(self, method: M) -> str:
        """The name that its owner gave it."""
        return method.name or ""

    def sends(self) -> bool:
        """Nothing is sent."""
        return False

    def challenge(self, work: Work, method: M, asked: Asked) -> int | None:
        """Nothing is sent."""
        return None

    def verify(self, work: Work, method: M, asked: Asked, answer: str) -> Proof | None:
        """A code of the steps around now that is newer than the last accepted one: that is one conditional UPDATE
        (security.md O4).
        """
        seed = work.sealer(M.secret_sealed, id=method.id).open(method.secret_sealed) if method.secret_sealed else ""
        step = otp.step_of(seed, answer)
        if step is None or work.hot.run(_SPEND, tenant=work.tenant_id, method=method.id, step=step) != 1:
            return None
        return Proof(("otp",))
