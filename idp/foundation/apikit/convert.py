"""Plain data to the declared types and back, and Auth0's words for what does not fit."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UnsetType

from idp.foundation.kernel import formats
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.faults import Place, fault

T = TypeVar("T")


def convert(data: object, type_: type[T], place: Place, *, strict: bool = True, development: bool = False) -> T:
    """``data`` as a ``type_``, every text in it of its format (:mod:`idp.foundation.kernel.formats`).

    ``development`` accepts what is fine on the machine of somebody who develops.

    :raises BadRequest: 400 that names the property and what is wrong with it.
    """
    try:
        value = msgspec.convert(data, type_, strict=strict)
    except msgspec.ValidationError as error:
        raise _translate(str(error), type_, place) from error
    misfit = formats.misfit(value, type_, development=development)
    if misfit is not None:
        raise fault(place, misfit.why, misfit.where, _description_of(type_, misfit.where))
    return value


def given(value: T | UnsetType, otherwise: T) -> T:
    """``value``, or ``otherwise`` where the request did not carry it."""
    return otherwise if isinstance(value, UnsetType) else value


def changes(body: msgspec.Struct) -> dict[str, Any]:
    """Only the members the request carried, by their JSON names, as plain data; what a PATCH works on."""
    plain: dict[str, Any] = msgspec.to_builtins(body)
    return plain


_TYPE_WORDS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "object": "object"}
_AT = re.compile(r"^(?P<text>.*?)(?: - at (?:`key` in )?`(?P<path>[^`]*)`)?\Z", re.DOTALL)
"""A name of a map is told as ``key`` in the map."""


def _types(text: str) -> str:
    """``str | null`` as ``string,null``."""
    return ",".join(_TYPE_WORDS.get(word.strip(), word.strip()) for word in text.split("|"))


_WORDING: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"Object missing required field `(.+)`"), lambda m: f"Missing required property: {m[1]}"),
    (re.compile(r"Object contains unknown field `(.+)`"), lambda m: f"Additional properties not allowed: {m[1]}"),
    (re.compile(r"Invalid enum value '?(.*?)'?\Z"), lambda m: f"No enum match for: {m[1][:80]}"),
    (re.compile(r"Expected `str` of length >= (\d+)"), lambda m: f"String is too short, minimum {m[1]}"),
    (re.compile(r"Expected `str` of length <= (\d+)"), lambda m: f"String is too long, maximum {m[1]}"),
    (re.compile(r"Expected `array` of length >= (\d+)"), lambda m: f"Array is too short, minimum {m[1]}"),
    (re.compile(r"Expected `array` of length <= (\d+)"), lambda m: f"Array is too long, maximum {m[1]}"),
    (re.compile(r"Expected `(?:int|float)` >= (\S+)"), lambda m: f"Value is less than minimum {m[1]}"),
    (re.compile(r"Expected `(?:int|float)` <= (\S+)"), lambda m: f"Value is greater than maximum {m[1]}"),
    (re.compile(r"Expected `(?:int|float)` > (\S+)"), lambda m: f"Value is not greater than {m[1]}"),
    (re.compile(r"Expected `(?:int|float)` < (\S+)"), lambda m: f"Value is not less than {m[1]}"),
    (
        re.compile(r"Expected `str` matching regex ('.*'|\".*\")", re.DOTALL),  # as Python writes a text
        lambda m: f"String does not match pattern: {formats.shown(literal_eval(m[1]))}",
    ),
    (
        re.compile(r"Expected `(.+)`, got `(.+)`"),
        lambda m: f"Expected type {_types(m[1])} but found type {_types(m[2])}",
    ),
)


def _translate(message: str, type_: type[Any], place: Place) -> BadRequest:
    """One of msgspec's messages in Auth0's words."""
    match = _AT.match(message)
    text, path = (match["text"], match["path"] or "") if match else (message, "")
    where = path.removeprefix("$").removeprefix(".")
    why = next((word(found) for pattern, word in _WORDING if (found := pattern.match(text))), text)
    return fault(place, why.replace("`", ""), where, _description_of(type_, where))


def _description_of(type_: object, where: str) -> str:
    """What the property at the head of ``where`` is for, in the words of its ``Meta(description=...)``."""
    if not (isinstance(type_, type) and issubclass(type_, msgspec.Struct)):
        return ""
    names = dict(zip(type_.__struct_encode_fields__, type_.__struct_fields__, strict=True))
    name = names.get(re.split(r"[.\[]", where)[0])
    return description(get_type_hints(type_, include_extras=True)[name]) if name else ""


def description(hint: object) -> str:
    """What a declared type says of itself."""
    if get_origin(hint) is Annotated:
        texts = [meta.description for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta)]
        return next((text for text in texts if text), "")
    return next((text for arg in get_args(hint) if (text := description(arg))), "")
