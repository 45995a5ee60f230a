"""The tenant's secret for tags on opaque tokens: what carries a tag was issued here, and is worth what its family's row
says (docs/decisions/0120).

It is sealed at rest like signing keys, so that a master key can go without any token going with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

import msgspec
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock, ids
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work
from idp.tenant.keys.models import TokenKey

TAG_BYTES = 32
_opened: dict[tuple[str, str], bytes] = {}
"""By tenant and ``kid``, for the life of the process."""


class _Sealed(msgspec.Struct, frozen=True):
    kid: str
    secret_sealed: str


_ALL = Statement(
    "token_keys_all",
    select(TokenKey.kid, TokenKey.secret_sealed)
    .where(TokenKey.tenant_id == bindparam("tenant"))
    .order_by(TokenKey.created_at.desc(), TokenKey.kid),
    row=_Sealed,
)


def tag(work: Work, message: bytes) -> bytes:
    """HMAC-SHA256 of ``message`` with the tenant's newest key, which is made when there is none."""
    return _tag((_remembered(work) or (_make(work),))[0], message)


def check(work: Work, message: bytes, found: bytes) -> bool:
    """Whether one of the tenant's keys made that tag; constant time. A key that another process just made counts."""
    if _matches(_remembered(work), message, found):
        return True
    if work.current:
        return False
    before = work.config
    work.refresh()
    return work.config is not before and _matches(_remembered(work), message, found)


def _matches(keys: tuple[bytes, ...], message: bytes, found: bytes) -> bool:
    return any([hmac.compare_digest(_tag(key, message), found) for key in keys])


def _tag(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)


def _remembered(work: Work) -> tuple[bytes, ...]:
    return work.config.remember("token keys", "", lambda: _load(work))


def _load(work: Work) -> tuple[bytes, ...]:
    return tuple(_open(work, row) for row in work.hot.all(_ALL, tenant=work.tenant_id))


def _open(work: Work, row: _Sealed) -> bytes:
    found = _opened.get((work.tenant_id, row.kid))
    if found is None:
        opened = work.sealer(TokenKey.secret_sealed, kid=row.kid).open(row.secret_sealed)
        found = _opened[work.tenant_id, row.kid] = bytes.fromhex(opened)
    return found


def _make(work: Work) -> bytes:
    """The first key, made under the tenant's own row: whoever comes second finds it."""
    with work.transaction():
        work.rows.lock_one(Tenant, work.tenant_id)
        there = _load(work)
        if there:
            return there[0]
        kid, secret = ids.alphanumeric(21), secrets.token_bytes(TAG_BYTES)
        sealed = work.sealer(TokenKey.secret_sealed, kid=kid).seal(secret.hex())
        work.rows.add(TokenKey(tenant_id=work.tenant_id, kid=kid, secret_sealed=sealed, created_at=clock.now_ms()))
        work.rows.flush()
        work.configuration_changed()
    return secret
