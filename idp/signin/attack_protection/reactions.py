"""What the lockout does about news from below."""

from __future__ import annotations

from idp.foundation.kernel.events import PasswordChanged, UsersErased
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import brute_force


def forgive(work: Work, event: PasswordChanged) -> None:
    """Failures with the old password count no longer."""
    brute_force.erase(work, event.identifiers)


def erase(work: Work, event: UsersErased) -> None:
    """Nothing is counted for accounts that are gone."""
    brute_force.erase(work, event.identifiers)


REACTIONS = (On(PasswordChanged, forgive), On(UsersErased, erase))
