"""Rows that people edit: each counts its versions, and what a transaction changes of one is noted, old and new.

The version keeps a second editor from overwriting the first: whoever says which version they saw
(:meth:`idp.foundation.db.session.UnitOfWork.expect`) is refused where the row was changed since, at the lock that every
change takes anyway (docs/decisions/0099, 0260). The notes become ``details.changes`` of the log entry of the write
(:mod:`idp.tenant.audit.writes`), whichever way it was asked for. Neither costs a statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Integer, inspect
from sqlalchemy.orm import Mapped, Session, mapped_column

from idp.foundation.db.base import TENANT_ID, place
from idp.foundation.kernel.redaction import HIDDEN, foreign, printable
from idp.foundation.kernel.secrets import SEALED, Sealer

NOTED, SEALER = "noted_changes", "sealer"
"""Where a session keeps what was noted, and what opens sealed values to compare them."""
MOST_NOTED = 100
"""Changes that are noted of one transaction: jobs that change thousands of rows write entries of their own."""
_DEEP = 3
"""Levels of a document that are compared member by member."""
_BETWEEN = ". "
"""What stands in the path of a member, and between an object and it. Where names hold it (addresses of claims), a path
would not say which member it is: what holds them is told as one.
"""
_MARK = "$sealed"
_NEVER = frozenset({TENANT_ID, "version", "created_at", "updated_at"})


class Editable:
    """A row that people edit. ``version`` grows with each change of it.

    ``edited_as`` is the word of the Management API for objects of its kind. Members of the columns in ``flat`` are the
    object's own; those of other documents stand below the column's name. ``unnoted`` columns are nobody's to edit.
    """

    edited_as: ClassVar[str]
    flat: ClassVar[frozenset[str]] = frozenset()
    unnoted: ClassVar[frozenset[str]] = frozenset()
    named: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What the API calls a column, where that is something else."""

    version: Mapped[int] = mapped_column(Integer, server_default="1", sort_order=200)


@dataclass(frozen=True)
class Change:
    """A field of an object that was changed; without a ``field`` the object was made or deleted. Of secrets is said
    that they were there, and nothing more.
    """

    kind: str
    key: str
    field: str = ""
    old: Any = None
    new: Any = None


def count_and_note(session: Session) -> None:
    """Before a flush: the version of every row that changes grows, and its changes are noted."""
    for row in session.new:
        if isinstance(row, Editable):
            row.version = row.version or 1
            note(session, Change(row.edited_as, key_of(row)))
    for row in session.deleted:
        if isinstance(row, Editable):
            note(session, Change(row.edited_as, key_of(row)))
    for row in session.dirty:
        if isinstance(row, Editable) and session.is_modified(row):
            changes = list(_changes(session, row))
            if changes:
                row.version += 1
            for change in changes:
                note(session, change)


def note(session: Session, change: Change) -> None:
    """Keep it for the log entry of this write."""
    noted: list[Change] = session.info.setdefault(NOTED, [])
    if len(noted) < MOST_NOTED:
        noted.append(change)


def taken(session: Session) -> list[Change]:
    """What was noted since this was asked last."""
    found: list[Change] = session.info.pop(NOTED, [])
    return found


def key_of(row: Any) -> str:
    """The row's own key without the tenant; parts are joined by a slash."""
    state = inspect(row)
    names = [column.key for column in state.mapper.primary_key if column.key != TENANT_ID]
    return "/".join(str(getattr(row, name)) for name in names)


def _changes(session: Session, row: Editable) -> Iterator[Change]:
    kind, key, state = row.edited_as, key_of(row), inspect(row)
    for column in state.mapper.columns:
        attribute = state.mapper.get_property_by_column(column).key
        if attribute in _NEVER or attribute in row.unnoted or attribute.endswith("_folded"):
            continue
        history = state.attrs[attribute].history
        if not history.has_changes():
            continue
        old = history.deleted[0] if history.deleted else None
        new = history.added[0] if history.added else None
        opener = _Opener(session, row, column) if column.info.get("sealed") else None
        name = "" if attribute in row.flat else dict(row.named).get(attribute, attribute)
        for field, before, after in _fields(name, old, new, opener, _DEEP):
            yield Change(kind, key, field, before, after)


class _Opener:
    """Opens the sealed values of one column of one row, to compare them: nobody is shown any."""

    def __init__(self, session: Session, row: Any, column: Any) -> None:
        sealer: Sealer | None = session.info.get(SEALER)
        own = {each.key: getattr(row, each.key) for each in inspect(row).mapper.primary_key if each.key != TENANT_ID}
        tenant = getattr(row, TENANT_ID, None) or getattr(row, "id", "")
        key = own if hasattr(row, TENANT_ID) else {"id": str(tenant)}
        self._bound = None if sealer is None else sealer.at(*place(column, str(tenant), key))

    def open(self, text: str) -> str:
        """In clear; as it stands where no key opens it."""
        try:
            return text if self._bound is None else self._bound.open(text)
        except ValueError:
            return text


def _fields(name: str, old: Any, new: Any, opener: _Opener | None, deep: int) -> Iterator[tuple[str, Any, Any]]:
    """(field, old, new) of what differs, as it may be shown."""
    documents = isinstance(old, dict | None) and isinstance(new, dict | None) and (old or new) and deep
    if documents and _MARK not in (old or {}) and _MARK not in (new or {}):
        before, after = old or {}, new or {}
        names = sorted({*before, *after})
        if not name or not any(between in each for each in names for between in _BETWEEN):
            for each in names:
                below = f"{name}.{each}" if name else each
                yield from _fields(below, before.get(each), after.get(each), opener, deep - 1)
            return
    if _comparable(old, opener) != _comparable(new, opener):
        yield name, _shown(name, old, opener), _shown(name, new, opener)


def _comparable(value: Any, opener: _Opener | None) -> Any:
    if opener is None:
        return value
    if isinstance(value, str) and SEALED.fullmatch(value):
        return opener.open(value)
    if isinstance(value, dict):
        return {name: _comparable(each, opener) for name, each in value.items()}
    return [_comparable(each, opener) for each in value] if isinstance(value, list) else value


def _shown(name: str, value: Any, opener: _Opener | None) -> Any:
    """In a column with sealed values whatever is secret or undeclared is sealed; in others the words of names
    decide.
    """
    return foreign(name.rpartition(".")[2], value) if opener is None else _without_sealed(value)


def _without_sealed(value: Any) -> Any:
    if isinstance(value, dict):
        return HIDDEN if _MARK in value else {name: _without_sealed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_sealed(each) for each in value]
    return HIDDEN if isinstance(value, str) and SEALED.fullmatch(value) else printable(value)
