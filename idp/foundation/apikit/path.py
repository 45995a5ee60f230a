"""Path templates and the router over them: one table decides what a path means (security.md W2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from idp.foundation.apikit.convert import description
from idp.foundation.kernel import formats
from idp.foundation.kernel.faults import PATH, fault

T = TypeVar("T")
_PARAMETER = re.compile(r"\{([a-z_]+)\}")
MAX_PARAMETER = 1024
MAX_DECODED = 4 * MAX_PARAMETER
"""Characters of a decoded path in which ids with slashes are looked for."""


def names(template: str) -> list[str]:
    """The parameter names in ``/users/{id}/logs``, in order."""
    return [match[1] for part in template.split("/") if (match := _PARAMETER.fullmatch(part))]


def check(params: Mapping[str, str], types: Mapping[str, Any]) -> None:
    """Refuse parameters that cannot be an id here: too long for any, or not of their type's format.

    :raises BadRequest: ``invalid_uri``, in the words of spec/management-api.md section 2.
    """
    for name, value in params.items():
        if "\x00" in value or len(value) > MAX_PARAMETER:
            raise fault(PATH, "Value is not an identifier", name)
        known = formats.of(types[name]) if name in types else None
        why = known.problem(value) if known is not None else None
        if why is not None:
            raise fault(PATH, why, name, description(types[name]))


@dataclass(frozen=True)
class Match(Generic[T]):
    """A route and the text of its parameters."""

    value: T
    params: dict[str, str] = field(default_factory=dict)


class Router(Generic[T]):
    """(method, template) -> value. Fixed segments win over parameters, from the left."""

    def __init__(self, routes: Iterable[tuple[str, str, T]] = ()) -> None:
        self._routes: dict[tuple[str, int], list[tuple[list[str], T]]] = {}
        for method, template, value in routes:
            self.add(method, template, value)

    def add(self, method: str, template: str, value: T) -> None:
        """Register a route.

        :raises ValueError: the same method and shape of path is there already.
        """
        parts = template.strip("/").split("/")
        routes = self._routes.setdefault((method, len(parts)), [])
        if any(_shape(parts) == _shape(known) for known, _ in routes):
            raise ValueError(f"{method} {template} is declared twice")
        routes.append((parts, value))
        routes.sort(key=lambda route: _shape(route[0]))

    def match(self, method: str, segments: list[str]) -> Match[T] | None:
        """The route for decoded path ``segments``, or None."""
        for parts, value in self._routes.get((method, len(segments)), ()):
            params = _bind(parts, segments)
            if params is not None:
                return Match(value, params)
        return None

    def match_decoded(self, method: str, path: str) -> Match[T] | None:
        """The route for a path that a server handed over decoded: ids may hold slashes, and nobody knows any more which
        of them were written ``%2F``. The plain reading wins, then the template with the most fixed segments.
        """
        segments = path.split("/")
        found = self.match(method, segments)
        if found is not None or len(path) > MAX_DECODED:
            return found
        for pattern, parts, value in self._spanning(method, len(segments)):
            ids = pattern.fullmatch(path)
            if ids is not None:
                return Match(value, dict(zip(names("/".join(parts)), ids.groups(), strict=True)))
        return None

    def _spanning(self, method: str, count: int) -> list[tuple[re.Pattern[str], list[str], T]]:
        """Templates with fewer segments, as patterns whose parameters take slashes; the most telling first."""
        shorter = [
            route
            for (verb, size), routes in self._routes.items()
            if verb == method and size < count
            for route in routes
        ]
        shorter.sort(key=lambda route: sum(_PARAMETER.match(part) is None for part in route[0]), reverse=True)
        return [(_pattern(tuple(parts)), parts, value) for parts, value in shorter]

    def methods(self, segments: list[str]) -> set[str]:
        """All methods this path answers to."""
        known = {method for method, count in self._routes if count == len(segments)}
        return {method for method in known if self.match(method, segments) is not None}


@cache
def _pattern(parts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("/".join("(.+?)" if _PARAMETER.match(part) else re.escape(part) for part in parts), re.DOTALL)


def _shape(parts: list[str]) -> list[tuple[int, str]]:
    """Sort key: fixed segments first; the same for templates that differ in parameter names only."""
    return [(1, "") if _PARAMETER.fullmatch(part) else (0, part) for part in parts]


def _bind(parts: list[str], segments: list[str]) -> dict[str, str] | None:
    params: dict[str, str] = {}
    for part, segment in zip(parts, segments, strict=True):
        parameter = _PARAMETER.fullmatch(part)
        if parameter and segment:
            params[parameter[1]] = segment
        elif part != segment:
            return None
    return params
