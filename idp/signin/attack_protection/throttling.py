"""Suspicious-IP throttling: one network that tries many accounts, or makes many (spec/attack-protection.md,
"Suspicious IP"; docs/decisions/0210).

Each network has a bucket for each stage. A failed sign-in, and any attempt to sign up, takes one; each ``rate`` ms
gives one back. All that is stored of a bucket is when it will be full again, so that one conditional write decides and
nothing has to be filled. Like every limit by address it goes by :attr:`Work.network`, and ``IDP_RATE_LIMITS=off``
switches it off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ScalarSelect, String, bindparam, case, delete, literal_column, or_, select, union_all

from idp.foundation.db.hot import Statement
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.kernel import clock
from idp.foundation.kernel.networks import network_of
from idp.foundation.tenancy.protection import ADMIN_NOTIFICATION, BLOCK, Bucket
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import addresses, notices
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.signin.attack_protection.models import NetworkBucket as B
from idp.tenant.audit import log

PRE_LOGIN, REGISTRATION, EXCHANGE = "pre-login", "pre-user-registration", "pre-custom-token-exchange"
STAGES = (PRE_LOGIN, REGISTRATION, EXCHANGE)
MOST_SHOWN = 100


@dataclass(frozen=True)
class Refusal:
    """The bucket is empty: what the network asks for is not done before ``wait_s``."""

    wait_s: int


def _take() -> Any:
    made = upsert(B).values(
        tenant_id=bindparam("tenant"),
        network=bindparam("network"),
        stage=bindparam("stage"),
        full_at=bindparam("first"),
    )
    rate: Any = bindparam("rate", type_=B.full_at.type)
    past = B.full_at <= bindparam("now")
    return made.on_conflict_do_update(
        index_elements=[B.tenant_id, B.network, B.stage],
        set_={"full_at": case((past, bindparam("first")), else_=B.full_at + rate)},
        where=or_(past, B.full_at + rate <= bindparam("most")),
    ).returning(B.full_at)


_TAKE = Statement("bucket_take", _take(), row=int)
_MINE = (B.tenant_id == bindparam("tenant"), B.network == bindparam("network"))
_READ = Statement("bucket_read", select(B.full_at).where(*_MINE, B.stage == bindparam("stage")), row=int)
_EMPTY = Statement("bucket_clear", delete(B).where(*_MINE))


class Kept(msgspec.Struct, frozen=True):
    """A network that is kept out of a stage; ``full_at`` (ms) as of its row."""

    network: str
    stage: str
    full_at: int


def _of_stage(number: int) -> Any:
    """Networks of one stage whose bucket is empty, the emptiest first: full again later than ``beyond<number>``."""
    mine = (B.tenant_id == bindparam("tenant"), B.stage == STAGES[number], B.full_at > bindparam(f"beyond{number}"))
    found = select(B.network, B.stage, B.full_at).where(*mine).order_by(B.full_at.desc()).limit(MOST_SHOWN)
    return select(found.subquery())


_KEPT_OUT = Statement("bucket_kept_out", union_all(*map(_of_stage, range(len(STAGES)))), row=Kept)


def column() -> ScalarSelect[int]:
    """When the bucket of failed sign-ins is full again, for statements that know ``tenant`` and ``network`` and run
    anyway.
    """
    tenant = literal_column(f"{B.__tablename__}.tenant_id", String)  # in RETURNING, SQLite is told columns alone
    mine = (tenant == bindparam("tenant"), B.network == bindparam("network"), B.stage == PRE_LOGIN)
    return select(B.full_at).where(*mine).correlate(None).scalar_subquery()


def watches(work: Work) -> bool:
    """Whether the caller's network is counted at all."""
    settings = work.config.attack_protection.suspicious_ip_throttling
    limited = settings.enabled and work.platform.settings.rate_limits
    return limited and not addresses.listed(work.ip, settings.allowlist)


def blocks(work: Work) -> bool:
    """Whether it is kept out where it goes too far; without the shield that is only written down."""
    return BLOCK in work.config.attack_protection.suspicious_ip_throttling.shields and watches(work)


def refusal(work: Work, full_at: int | None) -> Refusal | None:
    """Whether a sign-in is refused unseen, by what :func:`column` found."""
    if full_at is None or not blocks(work):
        return None
    return _refusal(full_at, _bucket(work, PRE_LOGIN))


def before_login(work: Work) -> Refusal | None:
    """The same where no statement brought it along."""
    return refusal(work, full_at(work, PRE_LOGIN)) if blocks(work) else None


def suspicious(work: Work) -> bool:
    """Whether the caller's network has used up its tries, kept out or only watched."""
    if not watches(work):
        return False
    found = full_at(work, PRE_LOGIN)
    return found is not None and _refusal(found, _bucket(work, PRE_LOGIN)) is not None


def full_at(work: Work, stage: str) -> int | None:
    """When the bucket of the caller's network is full again, as stored."""
    return work.hot.one(_READ, tenant=work.tenant_id, network=work.network, stage=stage)


