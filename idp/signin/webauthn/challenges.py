"""What an authenticator signs: 32 random bytes, good once and for five minutes, for one purpose of one sign-in, page
or call (security.md O10). Spent by one conditional update, before anything is verified.
"""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel.secrets import b64url
from idp.foundation.tenancy.work import Work

KIND = "passkey-challenge"
LIFETIME_MS = 300_000
BYTES = 32
LONGEST = 64
LOGIN, SIGNUP, ENROL = "login", "signup", "enrol"
API_LOGIN, API_SIGNUP = "api-login", "api-signup"
FACTOR, FACTOR_ENROL, FIRST = "factor", "factor-enrol", "first-factor"


class Challenge(msgspec.Struct, omit_defaults=True, frozen=True):
    """What a challenge is for. ``bound_to`` names the sign-in, session or call that it fits; ``user_handle`` is what a
    new credential will know its owner by, and ``account`` what an application said of somebody who is to get one.
    """

    purpose: str
    bound_to: str
    rp_id: str
    user_id: str = ""
    user_handle: str = ""
    connection_id: str = ""
    account: dict[str, Any] = {}


class TooMany(Exception):
    """The network asks for too many; ``wait_s`` until the next one."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("too many challenges")
        self.wait_s = wait_s


def fresh() -> str:
    """A new challenge, base64url."""
    return b64url(secrets.token_bytes(BYTES))


def issue(work: Work, made: Challenge) -> str:
    """Store a new one; answers it. Raises TooMany."""
    wait = limits.exceeded(work, limits.PASSKEY_CHALLENGES, work.network)
    if wait is not None:
        raise TooMany(wait)
    value = fresh()
    with work.transaction():
        one_time.put(work, KIND, value, made, ttl_ms=LIFETIME_MS)
    return value


def take(work: Work, value: str, purpose: str, bound_to: str) -> Challenge | None:
    """Spend it; None for one that is used, too old, or of something else."""
    if not value or len(value) > LONGEST:
        return None
    found, _ = one_time.read(work, KIND, value, Challenge)
    if found is None or (found.purpose, found.bound_to) != (purpose, bound_to):
        return None
    return found if one_time.take(work, KIND, value) else None
