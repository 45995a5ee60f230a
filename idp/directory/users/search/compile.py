"""From the tree to SQL conditions on ``users``: columns come from one table, values are bound (security.md Y2, Y4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, exists, false, func, not_, or_
from sqlalchemy.types import Text

from idp.directory.users.attributes import ATTRIBUTES, Search
from idp.directory.users.models import Identity, User
from idp.directory.users.search.parse import bad
from idp.directory.users.search.periods import period
from idp.directory.users.search.tree import And, Exact, Exists, Node, Not, Or, Range, Term, Test, Wildcard
from idp.foundation.db.json_text import json_matches
from idp.foundation.kernel.errors import BadRequest

Condition = ColumnElement[bool]
_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(frozen=True)
class Column:
    """A searchable column and how it compares: ``text``, ``folded`` (case-insensitive), ``number``, ``flag`` or
    ``date``.
    """

    of: Any
    kind: str


USERS: Mapping[str, Column] = {
    row.name: Column(row.column, row.search.value)
    for row in ATTRIBUTES
    if row.search is not None and row.search is not Search.DOCUMENT
}
IDENTITIES: Mapping[str, Column] = {
    "provider": Column(Identity.provider, "text"),
    "connection": Column(Identity.connection, "text"),
    "user_id": Column(Identity.identity_user_id, "text"),
    "isSocial": Column(Identity.is_social, "flag"),
}
DOCUMENTS = {row.name: row.column for row in ATTRIBUTES if row.search is Search.DOCUMENT}
BARE = tuple(row.name for row in ATTRIBUTES if row.bare)
"""Where a bare word is looked for."""
SORTABLE = frozenset(USERS)


def condition(node: Node) -> Condition:
    """The SQL condition of a query; a field nobody knows matches nothing.

    :raises BadRequest: an operator that does not fit its field.
    """
    match node:
        case And(nodes):
            return and_(*(condition(child) for child in nodes))
        case Or(nodes):
            return or_(*(condition(child) for child in nodes))
        case Not(child):
            return not_(func.coalesce(condition(child), false()))
        case Term(None, test):
            return or_(*(_test(USERS[name], test) for name in BARE))
        case Term(name, test):
            return _field(str(name), test)


def ordering(sort: str) -> list[Any]:
    """The columns of ``field:1`` or ``field:-1``, ties broken by user id.

    :raises BadRequest: another field, another direction.
    """
    name, _, direction = sort.partition(":")
    if name not in SORTABLE or direction not in {"1", "-1"}:
        raise BadRequest(
            "Query validation error: 'Sort must be field:1 or field:-1' on property sort.", "invalid_query_string"
        )
    column = USERS[name].of
    return [column.asc() if direction == "1" else column.desc(), User.user_id.asc()]


def _field(name: str, test: Test) -> Condition:
    head, _, rest = name.partition(".")
    if name in USERS:
        return _test(USERS[name], test)
    if name == "email.domain":
        return _domain(test)
    if head == "identities":
        return _identity(rest, test)
    if head in DOCUMENTS and rest:
        return _document(DOCUMENTS[head], rest.split("."), test)
    return false()


def _test(column: Column, test: Test) -> Condition:
    match test:
        case Exists():
            return and_(column.of.is_not(None), column.of > 0) if column.kind == "number" else column.of.is_not(None)
        case Exact(text, _):
            return _EQUAL[column.kind](column.of, text)
        case Wildcard(parts):
            return _like(column, "%".join(part.translate(_LIKE) for part in parts))
        case Range():
            return _between(column, test)


def _like(column: Column, pattern: str) -> Condition:
    if column.kind == "folded":
        return func.lower(column.of).like(pattern.lower(), escape="\\")
    if column.kind == "text":
        return _exact_like(column.of, pattern)
    raise bad("wildcards work on text only")


def _exact_like(column: Any, pattern: str) -> Condition:
    """LIKE that minds case, also on SQLite, whose own does not: the fixed beginning is compared as it is."""
    fixed = pattern.split("%", maxsplit=1)[0].replace("\\%", "%").replace("\\_", "_").replace("\\\\", "\\")
    return and_(column.like(pattern, escape="\\"), func.substr(column, 1, len(fixed)) == fixed)


def _folded(column: Any, text: str) -> Condition:
    return func.lower(column) == text.lower()


def _text(column: Any, text: str) -> Condition:
    return column == text  # type: ignore[no-any-return]


def _flag(column: Any, text: str) -> Condition:
    if text not in {"true", "false"}:
        return false()
    return column.is_(text == "true")  # type: ignore[no-any-return]


def _number(column: Any, text: str) -> Condition:
    value = _as_number(text)
    return false() if value is None else column == value


def _date(column: Any, text: str) -> Condition:
    found = period(text)
    if found is None:
        return false()
    begin, end = found
    return and_(column >= begin, column < end)


_EQUAL: Mapping[str, Callable[[Any, str], Condition]] = {
    "folded": _folded,
    "text": _text,
    "flag": _flag,
    "number": _number,
    "date": _date,
}


def _between(column: Column, test: Range) -> Condition:
    if column.kind == "flag":
        raise bad("ranges do not work on booleans")
    low, high = _bounds(column.kind, test)
    of = func.lower(column.of) if column.kind == "folded" else column.of
    conditions: list[Condition] = [of.is_not(None)]
    if low is not None:
        conditions.append(of >= low[0] if low[1] else of > low[0])
    if high is not None:
        conditions.append(of <= high[0] if high[1] else of < high[0])
    return and_(*conditions)


def _bounds(kind: str, test: Range) -> tuple[tuple[Any, bool] | None, tuple[Any, bool] | None]:
    """(value, inclusive) of both ends. A bare day as upper end covers the day."""
    if kind == "date":
        low = None if test.low is None else _period(test.low)
        high = None if test.high is None else _period(test.high)
        return (
            None if low is None else (low[0] if test.low_inclusive else low[1], True),
            None if high is None else (high[1] if test.high_inclusive else high[0], False),
        )
    ends = [None if text is None else _bound(kind, text) for text in (test.low, test.high)]
    return (
        None if ends[0] is None else (ends[0], test.low_inclusive),
        None if ends[1] is None else (ends[1], test.high_inclusive),
    )


def _period(text: str) -> tuple[int, int]:
    found = period(text)
    if found is None:
        raise bad(f"'{text[:40]}' is no date")
    return found


def _bound(kind: str, text: str) -> Any:
    if kind == "number":
        value = _as_number(text)
        if value is None:
            raise bad(f"'{text[:40]}' is no number")
        return value
    return text.lower() if kind == "folded" else text


def _as_number(text: str) -> int | float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not abs(value) < 2**63:
        return None
    return int(value) if value.is_integer() else value


def _domain(test: Test) -> Condition:
    match test:
        case Exists():
            return User.email.is_not(None)
        case Exact(text, _):
            return func.lower(User.email).like("%@" + text.lower().translate(_LIKE), escape="\\")
        case Wildcard(parts):
            return func.lower(User.email).like(
                "%@" + "%".join(part.lower().translate(_LIKE) for part in parts), escape="\\"
            )
        case Range():
            raise bad("ranges do not work on email.domain")


def _identity(name: str, test: Test) -> Condition:
    of_user = and_(Identity.tenant_id == User.tenant_id, Identity.user_id == User.user_id)
    head, _, rest = name.partition(".")
    if head == "profileData" and rest:
        return exists().where(of_user, _document(Identity.profile_data, rest.split("."), test)).correlate(User)
    column = IDENTITIES.get(name)
    return false() if column is None else exists().where(of_user, _test(column, test)).correlate(User)


def _document(column: Any, path: list[str], test: Test) -> Condition:
    """A scalar inside a JSON document; arrays on the way are looked through."""
    document = cast(column, Text)
    match test:
        case Exists():
            return json_matches(document, path, "exists", None)
        case Exact(text, True):
            return json_matches(document, path, "equal", text)
        case Exact("true" | "false" as text, False):
            return json_matches(document, path, "equal", text == "true")
        case Exact(text, False):
            number = _as_number(text)
            same = json_matches(document, path, "equal", text)
            return same if number is None else or_(same, json_matches(document, path, "equal", number))
        case _:
            raise bad("wildcards and ranges do not work on metadata")
