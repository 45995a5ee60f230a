"""Brute-force lockout (spec/attack-protection.md, "Brute force"; security.md I4-I6;
docs/decisions/0103-limits-per-account-and-network.md).

A try is counted before its password is checked, by atomic statements that refuse to go beyond the limit, and taken back
by success: parallel guesses cannot slip past. It counts twice, per identifier and network
(:mod:`idp.foundation.kernel.networks`) and per account wherever it comes from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import msgspec
from sqlalchemy import and_, bindparam, case, delete, or_, select, update

from idp.directory.users.identifiers import email_key
from idp.directory.users.models import DatabaseAccount as A
from idp.directory.users.models import Identity as I
from idp.directory.users.models import User as U
from idp.foundation.db.by_key import by_key
from idp.foundation.db.hot import Statement
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.kernel import clock
from idp.foundation.kernel.log_types import LogType
from idp.foundation.kernel.networks import network_of
from idp.foundation.tenancy.protection import BLOCK, BruteForce
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import throttling
from idp.signin.attack_protection.addresses import listed
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.signin.attack_protection.models import LoginFailure as F
from idp.tenant.audit import log

T = TypeVar("T")
HOUR_MS = 3_600_000
BLOCK_MS = 30 * 24 * HOUR_MS
"""A network is let in again so long after its last failure."""
HARD_LIMIT = 100
"""Failures of one account in a window that block whatever the settings say (NIST SP 800-63B 5.2.2)."""
RESERVED = 10
"""The last of them are kept for the network that the account signed in from last: others' guesses cannot use them up
(security.md I5).
"""
ACCOUNT_WINDOW_MS = 24 * HOUR_MS
COUNT_PER_IDENTIFIER = "count_per_identifier"
MOST_LOOKED_AT = 5_000
"""The newest counts that are looked through for blocks."""
MOST_SHOWN = 100
EVERYWHERE = "*"
"""Stands in ``ip`` of the row that counts an account's failures from all networks; ``last_at`` is then when its window
began.
"""


@dataclass(frozen=True)
class Try:
    """One counted try. ``last``: a wrong password now begins a block, everywhere or for this network only; where it is
    not ``allowed``, ``wait_s`` is in how many seconds it ends by itself. ``suspicious``: the network is refused,
    whatever account it tries. ``watched``: a block that has begun keeps nobody out, since the shield is not there.
    """

    allowed: bool
    last: bool = False
    everywhere: bool = False
    wait_s: int = 0
    suspicious: bool = False
    watched: bool = False

    @property
    def log_type(self) -> LogType:
        """What is written down of a try that is refused, or would be."""
        if self.suspicious:
            return ProtectionLog.NETWORK_BLOCKED
        return ProtectionLog.ACCOUNT_BLOCKED if self.everywhere else ProtectionLog.BLOCKED


UNCOUNTED = Try(allowed=True)


@dataclass(frozen=True)
class Counted:
    """What tries are counted under: the normalized name that was typed, and the one key of its account."""

    identifier: str
    account: str


class _Failures(msgspec.Struct, frozen=True):
    """Consecutive failures from one network; ``last_at`` in ms."""

    ip: str
    connection: str
    count: int
    last_at: int


class Locked(msgspec.Struct, frozen=True):
    """A name that is locked out from a network, or everywhere; ``last_at`` in ms, as of the rows."""

    identifier: str
    ip: str
    connection: str
    count: int
    last_at: int

    @property
    def network(self) -> str | None:
        """From where; None for everywhere."""
        return None if self.ip in {"", EVERYWHERE} else self.ip

    @property
    def until(self) -> int:
        """When it ends by itself (ms)."""
        return self.last_at + (ACCOUNT_WINDOW_MS if self.ip == EVERYWHERE else BLOCK_MS)


class _Counted(msgspec.Struct, frozen=True):
    """The count with this try, and the network's bucket (:func:`.throttling.column`)."""

    count: int
    full_at: int | None