def used(work: Work, stage: str) -> int:
    """How many the caller's network has taken out and not back yet."""
    found = full_at(work, stage)
    return 0 if found is None else max(0, -(-(found - clock.now_ms()) // _bucket(work, stage).rate))


def failed(work: Work) -> None:
    """A sign-in failed: it costs the network one of its tries."""
    if watches(work):
        _take_one(work, PRE_LOGIN)


def sign_up(work: Work) -> Refusal | None:
    """An attempt to sign up, whatever comes of it."""
    if not watches(work):
        return None
    if _take_one(work, REGISTRATION) or not blocks(work):
        return None
    bucket = _bucket(work, REGISTRATION)
    return _refusal(full_at(work, REGISTRATION) or 0, bucket) or Refusal(1)


def before_exchange(work: Work) -> Refusal | None:
    """Whether a token of somebody else's is not even looked at, because others before it from that network were no
    good.
    """
    found = full_at(work, EXCHANGE) if blocks(work) else None
    return None if found is None else _refusal(found, _bucket(work, EXCHANGE))


def exchange_failed(work: Work) -> None:
    """One was no good: it costs the network one of its tries."""
    if watches(work):
        _take_one(work, EXCHANGE)


def refused(work: Work, **about: Any) -> None:
    """Write down that somebody was turned away."""
    log.write(work, ProtectionLog.NETWORK_BLOCKED, "blocked: too many failed attempts from that network", **about)


def is_blocked(work: Work, ip: str) -> bool:
    """Whether that address is kept out now, of any stage (``GET /anomaly/blocks/ips/{id}``)."""
    settings = work.config.attack_protection.suspicious_ip_throttling
    if not settings.enabled or BLOCK not in settings.shields or addresses.listed(ip, settings.allowlist):
        return False
    found = {stage: work.hot.one(_READ, tenant=work.tenant_id, network=network_of(ip), stage=stage) for stage in STAGES}
    return any(at is not None and _refusal(at, _bucket(work, stage)) for stage, at in found.items())


def kept_out(work: Work) -> list[tuple[Kept, int]]:
    """The networks that are kept out now, each with the moment (ms) from which it has a try again: the last one first,
    :data:`MOST_SHOWN` of each stage at most. None where nobody is kept out at all.
    """
    settings = work.config.attack_protection.suspicious_ip_throttling
    if not settings.enabled or BLOCK not in settings.shields:
        return []
    moment, buckets = clock.now_ms(), {stage: _bucket(work, stage) for stage in STAGES}
    used = {stage: (each.max_attempts - 1) * each.rate for stage, each in buckets.items()}
    beyond = {f"beyond{number}": moment + used[stage] for number, stage in enumerate(STAGES)}
    found = work.hot.all(_KEPT_OUT, tenant=work.tenant_id, **beyond)
    out = [(each, each.full_at - used[each.stage]) for each in found if not _exempt(each.network, settings.allowlist)]
    return sorted(out, key=lambda pair: pair[1], reverse=True)


def _exempt(network: str, allowlist: Sequence[str]) -> bool:
    return addresses.listed(network.partition("/")[0], allowlist)


def lift(work: Work, ip: str) -> None:
    """The network of that address has everything back."""
    work.hot.run(_EMPTY, tenant=work.tenant_id, network=network_of(ip))


def _take_one(work: Work, stage: str) -> bool:
    """Whether there was one; who takes the last one is written down, and told to administrators."""
    bucket, moment = _bucket(work, stage), clock.now_ms()
    most = moment + bucket.max_attempts * bucket.rate
    row = {"tenant": work.tenant_id, "network": work.network, "stage": stage}
    found = work.hot.one(_TAKE, **row, first=moment + bucket.rate, rate=bucket.rate, now=moment, most=most)
    if found is None:
        return False
    if found + bucket.rate > most:
        _used_up(work, stage)
    return True


def _used_up(work: Work, stage: str) -> None:
    settings = work.config.attack_protection.suspicious_ip_throttling
    enforced = BLOCK in settings.shields
    words = "the network has used up its attempts" if enforced else "the network would be blocked: monitoring only"
    with work.transaction():
        log.write(work, ProtectionLog.NETWORK_BLOCKED, words, details={"stage": stage, "network": work.network})
        if ADMIN_NOTIFICATION in settings.shields:
            notices.suspicious_network(work)


def _bucket(work: Work, stage: str) -> Bucket:
    stages = work.config.attack_protection.suspicious_ip_throttling.stage
    if stage == EXCHANGE:
        return stages.pre_custom_token_exchange
    return stages.pre_login if stage == PRE_LOGIN else stages.pre_user_registration


def _refusal(full_at: int, bucket: Bucket) -> Refusal | None:
    wait_ms = full_at + bucket.rate - bucket.max_attempts * bucket.rate - clock.now_ms()
    return Refusal(max(1, -(-wait_ms // 1000))) if wait_ms > 0 else None
