"""Values for whatever a body declares: such as fit its type, and such as people, tools and attackers send instead."""

from __future__ import annotations

import random  # noqa: TID251 - the same values in every run
from collections.abc import Iterator
from typing import Any

from msgspec import inspect

WILD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**40,
    1.5,
    "",
    "x",
    "bogus",
    "a\nb",
    "\u202eevil",
    "é" * 50,
    [],
    {},
    [None],
    ["x", 1],
    [{}],
    [{"id": None}],
    {"": None},
    {"a": {"b": [1, None, "c"]}},
    {"client": None},
    {"user": {"policy": 5}},
    {"credentials": "x"},
    {"private_key_jwt": {"credentials": "x"}},
    {"username": {"min": "x", "max": -1}},
    {"required": "yes"},
    {"$sealed": "v1.00000000.AAAA"},
    {"active": None},
    {"enable": 1, "size": 10**6, "dictionary": [None]},
)
TEXTS: tuple[str, ...] = (
    "x",
    "Name",
    "https://a.example/cb",
    "https://a.example",
    "jane@example.com",
    "+49301234567",
    "2030-01-01T00:00:00.000Z",
    "en",
    "20300101",
    "authorization_code",
    "a-name",
    "con_0123456789ABCDEF",
    "",
    "x" * 300,
    "{{ 7 * 7 }}",
    "%s%n",
    "/",
    "\u202ex",
)


def values(info: inspect.Type, chance: random.Random, depth: int = 0) -> Iterator[Any]:
    """Some values for that type: fitting ones, and wild ones wherever something is open."""
    match info:
        case inspect.Metadata(type=inner):
            yield from values(inner, chance, depth)
        case inspect.UnionType(types=types):
            for option in types:
                if not isinstance(option, inspect.CustomType):
                    yield from values(option, chance, depth)
        case inspect.LiteralType(values=words):
            yield from chance.sample(list(words), min(3, len(words)))
        case inspect.BoolType():
            yield from (True, False)
        case inspect.IntType() | inspect.FloatType():
            ends = [getattr(info, name) for name in ("ge", "le", "gt", "lt") if getattr(info, name) is not None]
            yield from (*ends, 1, 20)
        case inspect.StrType():
            yield from chance.sample(TEXTS, 6)
        case inspect.ListType(item_type=item):
            some = list(values(item, chance, depth + 1))
            yield []
            yield from ([each] for each in chance.sample(some, min(6, len(some))))
            yield [*some[:2], *some[:1]]
        case inspect.DictType(value_type=item):
            yield {}
            yield from ({"a": each} for each in values(item, chance, depth + 1))
            yield from chance.sample([each for each in WILD if isinstance(each, dict)], 4)
        case inspect.StructType(fields=fields):
            required = {each.encode_name: _one(each.type, chance, depth) for each in fields if each.required}
            yield dict(required)
            for each in fields:
                for value in values(each.type, chance, depth + 1) if depth < 4 else ():
                    yield {**required, each.encode_name: value}
        case inspect.NoneType():
            yield None
        case _:
            yield from chance.sample(WILD, 6)


def _one(info: inspect.Type, chance: random.Random, depth: int) -> Any:
    """A value for a member that must be there: mostly one that fits."""
    some = list(values(info, chance, depth + 1))
    return chance.choice(some) if some else None
