"""Query pairs to a :class:`~idp.foundation.apikit.schema.Query`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

import msgspec

from idp.foundation.apikit.convert import convert
from idp.foundation.kernel.faults import QUERY, fault

T = TypeVar("T", bound=msgspec.Struct)


def collect(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Values by name, in order.

    :raises BadRequest: ``invalid_query_string`` for NUL, which no store takes.
    """
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\x00" in value:
            raise fault(QUERY, "A value contains NUL", name if name.isprintable() else "")
        values.setdefault(name, []).append(value)
    return values


def parse(values: dict[str, list[str]], type_: type[T]) -> T:
    """The declared parameters, typed. A list may be repeated or comma-separated; anything else stands once.

    :raises BadRequest: ``invalid_query_string``.
    """
    lists = _list_names(type_)
    known: dict[str, Any] = {}
    for name in type_.__struct_encode_fields__:
        given = values.get(name)
        if given is None:
            continue
        if name in lists:
            known[name] = [part for value in given for part in value.split(",") if part]
        else:
            known[name] = single(name, given)
    return convert(known, type_, QUERY, strict=False)


def single(name: str, given: list[str]) -> str:
    """The only value.

    :raises BadRequest: the parameter was repeated.
    """
    if len(given) > 1:
        raise fault(QUERY, "Expected a single value", name)
    return given[0]


def flag(name: str, given: list[str]) -> bool:
    """The only value, as a boolean.

    :raises BadRequest: the parameter was repeated, or is none.
    """
    try:
        return msgspec.convert(single(name, given), bool, strict=False)
    except msgspec.ValidationError as error:
        raise fault(QUERY, "Expected type boolean but found type string", name) from error


@cache
def _list_names(type_: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(f.encode_name for f in msgspec.structs.fields(type_) if _holds_list(f.type))


def _holds_list(hint: Any) -> bool:
    info = msgspec.inspect.type_info(hint)
    options = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    return any(isinstance(option, msgspec.inspect.ListType) for option in options)
