"""Declarative base and column types.

Times are whole milliseconds since the epoch (:func:`idp.foundation.kernel.clock.now_ms`) in every column whose name
ends in ``_at``. JSON documents are text in both databases: hot paths decode them with msgspec, and SQLite and Postgres
behave alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, MetaData, String, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, MappedColumn, declared_attr, mapped_column

TENANT_ID = "tenant_id"
CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Root of every model."""

    metadata = MetaData(naming_convention=CONVENTION)


class TenantScoped:
    """A row that belongs to one tenant; an ORM session only ever sees its own tenant's
    (:mod:`idp.foundation.db.session`).

    ``session.get(Model, (tenant_id, *own key))``. In the database the key begins with its own columns and ends with the
    tenant, and secondary indexes do likewise: a plan made while a table was new must never walk a whole tenant
    (docs/decisions/0010).
    """

    tenant_id: Mapped[str] = mapped_column(String(64), primary_key=True, sort_order=100)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """The identity's order: tenant first."""
        keys = [
            name
            for name, made in vars(cls).items()
            if name != "tenant_id" and isinstance(made, MappedColumn) and made.column.primary_key
        ]
        return {"primary_key": ["tenant_id", *keys]}


SEALED: dict[Any, Any] = {"sealed": True}
"""``info`` of a column that holds sealed values, as its whole text or inside a JSON document: ``mapped_column(Text,
info=SEALED)``. Nothing is sealed for any other column, and what walks all sealed values finds them by it (decision
0109).
"""


def place(column: InstrumentedAttribute[Any] | Column[Any], tenant_id: str, key: Mapping[str, str]) -> tuple[str, ...]:
    """Where a sealed value stands: tenant, table, column, and the row's own key (without the tenant) in the order of
    the table.

    :raises TypeError: the column is not declared to hold sealed values, or ``key`` is not the key of its table.
    """
    found = column if isinstance(column, Column) else column.expression
    if not isinstance(found, Column) or not found.info.get("sealed"):
        raise TypeError(f"{column} is not declared as sealed (info=SEALED)")
    own = [name for name in found.table.primary_key.columns.keys() if name != TENANT_ID]  # noqa: SIM118
    if own != [name for name in own if name in key] or len(key) != len(own):
        raise TypeError(f"the key of {found.table.description} is {', '.join(own)}")
    return tenant_id, str(found.table.name), str(found.name), *(key[name] for name in own)


class JSONText(TypeDecorator[Any]):
    """A JSON document in a text column. Values are replaced whole, never mutated in place."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Encode on the way in."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Decode on the way out."""
        return None if value is None else msgspec.json.decode(value)


FoldedText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that was folded (:func:`idp.foundation.kernel.folding.fold`): both databases compare it by its code points."""
Millis = BigInteger
"""Milliseconds since the epoch."""
