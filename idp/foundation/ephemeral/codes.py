"""Short codes that people type: one per address and attempt, with few tries (security.md M11, M12, R6).

What a code is bound to is its key; the newest takes the place of the one before. Every decision (whether one may be
sent again yet, whether a try is left, who spends it) is one conditional write, never a read and a later write.
"""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
from sqlalchemy import bindparam, null, or_, select, update

from idp.foundation.db.hot import Statement
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.ephemeral.models import OneTimeCode as C
from idp.foundation.kernel import clock
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work

AGAIN_AFTER_MS = 30_000
"""Between two codes of one attempt."""
TRIES = 3


class _Tried(msgspec.Struct, frozen=True):
    code_mac: str
    tries: int


def _upsert() -> Any:
    fresh = {
        "code_mac": bindparam("mac"),
        "tries": 0,
        "created_at": bindparam("now"),
        "expires_at": bindparam("ends"),
    }
    made = upsert(C).values(tenant_id=bindparam("tenant"), key_hash=bindparam("hash"), **fresh)
    return made.on_conflict_do_update(
        index_elements=[C.tenant_id, C.key_hash],
        set_={**fresh, "used_at": null()},
        where=or_(C.created_at <= bindparam("before"), C.expires_at <= bindparam("now")),
    ).returning(C.created_at)


_PUT = Statement("one_time_code_put", _upsert(), row=int)
_KEY = (C.tenant_id == bindparam("tenant"), C.key_hash == bindparam("hash"))
_GOOD = (*_KEY, C.used_at.is_(None), C.expires_at > bindparam("now"))
_MADE = Statement("one_time_code_made", select(C.created_at).where(*_KEY), row=int)
_TRY = Statement(
    "one_time_code_try",
    update(C).where(*_GOOD, C.tries < bindparam("most")).values(tries=C.tries + 1).returning(C.code_mac, C.tries),
    row=_Tried,
)
_SPEND = Statement(
    "one_time_code_spend",
    update(C).where(*_GOOD, C.code_mac == bindparam("mac")).values(used_at=bindparam("now")),
)


def fresh(length: int) -> str:
    """A code of so many digits."""
    return f"{secrets.randbelow(10**length):0{length}d}"


def put(work: Work, key: str, code: str, *, ttl_ms: int) -> int | None:
    """Keep ``code`` for ``key`` instead of the one before. Where that was made a moment ago it stays, and the answer is
    how many seconds to wait.
    """
    moment, hashed = clock.now_ms(), digest(key)
    made = work.hot.one(
        _PUT,
        tenant=work.tenant_id,
        hash=hashed,
        mac=work.platform.code_signer.tag(_bound(work, key, code)),
        now=moment,
        ends=moment + ttl_ms,
        before=moment - AGAIN_AFTER_MS,
    )
    if made is not None:
        return None
    return again_in(work, key) or 1


def again_in(work: Work, key: str) -> int | None:
    """Seconds until :func:`put` keeps another code for ``key``, None where it would now: who counts messages asks
    before counting one that will not be sent.
    """
    known = work.hot.one(_MADE, tenant=work.tenant_id, hash=digest(key))
    left_ms = known + AGAIN_AFTER_MS - clock.now_ms() if known is not None else 0
    return (left_ms + 999) // 1000 if left_ms > 0 else None


def guess(work: Work, key: str, typed: str, *, most: int = TRIES, spend: bool = True) -> bool:
    """Whether ``typed`` is the code of ``key``, which it spends. Each try counts; after ``most`` the code is dead."""
    moment, hashed = clock.now_ms(), digest(key)
    tried = work.hot.one(_TRY, tenant=work.tenant_id, hash=hashed, now=moment, most=most)
    if tried is None or not work.platform.code_signer.check(_bound(work, key, typed), tried.code_mac):
        return False
    return not spend or work.hot.run(_SPEND, tenant=work.tenant_id, hash=hashed, now=moment, mac=tried.code_mac) == 1


def _bound(work: Work, key: str, code: str) -> str:
    return f"{work.tenant_id}\0{key}\0{code}"
