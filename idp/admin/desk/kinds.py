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

ROWS = "rows"
"""A map: a row for each name, with what its value consists of (:mod:`idp.admin.desk.rows`)."""
REMOVE = "remove"
"""A box that takes away what nobody can clear: an object with secrets in it."""

LONG = 10_000
"""Characters of a text that has room for several lines: certificates, documents, templates."""


@dataclass(frozen=True)
class Part:
    """What stands beside the name in a row: a member of the value, or the value itself where it has no ``name``.
    ``kind`` is text, lines (a text, or a list of some), any (a text, or JSON), choice, number, switch or secret.
    ``null`` takes the name away where it is the value: objects that are merged say so.
    """

    name: str
    kind: str
    choices: Sequence[str] = ()
    null: bool = False


@dataclass(frozen=True)
class Kind:
    """``name`` is that of the control; ``choices`` are the values it takes where they are few. ``lines``: a secret of
    several lines, which a field of one would join. ``parts`` are what the rows of a map have beside their names.
    """

    name: str
    choices: Sequence[str] = ()
    required: bool = False
    lines: bool = False
    parts: Sequence[Part] = ()

    @property
    def hides(self) -> bool:
        """Whether no page shows what is stored."""
        return self.name == SECRET or any(each.kind == SECRET for each in self.parts)


@cache
def kind_of(body: Any, path: str) -> Kind:
    """The control for the member at ``path`` of a body type. Raises LookupError where the type has none."""
    found = _at(body, path)
    return Kind("json") if found is None else _kind(found.type, required=found.required)


@cache
def leaves(body: Any, path: str) -> tuple[str, ...]:
    """The members that have controls, of the one at ``path``: itself, or those that it consists of, at any depth, where
    it is an object of declared ones. Raises LookupError where the type has none.
    """
    found = _at(body, path)
    struct = _bare(found.type) if found is not None else None
    if found is None or not isinstance(struct, inspect.StructType) or _says(found.type, "secret"):
        return (path,)
    return tuple(leaf for each in struct.fields for leaf in leaves(body, f"{path}.{each.encode_name}"))


@cache
def _described(body: Any) -> inspect.Type:
    """What msgspec says of a body type: milliseconds for one of a hundred members, and the palette asks for all."""
    return inspect.type_info(body)


@dataclass(frozen=True)
class _Member:
    """A member of a body: its type, and whether it is required."""

    type: inspect.Type
    required: bool


def _at(body: Any, path: str) -> _Member | None:
    """The one at a path; None where the way leads through something undeclared."""
    info, required = _described(body), True
    for name in path.split("."):
        struct = _bare(info)
        if not isinstance(struct, inspect.StructType):
            return None
        field = next((each for each in struct.fields if each.encode_name == name), None)
        if field is None:
            raise LookupError(f"{body.__name__} has no {path}")
        info, required = _shaped(field.type) or field.type, required and field.required
    return _Member(info, required)


_SIMPLE: Mapping[type[inspect.Type], str] = {
    inspect.BoolType: "switch",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.StrType: "text",
}


def _kind(info: inspect.Type, *, required: bool) -> Kind:
    if _says(info, "secret"):
        return Kind(FILE if _says(info, "file") else SECRET, required=required, lines=_says(info, "multiline"))
    return _told(info, required=required)


def _told(info: inspect.Type, *, required: bool) -> Kind:
    """The control of what is shown."""
    match _bare(info):
        case inspect.StrType(max_length=most) if _says(info, "multiline") or (most or 0) >= LONG:
            return Kind("area", required=required)
        case inspect.LiteralType(values=values):
            return Kind("choice", tuple(map(str, values)), required)
        case inspect.ListType(item_type=item):
            return _list(_bare(item), required=required)
        case inspect.UnionType(types=types) if _words(types):
            return Kind("text", required=required)
        case inspect.DictType(value_type=value):
            parts = _parts(value)
            return Kind(ROWS if parts else "json", required=required, parts=parts)
        case bare:
            return Kind(_SIMPLE.get(type(bare), "json"), required=required)


def _parts(value: inspect.Type) -> Sequence[Part]:
    """What a row has for a value of that type; nothing where a row has no room for it."""
    match _bare(value):
        case inspect.StructType(fields=fields):
            kinds = [(each.encode_name, _kind(each.type, required=False)) for each in fields]
            parts = [Part(name, kind.name, kind.choices) for name, kind in kinds if kind.name in _IN_ROWS]
            return parts if len(parts) == len(kinds) else ()
        case inspect.AnyType():
            return (Part("", "any"),)
        case inspect.UnionType(types=types) if _words(types):
            return (Part("", "lines"),)
        case _:
            kind, null = _kind(value, required=False), isinstance(value, inspect.UnionType)
            return (Part("", kind.name, kind.choices, null),) if kind.name in {*_IN_ROWS, SECRET} else ()


_IN_ROWS = frozenset({"text", "choice", "number", "switch"})
"""Of a value, or of its members; a value may be a secret, too."""


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


def _shaped(info: inspect.Type) -> inspect.Type | None:
    """The type that a form is made for instead (``Meta(extra={"shape": ...})``), where the declared one is looser."""
    match info:
        case inspect.Metadata(type=inner, extra=extra):
            shape = (extra or {}).get("shape")
            return inspect.type_info(shape) if shape is not None else _shaped(inner)
        case inspect.UnionType(types=types):
            return next((found for each in types if (found := _shaped(each)) is not None), None)
        case _:
            return None
