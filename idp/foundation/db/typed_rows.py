"""How a driver's row becomes a typed one. The only place that reads a row by position.

A row type is a frozen :class:`msgspec.Struct` whose fields are named like the statement's columns, in their order; that
is checked when the statement is made, hence when its module is imported. The declaration says how a value is read:

- ``bool`` takes the 0 and 1 of SQLite;
- ``Json[T]`` takes JSON text and gives a ``T``;
- a field whose type is a row type itself takes the columns that follow (such fields stand last);
- everything else is what the driver gives.

A statement with one column may name a plain type instead (``row=str``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

T = TypeVar("T")
Raw = tuple[Any, ...]
"""A row as the driver gives it."""
Convert = Callable[[Any], Any]

_JSON = object()
Json = Annotated[T, _JSON]
"""Marks a field whose column holds JSON text; the field is what the text says, checked to be a ``T``."""


class RowMismatch(TypeError):
    """A row type does not have the fields that its statement answers. A defect of the module that says so."""


def maker(row: Any, columns: Sequence[str]) -> Callable[[Raw], Any]:
    """What makes a ``row`` of the values of ``columns``.

    :raises RowMismatch: the names differ, or stand in another order.
    """
    if not _is_row_type(row):
        if len(columns) != 1:
            raise RowMismatch(f"a plain {row.__name__} is one column, not {list(columns)}")
        convert = _converter(row)
        return (lambda raw: raw[0]) if convert is None else (lambda raw: convert(raw[0]))
    make, end = _struct_maker(row, columns, 0)
    if end != len(columns):
        raise RowMismatch(f"{_name(row)} has no field for {list(columns[end:])}")
    return make


def _struct_maker(row: Any, columns: Sequence[str], start: int) -> tuple[Callable[[Raw], Any], int]:
    """The maker of a row type whose columns begin at ``start``, and where they end."""
    names: list[str] = []
    converters: list[tuple[int, Convert]] = []
    nested: list[Any] = []
    for field in msgspec.structs.fields(row):
        if _is_row_type(field.type):
            nested.append(field.type)
            continue
        if nested:
            raise RowMismatch(f"{_name(row)}.{field.name} stands behind a field that is a row itself")
        convert = _converter(field.type)
        if convert is not None:
            converters.append((len(names), convert))
        names.append(field.name)
    end = start + len(names)
    if names != list(columns[start:end]):
        raise RowMismatch(f"{_name(row)} has the fields {names}, its statement {list(columns[start:])}")
    build = get_origin(row) or row  # calling a generic's alias costs microseconds
    if not nested and not converters and len(columns) == len(names):
        return (lambda raw: build(*raw)), end
    behind = end
    parts: list[Callable[[Raw], Any]] = []
    for each in nested:
        part, behind = _struct_maker(each, columns, behind)
        parts.append(part)

    def make(raw: Raw) -> Any:
        values = list(raw[start:end])
        for index, convert in converters:
            values[index] = convert(values[index])
        return build(*values, *[part(raw) for part in parts])

    return make, behind


def _is_row_type(kind: Any) -> bool:
    found = get_origin(kind) or kind
    return isinstance(found, type) and issubclass(found, msgspec.Struct)


def _converter(kind: Any) -> Convert | None:
    """How a value of that declared type is read; None where it stays as it is."""
    if get_origin(kind) in (Union, UnionType):
        inner = [each for each in get_args(kind) if each is not NoneType]
        convert = _converter(inner[0]) if len(inner) == 1 else None
        return None if convert is None else (lambda value: None if value is None else convert(value))
    if kind is bool:
        return bool
    if get_origin(kind) is Annotated and _JSON in kind.__metadata__:
        return msgspec.json.Decoder(kind.__origin__).decode
    return None


def _name(row: Any) -> str:
    return str((get_origin(row) or row).__name__)
