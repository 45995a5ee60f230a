"""Stored documents: a PATCH on one, and reading one that is older than its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec


def merged(stored: Mapping[str, Any], changes: Mapping[str, Any], *, deep: Iterable[str] = ()) -> dict[str, Any]:
    """``stored`` with ``changes`` on top: members are replaced whole, null removes one; the objects named in ``deep``
    merge member by member, as deep as they go.
    """
    inside, result = frozenset(deep), dict(stored)
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        elif name in inside and isinstance(value, dict):
            result[name] = _patched(result.get(name), value)
        else:
            result[name] = value
    return result


def fitting(document: Mapping[str, Any], type_: type[msgspec.Struct]) -> dict[str, Any]:
    """``document`` without the declared members that are not what ``type_`` says: those that an earlier version stored
    before they were typed count as absent, instead of breaking whatever reads them. Members that nobody declared stay.
    """
    try:
        msgspec.convert(document, type_)
    except msgspec.ValidationError:
        types = {each.encode_name: each.type for each in msgspec.structs.fields(type_)}
        return {name: value for name, value in document.items() if name not in types or _fits(value, types[name])}
    return dict(document)


def _fits(value: object, type_: Any) -> bool:
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError:
        return False
    return True


def _patched(stored: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 7396: objects merge, everything else replaces, null removes."""
    result = dict(stored) if isinstance(stored, Mapping) else {}
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _patched(result.get(name), value) if isinstance(value, dict) else value
    return result
