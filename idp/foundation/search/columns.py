"""From the tree to SQL conditions on columns; values are bound (security.md Y2, Y4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import BigInteger, ColumnElement, and_, false, func, literal, not_, or_

from idp.foundation.db.code_points import begins_with
from idp.foundation.kernel.folding import fold
from idp.foundation.search.parse import bad
from idp.foundation.search.periods import period
from idp.foundation.search.tree import And, Exact, Exists, Node, Not, Or, Range, Term, Test, Wildcard

Condition = ColumnElement[bool]
_LIKE = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


@dataclass(frozen=True)
class Column:
    """A searchable column and how it compares: ``text``, ``folded`` (it holds what
    :func:`~idp.foundation.kernel.folding.fold` makes of the text), ``phrase`` (text of several words, any of which
    will do), ``number``, ``flag`` or ``date``. ``ordered``: it compares by code points, so that a beginning is a
    stretch of its index.
    """

    of: Any
    kind: str
    ordered: bool = False


class Fields(Protocol):
    """What may be asked for in one list."""

    def field(self, name: str, test: Test) -> Condition:
        """The condition that the field ``name`` passes ``test``.

        :raises BadRequest: the test does not fit the field.
        """

    def anywhere(self, test: Test) -> Condition:
        """The condition of a word that names no field."""

    def only(self, name: str, text: str) -> str | None:
        """What the field is then and nothing else, where it has one value at most; None where it may have several."""


def condition(node: Node, fields: Fields) -> Condition:
    """The SQL condition of a query.

    :raises BadRequest: an operator that does not fit its field.
    """
    match node:
        case And(nodes):
            conditions = [condition(child, fields) for child in nodes]
            return false() if _contradict(nodes, fields) else and_(*conditions)
        case Or(nodes):
            return or_(*(condition(child, fields) for child in nodes))
        case Not(child):
            return not_(func.coalesce(condition(child, fields), false()))
        case Term(None, test):
            return fields.anywhere(test)
        case Term(name, test):
            return fields.field(str(name), test)


def _contradict(nodes: Sequence[Node], fields: Fields) -> bool:
    """Whether they rule each other out by what they say: no database sees that in conditions on documents, and both
    sides may be large.
    """
    asked, refused, values = set(), set(), dict[str, str]()
    for node in _flat(nodes):
        if isinstance(node, Not):
            refused.add(node.node)
            continue
        asked.add(node)
        if isinstance(node, Term) and node.field is not None and isinstance(node.test, Exact):
            value = fields.only(node.field, node.test.text)
            if value is not None and values.setdefault(node.field, value) != value:
                return True
    return not asked.isdisjoint(refused)


def _flat(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield from _flat(node.nodes) if isinstance(node, And) else (node,)


def only(column: Column | None, text: str) -> str | None:
    """:meth:`Fields.only` of a column."""
    if column is None or column.kind not in {"text", "folded", "flag"}:
        return None
    return fold(text) if column.kind == "folded" else text


def test_of(column: Column, test: Test) -> Condition:
    """The condition that a column passes a test.

    :raises BadRequest: wildcards or ranges on something that has none.
    """
    match test:
        case Exists():
            return and_(column.of.is_not(None), column.of > 0) if column.kind == "number" else column.of.is_not(None)
        case Exact(text, _):
            return _EQUAL[column.kind](column.of, text)
        case Wildcard(parts):
            return _wildcard(column, parts)
        case Range():
            return _between(column, test)


def pattern(parts: Sequence[str]) -> str:
    """Literal ``parts`` with anything between them, as LIKE has it; a backslash escapes."""
    return "%".join(part.translate(_LIKE) for part in parts)


def like(column: Any, parts: tuple[str, ...]) -> Condition:
    """Literal ``parts`` with anything between them. LIKE that minds case, also on SQLite, whose own does not: the
    fixed beginning is compared as it is.
    """
    found: Condition = column.like(pattern(parts), escape="\\")
    return and_(found, func.substr(column, 1, len(parts[0])) == parts[0]) if parts[0] else found


def _wildcard(column: Column, parts: tuple[str, ...]) -> Condition:
    if column.ordered:
        return _ordered(column, parts)
    match column.kind:
        case "folded":
            return column.of.like("%".join(fold(part).translate(_LIKE) for part in parts), escape="\\")  # type: ignore[no-any-return]
        case "text":
            return like(column.of, parts)
        case "phrase":
            return like(column.of, ("", *parts, ""))
        case _:
            raise bad("wildcards work on text only")


def _ordered(column: Column, parts: tuple[str, ...]) -> Condition:
    """The fixed beginning by the order of the column, what comes behind it by its pattern."""
    begin, *rest = [fold(part) for part in parts] if column.kind == "folded" else parts
    conditions = [begins_with(column.of, begin)] if begin else []
    if any(rest):
        conditions.append(like(column.of, (begin, *rest)))
    return and_(*conditions)


def _folded(column: Any, text: str) -> Condition:
    return column == fold(text)  # type: ignore[no-any-return]


def _text(column: Any, text: str) -> Condition:
    return column == text  # type: ignore[no-any-return]


def _phrase(column: Any, text: str) -> Condition:
    return like(column, ("", text, ""))


def _flag(column: Any, text: str) -> Condition:
    if text not in {"true", "false"}:
        return false()
    return column == (text == "true")  # type: ignore[no-any-return]


def _number(column: Any, text: str) -> Condition:
    value = as_number(text)
    return false() if value is None else column == _bound_number(value)


def _date(column: Any, text: str) -> Condition:
    found = period(text)
    if found is None:
        return false()
    begin, end = found
    return and_(column >= begin, column < end)


_EQUAL: Mapping[str, Callable[[Any, str], Condition]] = {
    "folded": _folded,
    "text": _text,
    "phrase": _phrase,
    "flag": _flag,
    "number": _number,
    "date": _date,
}


def _between(column: Column, test: Range) -> Condition:
    if column.kind == "flag":
        raise bad("ranges do not work on booleans")
    low, high = _bounds(column.kind, test)
    conditions: list[Condition] = [column.of.is_not(None)]
    if low is not None:
        conditions.append(column.of >= low[0] if low[1] else column.of > low[0])
    if high is not None:
        conditions.append(column.of <= high[0] if high[1] else column.of < high[0])
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
        value = as_number(text)
        if value is None:
            raise bad(f"'{text[:40]}' is no number")
        return _bound_number(value)
    return fold(text) if kind == "folded" else text


def _bound_number(value: float) -> Any:
    """As a parameter that may be larger than anything its column holds."""
    return literal(value, BigInteger()) if isinstance(value, int) else value


def as_number(text: str) -> int | float | None:
    """The number that a word of a query is; None where it is none, or larger than any that is stored."""
    try:
        value = float(text)
    except ValueError:
        return None
    if not abs(value) < 2**63:
        return None
    return int(value) if value.is_integer() else value
