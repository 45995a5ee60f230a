"""``Secret``: the type of a member that holds a secret. Declaring it decides everything else (decision 0070):

* at rest it is sealed (:mod:`.document_encryption`),
* log entries and answers to callers without the right leave it out (:func:`shape_of` tells them where it stands),
* OpenAPI says ``format: password`` and ``writeOnly``, and a form drawn from that hides what is typed.

What a document declares to hold no secret is :data:`Harmless`; what nobody declared is treated as a secret wherever
documents are sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, inspect

_EXTRA = "secret"
SECRET = Meta(extra={_EXTRA: True}, extra_json_schema={"format": "password", "writeOnly": True})
Secret = Annotated[str, SECRET]
"""A text that callers send and nobody is told again. Limits are added around it: ``Annotated[Secret, Meta(...)]``."""
ReadableSecret = Annotated[str, Meta(extra={_EXTRA: True}, extra_json_schema={"format": "password"})]
"""A secret that an answer does tell, to callers who may read it."""
SECRET_DOCUMENT = Meta(extra={_EXTRA: True}, extra_json_schema={"writeOnly": True})
SecretDocument = Annotated[dict[str, Any], SECRET_DOCUMENT]
"""An object that is secret as a whole."""
HARMLESS = Meta(extra={_EXTRA: False})
Harmless = Annotated[Any, HARMLESS]
"""Whatever stands there is no secret."""
HarmlessDocument = Annotated[dict[str, Any], HARMLESS]
"""An object in which nothing is secret, though its members are not declared one by one."""


Choose = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Shape:
    """Where secrets stand in a document.

    ``secret`` is the whole value, ``harmless`` is none of it. Otherwise ``members`` are the declared members of an
    object and ``items`` is each value of a list; whatever is left is foreign: nobody declared it. ``closed`` objects
    take no other members: a foreign one was refused when it was sent, and is the product's own when it is stored. In
    all others it is a secret. ``choose`` answers, from the object that holds the value, the type that declares it.
    Where ``takes_text`` is False a text is one of a few words, or was refused.
    """

    secret: bool = False
    harmless: bool = False
    members: Mapping[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    closed: bool = False
    takes_text: bool = True
    choose: Choose | None = None

    def of_member(self, name: str, holder: Mapping[str, Any]) -> Shape:
        """Where secrets stand in the member ``name`` of ``holder``."""
        found = self.members.get(name)
        if found is None:
            return FOREIGN if self.closed else _SECRET
        if found.choose is None:
            return found
        type_ = found.choose(holder)
        return shape_of(type_) if type_ is not None else _SECRET


FOREIGN = Shape(closed=True)
_SECRET, _HARMLESS, _NO_TEXT = Shape(secret=True), Shape(harmless=True), Shape(harmless=True, takes_text=False)


@cache
def shape_of(type_: Any) -> Shape:
    """Where secrets stand in a value of that type."""
    return _shape(inspect.type_info(type_))


def protected(declared: type[msgspec.Struct] | Choose) -> Meta:
    """What to annotate an object with whose members another type declares, or the type that ``declared`` answers from
    the object around it. It is not validated by that type; what the type does not declare is a secret.
    """
    return Meta(extra={_EXTRA: declared})


def _shape(info: inspect.Type) -> Shape:
    match info:
        case inspect.Metadata(type=inner, extra=extra):
            return _declared((extra or {}).get(_EXTRA), inner) or _shape(inner)
        case inspect.UnionType(types=types):
            return _any_of([_shape(each) for each in types if not isinstance(each, inspect.NoneType)])
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item) | inspect.SetType(item_type=item):
            return Shape(items=_shape(item))
        case inspect.StructType(cls=cls):
            return _struct(cls)
        case inspect.DictType() | inspect.AnyType():
            return FOREIGN
        case _:
            return _HARMLESS if isinstance(info, inspect.StrType) else _NO_TEXT


def _declared(mark: Any, inner: inspect.Type) -> Shape | None:
    if mark is None:
        return None
    if mark is False:
        return _HARMLESS if isinstance(inner, inspect.AnyType | inspect.StrType) else _NO_TEXT
    if mark is True:
        return _SECRET
    return shape_of(mark) if isinstance(mark, type) else Shape(choose=mark)


@cache
def _struct(cls: type[msgspec.Struct]) -> Shape:
    info = inspect.type_info(cls)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{cls} is no struct")
    members = {each.encode_name: _shape(each.type) for each in info.fields}
    return Shape(members=members, closed=info.forbid_unknown_fields)


def _any_of(options: list[Shape]) -> Shape:
    """One shape for a value that has one of several: a secret in any of them is one."""
    if len(options) == 1:
        return options[0]
    if any(each.secret for each in options):
        return _SECRET
    structured = [each for each in options if not each.harmless]
    if not structured:
        return Shape(harmless=True, takes_text=any(each.takes_text for each in options))
    items = [each.items for each in structured if each.items is not None]
    return Shape(
        members={name: shape for each in structured for name, shape in each.members.items()},
        items=_any_of(items) if items else None,
        closed=all(each.closed for each in structured),
    )
