"""PATCH on a stored document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def merged(stored: Mapping[str, Any], changes: Mapping[str, Any], *, deep: Iterable[str] = ()) -> dict[str, Any]:
    """``stored`` with ``changes`` on top: members are replaced whole, null removes one; those named in ``deep`` merge
    per key.
    """
    result = dict(stored)
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        elif name in deep and isinstance(value, dict):
            result[name] = merged(result.get(name) or {}, value)
        else:
            result[name] = value
    return result