def _upsert(*, sliding: bool) -> Any:
    """Count one more unless ``limit`` is reached. ``sliding``: ``last_at`` follows each try, else it stays where the
    window began; it brings the network's bucket along, so that nobody has to ask for it.
    """
    made = upsert(F).values(
        tenant_id=bindparam("tenant"),
        identifier=bindparam("identifier"),
        ip=bindparam("ip"),
        connection=bindparam("connection"),
        count=1,
        last_at=bindparam("now"),
    )
    over = F.last_at < bindparam("stale")
    last_at = bindparam("now") if sliding else case((over, bindparam("now")), else_=F.last_at)
    return made.on_conflict_do_update(
        index_elements=[F.tenant_id, F.identifier, F.ip, F.connection],
        set_={"count": case((over, 1), else_=F.count + 1), "last_at": last_at},
        where=or_(over, F.count < bindparam("limit")),
    ).returning(F.count, *([throttling.column().label("full_at")] if sliding else []))


_OF_NETWORK = Statement("failure_of_network", _upsert(sliding=True), row=_Counted)
_OF_ACCOUNT = Statement("failure_of_account", _upsert(sliding=False), row=int)
_KEY = (F.tenant_id == bindparam("tenant"), F.identifier == bindparam("identifier"))
_ROW = (*_KEY, F.ip == bindparam("ip"))
_CLEAR = Statement("failure_clear", delete(F).where(*_KEY))
_CLEAR_ONE = Statement("failure_clear_one", delete(F).where(*_ROW))
_TAKE_BACK = Statement(
    "failure_take_back",
    update(F).where(*_ROW, F.connection == bindparam("connection"), F.count > 0).values(count=F.count - 1),
)
_LIST = Statement(
    "failure_list",
    select(F.ip, F.connection, F.count, F.last_at).where(*_KEY, F.last_at >= bindparam("stale")),
    row=_Failures,
)
_NEWEST = (
    select(F.identifier, F.ip, F.connection, F.count, F.last_at)
    .where(F.tenant_id == bindparam("tenant"), F.last_at >= bindparam("stale"))
    .order_by(F.last_at.desc())
    .limit(MOST_LOOKED_AT)
    .subquery()
)
_N = _NEWEST.c
_BLOCKED = Statement(
    "failure_blocked",
    select(_NEWEST)
    .where(
        or_(
            and_(_N.ip != EVERYWHERE, _N.count >= bindparam("limit")),
            and_(_N.ip == EVERYWHERE, _N.count >= bindparam("hard"), _N.last_at >= bindparam("began")),
        )
    )
    .order_by(_N.last_at.desc(), _N.identifier, _N.ip, _N.connection)
    .limit(MOST_SHOWN),
    row=Locked,
)
_OWNED = (U.tenant_id == bindparam("tenant"), I.connection == bindparam("connection"), U.last_ip.is_not(None))
_ITS_IDENTITY = (
    (I.tenant_id == A.tenant_id) & (I.connection_id == A.connection_id) & (I.identity_user_id == A.account_id)
)
_LAST_ADDRESS = Statement(
    "failure_last_address",
    select(U.last_ip)
    .select_from(by_key(U, I, (I.tenant_id == U.tenant_id) & (I.user_id == U.user_id)))
    .where(*_OWNED, U.email_key == bindparam("identifier")),
    row=str,
)
_LAST_ADDRESS_OF_ACCOUNT = tuple(
    Statement(
        f"failure_last_address_by_{column.key}",
        select(U.last_ip)
        .select_from(by_key(by_key(A, I, _ITS_IDENTITY), U, (U.tenant_id == I.tenant_id) & (U.user_id == I.user_id)))
        .where(A.tenant_id == bindparam("tenant"), column == bindparam("identifier"), *_OWNED),
        row=str,
    )
    for column in (A.email_key, A.username_key)
)
"""The same where the account is kept here: its key may be a username, and its user may go by another address."""


