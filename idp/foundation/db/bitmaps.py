"""Sets of small numbers that are a row's bytes, asked for one of them alike on SQLite and Postgres."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, Integer, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

_DIGITS = "0123456789ABCDEF"


def bitmap(numbers: Iterable[int], size: int) -> bytes:
    """The bytes, ``size`` of them, in which just the bits of ``numbers`` are set; each is less than eight times
    ``size``.

    :raises IndexError: a number does not fit.
    """
    made = bytearray(size)
    for number in numbers:
        made[number >> 3] |= 1 << (number & 7)
    return bytes(made)


class bit_is_set(GenericFunction[Any]):  # noqa: N801 - SQL functions are written in lower case
    """Whether ``number`` is among those of the column; the database says an error where it is behind the end."""

    type = Boolean()
    inherit_cache = True
    name = "bit_is_set"

    def __init__(self, column: Any, number: int) -> None:
        # for Postgres the number of the bit; for SQLite the place of its byte, which digit of that, and the bit in it
        super().__init__(
            column,
            literal(number, Integer),
            literal((number >> 3) + 1, Integer),
            literal(1 if number & 4 else 2, Integer),
            literal(1 << (number & 3), Integer),
        )


@compiles(bit_is_set, "postgresql")
def _postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column, number, *_ = [compiler.process(clause, **options) for clause in list(element.clauses)[:2]]
    return f"(get_bit({column}, {number}) = 1)"


@compiles(bit_is_set, "sqlite")
def _sqlite(element: Any, compiler: Any, **options: Any) -> str:
    clauses = list(element.clauses)
    column, place, digit, bit = [compiler.process(clause, **options) for clause in (clauses[0], *clauses[2:])]
    value = f"instr('{_DIGITS}', substr(hex(substr({column}, {place}, 1)), {digit}, 1)) - 1"
    return f"((({value}) & {bit}) <> 0)"
