"""Which control a member of a body gets: its declared type says (:mod:`idp.foundation.apikit.schema`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec import inspect

SECRET = "secret"  # noqa: S105 - the name of a kind of control
FILE = "file"
"""A secret that is a file, in base64: no input of a form, but a form of its own (:mod:`idp.admin.connection_files`)."""

LONG = 10_000
"""Characters of a text that has room for several lines: certificates, documents, templates."""


@dataclass(frozen=True)
class Kind:
    """``name`` is that of the control; ``choices`` are the values it takes where they are few. ``lines``: a secret of
    several lines, which a field of one would join.
    """

    name: str
    choices: Sequence[str] = ()
    required: bool = False
    lines: bool = False


@cache
def kind_of(body: Any, path: str) -> Kind:
    """The control for the member at ``path`` of a body type. Raises LookupError where the type has none."""
    info, required = inspect.type_info(body), True
    for name in path.split("."):
        struct = _bare(info)
        if not isinstance(struct, inspect.StructType):
            return Kind("json" if name else "text")
        field = next((each for each in struct.fields if each.encode_name == name), None)
        if field is None:
            raise LookupError(f"{body.__name__} has no {path}")
        info, required = field.type, required and field.required
    return _kind(info, required=required)


_SIMPLE: Mapping[type[inspect.Type], str] = {
    inspect.BoolType: "switch",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.StrType: "text",
}


def _kind(info: inspect.Type, *, required: bool) -> Kind:
    if _says(info, "secret"):
        return Kind(FILE if _says(info, "file") else SECRET, required=required, lines=_says(info, "multiline"))
    match _bare(info):
        case inspect.StrType(max_length=int() as most) if most >= LONG:
            return Kind("area", required=required)
        case inspect.LiteralType(values=values):
            return Kind("choice", tuple(map(str, values)), required)
        case inspect.ListType(item_type=item):
            return _list(_bare(item), required=required)
        case inspect.UnionType(types=types) if _words(types):
            return Kind("text", required=required)
        case bare:
            return Kind(_SIMPLE.get(type(bare), "json"), required=required)


def _list(item: inspect.Type, *, required: bool) -> Kind:
    if isinstance(item, inspect.LiteralType):
        return Kind("choices", tuple(map(str, item.values)))
    return Kind("lines" if isinstance(item, inspect.StrType) else "json", required=required)


def _words(types: Sequence[inspect.Type]) -> bool:
    """Whether it is one text of words, or a list of them: scopes."""
    bare = [_bare(each) for each in types if not isinstance(each, inspect.NoneType)]
    lists = [
        each
        for each in bare
        if isinstance(each, inspect.ListType) and isinstance(_bare(each.item_type), inspect.StrType)
    ]
    return len(bare) == 2 and len(lists) == 1 and any(isinstance(each, inspect.StrType) for each in bare)


def _bare(info: inspect.Type) -> inspect.Type:
    """Without limits, and without "or nothing"."""
    while True:
        if isinstance(info, inspect.Metadata):
            info = info.type
        elif isinstance(info, inspect.UnionType):
            options = [each for each in info.types if not isinstance(each, inspect.NoneType)]
            if len(options) != 1:
                return info
            info = options[0]
        else:
            return info


def _says(info: inspect.Type, mark: str) -> bool:
    """Whether a type is marked so (``Meta(extra=...)``)."""
    match info:
        case inspect.Metadata(type=inner, extra=extra):
            return bool((extra or {}).get(mark) is True) or _says(inner, mark)
        case inspect.UnionType(types=types):
            return any(_says(each, mark) for each in types)
        case _:
            return False