def attempt(work: Work, counted: Counted | None, connection: str) -> Try:
    """Count one try from the caller's network. A refused one is answered 429 ``too_many_attempts`` whatever the
    password is, and not counted. ``counted`` is None where the connection is exempt: what its network did counts still.
    """
    settings = work.config.attack_protection.brute_force_protection
    if counted is None or not settings.enabled or listed(work.ip, settings.allowlist):
        return _of_network(throttling.before_login(work))
    limit = min(settings.max_attempts, HARD_LIMIT)
    here = {"identifier": counted.identifier[:300], "ip": _network(work, settings), "connection": connection}
    with work.transaction():
        found = _count(work, _OF_NETWORK, here, limit=limit, within_ms=BLOCK_MS, network=work.network)
        if found is None:
            return _over(work, settings, here)
        refused = throttling.refusal(work, found.full_at)
        if refused is not None:
            work.hot.run(_TAKE_BACK, tenant=work.tenant_id, **here)
            return _of_network(refused)
        if not active(settings):
            return Try(allowed=True)
        return _of_account(work, here, counted, last=found.count == limit)


def _over(work: Work, settings: BruteForce, here: dict[str, str]) -> Try:
    """The limit of the network was reached before."""
    if not active(settings):
        return replace(_of_network(throttling.before_login(work)), watched=True)
    everywhere = settings.mode == COUNT_PER_IDENTIFIER
    return Try(allowed=False, everywhere=everywhere, wait_s=_left_s(work, here, BLOCK_MS))


def _of_account(work: Work, here: dict[str, str], counted: Counted, *, last: bool) -> Try:
    """The try counts for the account as well, wherever it comes from."""
    anywhere, most = {**here, "identifier": counted.account[:300], "ip": EVERYWHERE}, HARD_LIMIT - RESERVED
    total = _count(work, _OF_ACCOUNT, anywhere, limit=most, within_ms=ACCOUNT_WINDOW_MS)
    if total is None and _signed_in_here(work, anywhere):
        most = HARD_LIMIT
        total = _count(work, _OF_ACCOUNT, anywhere, limit=most, within_ms=ACCOUNT_WINDOW_MS)
    if total is None:
        work.hot.run(_TAKE_BACK, tenant=work.tenant_id, **here)
        return Try(allowed=False, everywhere=True, wait_s=_left_s(work, anywhere, ACCOUNT_WINDOW_MS))
    return Try(allowed=True, last=last or total == most, everywhere=total == most)


def succeeded(work: Work, counted: Counted, connection: str) -> None:
    """Take the counts of this network back after a right password, and this one try of the account's."""
    settings = work.config.attack_protection.brute_force_protection
    if not settings.enabled:
        return
    tenant, name, account = work.tenant_id, counted.identifier[:300], counted.account[:300]
    work.hot.run(_CLEAR_ONE, tenant=tenant, identifier=name, ip=_network(work, settings))
    work.hot.run(_TAKE_BACK, tenant=tenant, identifier=account, ip=EVERYWHERE, connection=connection)


def take_back(work: Work, counted: Counted, connection: str) -> None:
    """The try was none: the password could not be checked, or was right and the account is closed."""
    settings = work.config.attack_protection.brute_force_protection
    if not settings.enabled or listed(work.ip, settings.allowlist):
        return
    for identifier, ip in ((counted.identifier, _network(work, settings)), (counted.account, EVERYWHERE)):
        work.hot.run(_TAKE_BACK, tenant=work.tenant_id, identifier=identifier[:300], ip=ip, connection=connection)


def clear(work: Work, identifiers: Sequence[str]) -> None:
    """Lift every block of these identifiers, in whatever spelling: the API, the unblock link."""
    for identifier in identifiers:
        work.hot.run(_CLEAR, tenant=work.tenant_id, identifier=email_key(identifier)[:300])


def release(work: Work, identifiers: Sequence[str], user_id: str | None = None) -> None:
    """Lift every block of these identifiers because an administrator says so, and write that down."""
    clear(work, identifiers)
    for identifier in identifiers:
        log.write(work, ProtectionLog.UNBLOCKED, "User block released", user_id=user_id, user_name=identifier)


