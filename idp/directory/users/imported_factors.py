"""Second factors that people brought along in an import (``mfa_factors``): kept sealed until they are enrolled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from idp.directory.users.models import ImportedFactor
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work

IMPORTED = "imported"
"""Stands in ``users.factors`` of people who have some that nobody has taken up."""


@dataclass(frozen=True)
class Factor:
    """``kind`` is ``totp`` (``value`` is its seed in Base32), ``phone`` (a number, E.164) or ``email``."""

    kind: str
    value: str


def row(work: Work, user_id: str, number: int, factor: Factor) -> dict[str, Any]:
    """The row of one of somebody's factors."""
    key = {"user_id": user_id, "number": f"{number:02d}"}
    return {
        "tenant_id": work.tenant_id,
        **key,
        "kind": factor.kind,
        "value_sealed": work.sealer(ImportedFactor.value_sealed, **key).seal(factor.value),
        "created_at": clock.now_ms(),
    }


def of_user(work: Work, user_id: str) -> list[Factor]:
    """What somebody brought along and nobody has taken up, in the order of the import."""
    found = select(ImportedFactor).where(ImportedFactor.user_id == user_id).order_by(ImportedFactor.number)
    return [Factor(each.kind, _opened(work, each)) for each in work.rows.scalars(found)]


def take(work: Work, user_id: str) -> list[Factor]:
    """The same, forgotten here in the caller's transaction: whoever takes them up enrolls them in it. The user is
    locked by the caller.
    """
    factors = of_user(work, user_id)
    forget(work, [user_id])
    return factors


def forget(work: Work, user_ids: Sequence[str]) -> None:
    """These users' factors go, in the caller's transaction."""
    work.rows.execute(delete(ImportedFactor).where(ImportedFactor.user_id.in_(user_ids)))


def read(listed: Sequence[Mapping[str, Any]]) -> tuple[Factor, ...]:
    """``mfa_factors`` of an import, which were checked before."""
    return tuple(
        Factor(kind, str(value["secret" if kind == "totp" else "value"]))
        for each in listed
        for kind, value in each.items()
    )


def _opened(work: Work, row: ImportedFactor) -> str:
    sealer = work.sealer(ImportedFactor.value_sealed, user_id=row.user_id, number=row.number)
    return sealer.open(row.value_sealed)
