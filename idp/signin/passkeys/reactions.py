"""What passkeys do about news from elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import func, select

from idp.foundation.kernel.events import RelyingPartyLeft, TenantMoved, UserUnlinked, UserUpdated
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.signin.factors.models import AuthenticationMethod as M
from idp.signin.passkeys import enrolment
from idp.signin.passkeys.log_types import PasskeyLog
from idp.signin.passkeys.service import TYPE
from idp.tenant.audit import log


def count_left_behind(work: Work, event: TenantMoved) -> None:
    """Passkeys belong to the host they were made at: say how many stay behind where that changes."""
    old, new = urlsplit(event.old_url).hostname, urlsplit(event.new_url).hostname
    if old == new:
        return
    number = work.rows.scalar(select(func.count()).where(M.type == TYPE, M.rp_id != (new or ""))) or 0
    if number:
        log.write(
            work,
            PasskeyLog.LEFT_BEHIND,
            f"{number} passkeys were made at another host than {new} and do not work there",
            details={"host": new, "passkeys": number},
        )


def count_of_domain(work: Work, event: RelyingPartyLeft) -> None:
    """The like where a custom domain names another relying party, or goes (spec/login-factors.md, "Passkeys")."""
    number = enrolment.made_for(work, event.name)
    if number:
        log.write(
            work,
            PasskeyLog.LEFT_BEHIND,
            f"{number} passkeys and security keys were made for {event.name} and work nowhere any more",
            details={"host": event.instead or "", "left": event.name, "passkeys": number},
        )


def forget_of_unlinked(work: Work, event: UserUnlinked) -> None:
    """An account that leaves its user leaves no passkey behind, and takes none along: who made it is not its owner."""
    enrolment.forget_those_without_account(work, event.user_id)


def forget_of_lost(work: Work, event: UserUpdated) -> None:
    """The same for an account that went with its connection."""
    if "identities" in event.changed:
        enrolment.forget_those_without_account(work, event.user_id)


REACTIONS = (
    On(TenantMoved, count_left_behind),
    On(RelyingPartyLeft, count_of_domain),
    On(UserUnlinked, forget_of_unlinked),
    On(UserUpdated, forget_of_lost),
)
