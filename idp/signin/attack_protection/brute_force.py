"""Brute-force lockout (spec/attack-protection.md, "Brute force"; security.md I4-I6).

Failures are counted per identifier and address before the password is checked: the count is raised first, by one atomic
statement, and taken back by success. Parallel guesses therefore cannot slip past the limit.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from idp.directory.users.identifiers import email_key
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.tenancy.settings import BruteForce
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection.models import LoginFailure as F

BLOCK_MS = 30 * 24 * 3_600_000
HARD_LIMIT = 100
"""Failures per account that block whatever the settings say (NIST SP 800-63B 5.2.2)."""


def _upsert(dialect: Any) -> Any:
    made = dialect.insert(F).values(
        tenant_id=bindparam("tenant"),
        identifier=bindparam("identifier"),
        ip=bindparam("ip"),
        connection=bindparam("connection"),
        count=1,
        last_at=bindparam("now"),
    )
    return made.on_conflict_do_update(
        index_elements=[F.tenant_id, F.identifier, F.ip, F.connection],
        set_={"count": case((F.last_at < bindparam("stale"), 1), else_=F.count + 1), "last_at": bindparam("now")},
    ).returning(F.count)


class _Failures(msgspec.Struct, frozen=True):
    """Consecutive failures from one address."""

    ip: str
    connection: str
    count: int


_RAISE = {
    "sqlite": Statement("failure_raise_sqlite", _upsert(sqlite), row=int),
    "postgresql": Statement("failure_raise_postgresql", _upsert(postgresql), row=int),
}
_KEY = (F.tenant_id == bindparam("tenant"), F.identifier == bindparam("identifier"))
_CLEAR_ONE = Statement("failure_clear_one", delete(F).where(*_KEY, F.ip == bindparam("ip")))
_CLEAR = Statement("failure_clear", delete(F).where(*_KEY))
_LIST = Statement(
    "failure_list",
    select(F.ip, F.connection, F.count).where(*_KEY, F.last_at >= bindparam("stale")),
    row=_Failures,
)


def attempt(work: Work, identifier: str, connection: str) -> bool:
    """Count one try of ``identifier`` (its normalized key) from the caller's address; True when it may go on.

    False means blocked: answer 429 ``too_many_attempts`` whatever the password is.
    """
    settings = work.config.attack_protection.brute_force_protection
    if not active(settings) or allowed(work.ip, settings.allowlist):
        return True
    moment = clock.now_ms()
    statement = _RAISE["sqlite" if work.platform.db.sqlite else "postgresql"]
    count = work.hot.one(
        statement,
        tenant=work.tenant_id,
        identifier=identifier[:300],
        ip=_address(work, settings),
        connection=connection,
        now=moment,
        stale=moment - BLOCK_MS,
    )
    return count is None or count <= min(settings.max_attempts, HARD_LIMIT)


def just_blocked(work: Work, identifier: str) -> bool:
    """Whether the try just counted was the one that reached the limit: the time to send the mail."""
    limit = work.config.attack_protection.brute_force_protection.max_attempts
    return any(each.count == limit for each in _failures(work, identifier))


def succeeded(work: Work, identifier: str) -> None:
    """Take the counts of this address back after a right password."""
    settings = work.config.attack_protection.brute_force_protection
    if active(settings):
        work.hot.run(_CLEAR_ONE, tenant=work.tenant_id, identifier=identifier[:300], ip=_address(work, settings))


def clear(work: Work, identifier: str) -> None:
    """Lift every block of ``identifier``: the API, a password reset, the unblock link."""
    work.hot.run(_CLEAR, tenant=work.tenant_id, identifier=identifier[:300])


def erase(work: Work, identifiers: Sequence[str]) -> None:
    """Forget the failures counted for these identifiers, in whatever spelling."""
    keys = [email_key(identifier)[:300] for identifier in identifiers]
    work.rows.execute(delete(F).where(F.identifier.in_(keys)))


def blocks(work: Work, identifier: str) -> list[dict[str, str]]:
    """``blocked_for`` of the Management API: ``[{identifier, ip, connection}]``."""
    limit = min(work.config.attack_protection.brute_force_protection.max_attempts, HARD_LIMIT)
    return [
        {"identifier": identifier, **({"ip": each.ip} if each.ip else {}), "connection": each.connection}
        for each in _failures(work, identifier)
        if each.count >= limit
    ]


def active(settings: BruteForce) -> bool:
    """Blocking is on; without the shield failures are only logged."""
    return settings.enabled and "block" in settings.shields


def allowed(ip: str, allowlist: list[str]) -> bool:
    """Whether the address is on the list of addresses, CIDRs included."""
    if not ip or not allowlist:
        return False
    try:
        address = ipaddress.ip_address(ip)
        return any(address in ipaddress.ip_network(entry, strict=False) for entry in allowlist)
    except ValueError:
        return False


def _address(work: Work, settings: BruteForce) -> str:
    return "" if settings.mode == "count_per_identifier" else work.ip


def _failures(work: Work, identifier: str) -> list[_Failures]:
    return work.hot.all(_LIST, tenant=work.tenant_id, identifier=identifier[:300], stale=clock.now_ms() - BLOCK_MS)
