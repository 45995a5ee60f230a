"""Rewrites everything that is sealed under the newest master key, bound to its place (``idp keys reencrypt``).

The columns are those that the models declare as sealed (:data:`idp.foundation.db.base.SEALED`), so that none is
forgotten. What is done already is passed over, so a run that was stopped goes on where it stopped. A row that somebody
changes meanwhile is left to them: they seal with the newest key too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Select, Table, Text, and_, func, or_, select, tuple_, type_coerce, update
from sqlalchemy.orm import Session

from idp.foundation.db.base import TENANT_ID, place
from idp.foundation.db.schema import metadata
from idp.foundation.db.session import Database
from idp.foundation.kernel.document_encryption import MARK
from idp.foundation.kernel.secrets import SEALED, BoundSealer, Sealer, key_id_of

BATCH = 200
"""Rows of one transaction: on SQLite nobody else writes meanwhile."""


@dataclass
class Found:
    """The sealed values of one column of one row."""

    key: tuple[Any, ...]
    text: str
    values: list[str] = field(default_factory=list)
    changed: str | None = None
    """The whole text with every value rewritten; None where there was nothing to do, or a value does not open."""


def columns() -> dict[Table, list[Column[Any]]]:
    """Every column that holds sealed values, by table."""
    found = {
        table: [column for column in table.columns if column.info.get("sealed")] for table in metadata().sorted_tables
    }
    return {table: sealed for table, sealed in found.items() if sealed}


def rows(db: Database, sealer: Sealer) -> int:
    """How many rows there are to look at, for a progress bar."""
    with db.system_session() as session:
        return sum(
            session.scalar(select(func.count()).select_from(table).where(_waiting(column, sealer))) or 0
            for table, sealed in columns().items()
            for column in sealed
        )


def reseal(db: Database, sealer: Sealer, progress: Callable[[int], object] = lambda _rows: None) -> int:
    """Rewrite what is not sealed with the newest key; answers how many values were. ``progress`` hears of rows."""
    done = 0
    for table, sealed in columns().items():
        for column in sealed:
            for batch in _batches(db, sealer, table, column):
                with db.system_session() as session:
                    done += sum(_write(session, table, column, found) for found in batch)
                progress(len(batch))
    return done


def left(db: Database, sealer: Sealer) -> dict[str, int]:
    """How many values are not sealed with the newest key for their place, by the id of the key they are sealed with."""
    counts: Counter[str] = Counter()
    for table, sealed in columns().items():
        for column in sealed:
            for batch in _batches(db, sealer, table, column):
                counts.update(key_id_of(value) for found in batch for value in found.values)
    return dict(counts)


def unreadable(db: Database, sealer: Sealer) -> set[str]:
    """Ids of master keys that are not given, among the first sealed values of every column."""
    return in_use(db) - set(sealer.key_ids)


def in_use(db: Database) -> set[str]:
    """Ids of master keys that something is sealed with, among the first sealed values of every column."""
    ids = set()
    for table, sealed in columns().items():
        for column in sealed:
            with db.system_session() as session:
                sample = session.scalars(
                    select(type_coerce(column, Text)).select_from(table).where(_holds(column)).limit(BATCH)
                )
                ids |= {key_id_of(value) for text in sample for value in _values(text)}
    return ids


def _batches(db: Database, sealer: Sealer, table: Table, column: Column[Any]) -> Iterator[list[Found]]:
    """The rows with something to do, in the order of their keys; each batch is read when the one before is done."""
    last: tuple[Any, ...] | None = None
    while True:
        with db.system_session() as session:
            read = session.execute(_page(sealer, table, column, last)).all()
        batch = [_found(sealer, table, column, tuple(key), text) for text, *key in read]
        if not batch:
            return
        yield batch
        last = batch[-1].key


def _page(sealer: Sealer, table: Table, column: Column[Any], last: tuple[Any, ...] | None) -> Select[Any]:
    key = list(table.primary_key.columns)
    page = select(type_coerce(column, Text), *key).where(_waiting(column, sealer)).order_by(*key).limit(BATCH)
    return page if last is None else page.where(tuple_(*key) > tuple_(*last))


def _holds(column: Column[Any]) -> ColumnElement[bool]:
    """Whether there may be a sealed value in it."""
    text = type_coerce(column, Text)
    return or_(text.like("v1.%"), text.like("v2.%"), text.like(f'%"{MARK}"%'))


def _waiting(column: Column[Any], sealer: Sealer) -> ColumnElement[bool]:
    """Whether it may have to be rewritten: a document has to be read to know."""
    return and_(_holds(column), type_coerce(column, Text).not_like(f"v2.{sealer.newest}.%"))


def _found(sealer: Sealer, table: Table, column: Column[Any], key: tuple[Any, ...], text: str) -> Found:
    own = sealer.at(*_place(table, column, key))
    found = Found(key, text, [value for value in _values(text) if not own.is_current(value)])
    try:
        found.changed = _rewritten(text, own) if found.values else None
    except ValueError:  # of a key that is not given, or of another place: it stays, and is counted as left
        found.changed = None
    return found


def _place(table: Table, column: Column[Any], key: tuple[Any, ...]) -> tuple[str, ...]:
    named = dict(zip(table.primary_key.columns.keys(), key, strict=True))
    tenant = named.pop(TENANT_ID, None) or named["id"]  # the tenant's own row has no other key
    return place(column, tenant, named)


def _write(session: Session, table: Table, column: Column[Any], found: Found) -> int:
    if found.changed is None:
        return 0
    key = [each == value for each, value in zip(table.primary_key.columns, found.key, strict=True)]
    # compared and written as text: a document's own type would encode it once more
    unchanged = type_coerce(column, Text) == found.text
    statement = update(table).where(*key, unchanged).values({column: type_coerce(found.changed, Text)})
    return len(found.values) if session.execute(statement).rowcount else 0  # type: ignore[attr-defined]


def _values(text: str) -> list[str]:
    """The sealed values in a column's text. Inside a document only what stands as ``{"$sealed": ...}`` is one."""
    if SEALED.fullmatch(text):
        return [text]
    found: list[str] = []
    _walk(_document(text), found.append)
    return found


def _rewritten(text: str, own: BoundSealer) -> str:
    def again(value: str) -> str:
        return value if own.is_current(value) else own.seal(own.open(value))

    if SEALED.fullmatch(text):
        return again(text)
    return msgspec.json.encode(_walk(_document(text), again)).decode()


def _document(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _walk(value: Any, each: Callable[[str], Any]) -> Any:
    """The document with every sealed value replaced by what ``each`` answers."""
    if isinstance(value, dict):
        sealed = value.get(MARK) if len(value) == 1 else None
        if isinstance(sealed, str) and SEALED.fullmatch(sealed):
            return {MARK: each(sealed)}
        return {name: _walk(below, each) for name, below in value.items()}
    return [_walk(below, each) for below in value] if isinstance(value, list) else value
