"""Documents beside a tenant's row: what is large, and read by few requests. Reading one is remembered with the
configuration, by kind; writing one is a change of the configuration, so that every process obeys at its next request
(decision 0215).

Whoever owns a kind says what its documents are and seals what is secret in them (:meth:`sealer`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.secrets import BoundSealer
from idp.foundation.tenancy.models import Tenant, TenantDocument
from idp.foundation.tenancy.work import Work


class _Kept(msgspec.Struct, frozen=True):
    name: str
    document: Json[Any]


_OF_KIND = Statement(
    "tenant_documents_of_kind",
    select(TenantDocument.name, TenantDocument.document)
    .where(TenantDocument.tenant_id == bindparam("tenant"), TenantDocument.kind == bindparam("kind"))
    .order_by(TenantDocument.created_at, TenantDocument.name),
    row=_Kept,
)


def of_kind(work: Work, kind: str) -> Mapping[str, Any]:
    """The documents of a kind by name, the oldest first, as they are stored: one read for each version of the
    configuration.
    """

    def load() -> Mapping[str, Any]:
        return {row.name: row.document for row in work.hot.all(_OF_KIND, tenant=work.tenant_id, kind=kind)}

    return work.config.remember("documents", kind, load)


def get(work: Work, kind: str, name: str) -> TenantDocument | None:
    """The row as it is now."""
    return work.rows.get(TenantDocument, (work.tenant_id, kind, name))


def every(work: Work, kind: str) -> list[TenantDocument]:
    """The rows of a kind as they are now, the oldest first."""
    rows = select(TenantDocument).where(TenantDocument.kind == kind)
    return list(work.rows.scalars(rows.order_by(TenantDocument.created_at, TenantDocument.name)))


def locked(work: Work, kind: str, name: str) -> TenantDocument | None:
    """The row, which nobody else changes, or makes, until the transaction ends: the tenant's row is the lock of all of
    its documents.
    """
    lock(work)
    return work.rows.lock_one(TenantDocument, kind, name)


def put(work: Work, kind: str, name: str, document: Any) -> TenantDocument:
    """Make the document, or replace it."""
    row, moment = locked(work, kind, name), clock.now_ms()
    if row is None:
        row = TenantDocument(kind=kind, name=name, created_at=moment)
        work.rows.add(row)
    row.document, row.updated_at = document, moment
    work.rows.flush()
    work.configuration_changed()
    return row


def remove(work: Work, kind: str, name: str) -> bool:
    """Delete it; whether it was there."""
    row = locked(work, kind, name)
    if row is None:
        return False
    work.rows.delete(row)
    work.rows.flush()
    work.configuration_changed()
    return True


def sealer(work: Work, kind: str, name: str) -> BoundSealer:
    """Seals what is secret in that document."""
    return work.sealer(TenantDocument.document, kind=kind, name=name)


def lock(work: Work) -> None:
    """Wait for whoever changes the tenant's documents. Raises NotFound where the tenant is gone."""
    if work.rows.lock_one(Tenant, work.tenant_id) is None:
        raise NotFound("The tenant does not exist.")