def erase(work: Work, identifiers: Sequence[str]) -> None:
    """Forget the failures counted for these identifiers, in whatever spelling."""
    keys = [email_key(identifier)[:300] for identifier in identifiers]
    work.rows.execute(delete(F).where(F.identifier.in_(keys)))


def blocks(work: Work, identifier: str, *, only_in_force: bool = False) -> list[dict[str, str]]:
    """``blocked_for`` of the Management API: ``[{identifier, ip, connection}]``; ``ip`` is the network, and missing
    where the account is blocked for all of them. Nobody is blocked where the shield is missing; ``only_in_force``:
    nor where the protection is off.
    """
    settings = work.config.attack_protection.brute_force_protection
    if BLOCK not in settings.shields or (only_in_force and not settings.enabled):
        return []
    limit = min(settings.max_attempts, HARD_LIMIT)
    return [
        {
            "identifier": identifier,
            **({"ip": each.ip} if each.ip not in {"", EVERYWHERE} else {}),
            "connection": each.connection,
        }
        for each in _failures(work, identifier)
        if _blocks(each, limit)
    ]


def newest(work: Work) -> list[Locked]:
    """Who was locked out lately, the latest first: :data:`MOST_SHOWN` at most, among the newest counts. Nobody where
    the shield is missing.
    """
    settings = work.config.attack_protection.brute_force_protection
    if BLOCK not in settings.shields:
        return []
    moment = clock.now_ms()
    return work.hot.all(
        _BLOCKED,
        tenant=work.tenant_id,
        limit=min(settings.max_attempts, HARD_LIMIT),
        hard=HARD_LIMIT - RESERVED,
        stale=moment - BLOCK_MS,
        began=moment - ACCOUNT_WINDOW_MS,
    )


def active(settings: BruteForce) -> bool:
    """Blocking is on; without the shield failures are only logged."""
    return settings.enabled and BLOCK in settings.shields


def _of_network(refused: throttling.Refusal | None) -> Try:
    return UNCOUNTED if refused is None else Try(allowed=False, suspicious=True, wait_s=refused.wait_s)


def _network(work: Work, settings: BruteForce) -> str:
    return "" if settings.mode == COUNT_PER_IDENTIFIER else work.network


def _count(
    work: Work, statement: Statement[T], row: dict[str, str], *, limit: int, within_ms: int, **more: str
) -> T | None:
    """What is counted with this try, or None where the limit was reached before."""
    moment = clock.now_ms()
    return work.hot.one(
        statement, tenant=work.tenant_id, **row, **more, limit=limit, now=moment, stale=moment - within_ms
    )


def _signed_in_here(work: Work, row: dict[str, str]) -> bool:
    key = {"tenant": work.tenant_id, "identifier": row["identifier"], "connection": row["connection"]}
    found = [address for each in (_LAST_ADDRESS, *_LAST_ADDRESS_OF_ACCOUNT) for address in work.hot.all(each, **key)]
    return work.network in {network_of(address) for address in found}


def _left_s(work: Work, row: dict[str, str], length_ms: int) -> int:
    """Seconds until the block of that row ends by itself."""
    began = [
        each.last_at
        for each in _failures(work, row["identifier"])
        if (each.ip, each.connection) == (row["ip"], row["connection"])
    ]
    return max(1, (max(began, default=0) + length_ms - clock.now_ms()) // 1000)


def _blocks(failures: _Failures, limit: int) -> bool:
    if failures.ip != EVERYWHERE:
        return failures.count >= limit
    return failures.count >= HARD_LIMIT - RESERVED and failures.last_at >= clock.now_ms() - ACCOUNT_WINDOW_MS


def _failures(work: Work, identifier: str) -> list[_Failures]:
    return work.hot.all(_LIST, tenant=work.tenant_id, identifier=identifier[:300], stale=clock.now_ms() - BLOCK_MS)
