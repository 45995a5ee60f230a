"""Secrets inside JSON documents at rest (security.md SEC1): each is replaced by its sealed text, ``{"$sealed":
"v2..."}``.

The declared type of the document decides which members are secrets (:mod:`.secret`). Members that no type declares are
sealed too, whole: a secret that nobody thought of is not readable in the database. Flags, null and empty values hold
none. Documents that an earlier version sealed, by the names of members and at any depth, still open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from idp.foundation.kernel.secret import Shape, shape_of
from idp.foundation.kernel.secrets import SEALED, BoundSealer

MARK = "$sealed"


def seal(document: Any, type_: Any, sealer: BoundSealer) -> Any:
    """``document``, whose secrets ``type_`` declares, as it is stored."""
    return _walk(document, shape_of(type_), lambda value: {MARK: sealer.seal(msgspec.json.encode(value).decode())})


def opened(document: Any, type_: Any, sealer: BoundSealer) -> Any:
    """``document`` as it was given.

    :raises ValueError: no master key opens a value.
    """
    return _walk(document, shape_of(type_), lambda value: _open(value, sealer))


def without_secrets(document: Any, type_: Any) -> Any:
    """``document``, stored or opened, for those who may not read secrets: the members are left out."""
    return _without(document, shape_of(type_))


def secrets_of(document: Any, type_: Any) -> dict[str, Any]:
    """What is secret or undeclared in an opened ``document``, by its place (``addons.wams.masterkey``)."""
    return dict(_secrets(document, shape_of(type_), ""))


def holds_nothing(value: object) -> bool:
    """Flags, null and empty values are no secrets, whatever they are called."""
    return isinstance(value, bool) or value is None or value in ("", [], {})


def _open(value: Any, sealer: BoundSealer) -> Any:
    if isinstance(value, dict):
        text = value.get(MARK) if len(value) == 1 else None
        if isinstance(text, str) and SEALED.fullmatch(text):
            return msgspec.json.decode(sealer.open(text))
        return {name: _open(each, sealer) for name, each in value.items()}
    return [_open(each, sealer) for each in value] if isinstance(value, list) else value


def _walk(value: Any, shape: Shape, change: Callable[[Any], Any]) -> Any:
    """``value`` with ``change`` made to what is secret or undeclared in it."""
    if holds_nothing(value) or (shape.harmless and not _marked(value)):
        return value
    if isinstance(value, dict) and shape.members and MARK not in value:
        return {
            name: each if _own(name, shape) else _walk(each, shape.of_member(name, value), change)
            for name, each in value.items()
        }
    if isinstance(value, list) and shape.items is not None:
        return [_walk(each, shape.items, change) for each in value]
    return change(value)


def _without(value: Any, shape: Shape) -> Any:
    if isinstance(value, dict) and shape.members:
        known = {name: (each, shape.of_member(name, value)) for name, each in value.items()}
        return {
            name: _without(each, below)
            for name, (each, below) in known.items()
            if _own(name, shape) or not _hidden(each, below)
        }
    if isinstance(value, list) and shape.items is not None:
        return [_without(each, shape.items) for each in value if not _hidden(each, shape.items)]
    return value


def _secrets(value: Any, shape: Shape, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and shape.members:
        for name, each in value.items():
            if not _own(name, shape):
                yield from _secrets(each, shape.of_member(name, value), f"{place}.{name}" if place else name)
    elif isinstance(value, list) and shape.items is not None:
        for index, each in enumerate(value):
            yield from _secrets(each, shape.items, f"{place}[{index}]")
    elif _hidden(value, shape):
        yield place, value


def _marked(value: Any) -> bool:
    """Whether something in it stands, or passes itself off, as sealed: an earlier version sealed by name what is
    declared harmless now, and what callers send so is sealed whole, hence never opened for them.
    """
    if isinstance(value, dict):
        return MARK in value or any(_marked(each) for each in value.values())
    return isinstance(value, list) and any(_marked(each) for each in value)


def _own(name: str, shape: Shape) -> bool:
    """Whether a stored member is the product's own: callers could not send it."""
    return shape.closed and name not in shape.members


def _hidden(value: Any, shape: Shape) -> bool:
    if holds_nothing(value) or (shape.harmless and not _marked(value)):
        return False
    open_to_walk = (isinstance(value, dict) and shape.members and MARK not in value) or (
        isinstance(value, list) and shape.items is not None
    )
    return not open_to_walk
