"""JSON from outside, read so that everybody reads the same: no member twice, nothing that no store can keep.

RFC 8259 4 leaves it open which of two members of one name counts; where one program looks at the first and another at
the last, what was checked is not what is done (security.md W6, X1).
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MAX_DEPTH = 64
_MIN_INTEGER, _MAX_INTEGER = -(2**63), 2**63 - 1


class InvalidJson(ValueError):
    """The text is no JSON, or JSON that is not taken. The message is public and repeats nothing of the text."""


def decode(raw: bytes | str) -> Any:
    """``raw`` as plain data.

    :raises InvalidJson: broken UTF-8 or JSON, more than 64 levels, a member named twice, NaN, infinity, integers beyond
        64 bits, NUL and lone surrogates.
    """
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_constant)
    except InvalidJson:
        raise
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise InvalidJson("Body is not valid JSON") from error
    check(data)
    return data


def is_json(raw: bytes) -> bool:
    """Whether it is JSON at all, taken or not."""
    try:
        json.loads(raw.decode("utf-8"), parse_constant=_constant)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def check(value: Any, depth: int = 1) -> None:
    """Refuse what cannot be stored faithfully, anywhere in the tree.

    :raises InvalidJson: see :func:`decode`.
    """
    if depth > MAX_DEPTH:
        raise _too_deep()
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check(item, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise InvalidJson("A number is out of range")
    elif isinstance(value, int) and not _MIN_INTEGER <= value <= _MAX_INTEGER:
        raise InvalidJson("An integer is out of range")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidJson("An object names a member twice")
    return members


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


def _too_deep() -> InvalidJson:
    return InvalidJson(f"Body is nested deeper than {MAX_DEPTH} levels")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise InvalidJson("A string contains NUL")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidJson("A string contains a lone surrogate")
