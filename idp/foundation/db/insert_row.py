"""Insertions of a single row by a hot statement, with a value for each column under the column's own name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Insert, bindparam, insert
from sqlalchemy.orm import InstrumentedAttribute

from idp.foundation.db.base import Base


def insert_row(model: type[Base], *, without: Sequence[InstrumentedAttribute[Any]] = ()) -> Insert:
    """``INSERT`` of every column but those ``without``, which are NULL until somebody fills them in.

    Values have the names of the columns: ``work.hot.run(statement, tenant_id=…, id=…, created_at=…)``.
    """
    later = {each.key for each in without}
    return insert(model).values(
        {column: bindparam(column.key) for column in model.__table__.columns if column.key not in later}
    )
