"""The tenant's key for pairwise subjects: made once and never turned, since whatever clients stored hangs on it
(OpenID Connect Core 8.1). Sealed at rest.
"""

from __future__ import annotations

import secrets

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work
from idp.tenant.keys.models import SubjectKey

BYTES = 64


class _Sealed(msgspec.Struct, frozen=True):
    secret_sealed: str


_READ = Statement(
    "subject_key_read",
    select(SubjectKey.secret_sealed).where(SubjectKey.tenant_id == bindparam("tenant")),
    row=_Sealed,
)


def sealed(work: Work, text: bytes, context: str) -> bytes:
    """``text`` under the tenant's key for that context: the same each time, and readable by nobody else (RFC 5297)."""
    return _key(work).encrypt(text, [context.encode()])


def opened(work: Work, raw: bytes, context: str) -> bytes | None:
    """What :func:`sealed` made of it, None where it did not."""
    try:
        return _key(work).decrypt(raw, [context.encode()])
    except (InvalidTag, ValueError):
        return None


def _key(work: Work) -> AESSIV:
    return work.config.remember("subject key", "", lambda: AESSIV(_read(work) or _make(work)))


def _read(work: Work) -> bytes | None:
    row = work.hot.one(_READ, tenant=work.tenant_id)
    return bytes.fromhex(work.sealer(SubjectKey.secret_sealed).open(row.secret_sealed)) if row else None


def _make(work: Work) -> bytes:
    """Under the tenant's own row: whoever comes second finds it."""
    with work.transaction():
        work.rows.lock_one(Tenant, work.tenant_id)
        there = _read(work)
        if there is not None:
            return there
        secret = secrets.token_bytes(BYTES)
        row = SubjectKey(
            tenant_id=work.tenant_id,
            secret_sealed=work.sealer(SubjectKey.secret_sealed).seal(secret.hex()),
            created_at=clock.now_ms(),
        )
        work.rows.add(row)
        work.rows.flush()
    return secret
