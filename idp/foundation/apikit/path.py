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
_PARAMETER = re.compile(r"\{(?P<name>[a-z_]+)\}")
MAX_PARAMETER = 1024
MAX_DECODED = 4 * MAX_PARAMETER
"""Characters of a decoded path in which ids with slashes are looked for."""


def names(template: str) -> list[str]:
    """The parameter names in ``/users/{id}/logs``, in order."""
    return [match["name"] for part in template.split("/") if (match := _PARAMETER.fullmatch(part))]


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


@dataclass(frozen=True)
class _Route(Generic[T]):
    """A template, taken apart: which segments are fixed, and which are parameters, by their places."""

    parts: list[str]
    value: T
    fixed: tuple[tuple[int, str], ...]
    named: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, parts: list[str], value: T) -> _Route[T]:
        parameters = [_PARAMETER.fullmatch(part) for part in parts]
        named = tuple((at, match["name"]) for at, match in enumerate(parameters) if match)
        fixed = tuple((at, part) for at, part in enumerate(parts) if parameters[at] is None)
        return cls(parts, value, fixed, named)

    def bind(self, segments: list[str]) -> dict[str, str] | None:
        """The parameters where ``segments``, as many as the template has, are of it; None where they are not."""
        for at, text in self.fixed:
            if segments[at] != text:
                return None
        params = {name: segments[at] for at, name in self.named}
        return params if all(params.values()) else None


class Router(Generic[T]):
    """(method, template) -> value. Fixed segments win over parameters, from the left."""

    def __init__(self, routes: Iterable[tuple[str, str, T]] = ()) -> None:
        self._routes: dict[tuple[str, int], list[_Route[T]]] = {}
        self._beginning: dict[tuple[str, int, str], list[_Route[T]]] = {}
        """The same routes by their first segment, where it is fixed; those whose first one is a parameter, by ""."""
        for method, template, value in routes:
            self.add(method, template, value)

    def add(self, method: str, template: str, value: T) -> None:
        """Register a route.

        :raises ValueError: the same method and shape of path is there already.
        """
        parts = template.strip("/").split("/")
        routes = self._routes.setdefault((method, len(parts)), [])
        if any(_shape(parts) == _shape(known.parts) for known in routes):
            raise ValueError(f"{method} {template} is declared twice")
        route = _Route.of(parts, value)
        first = "" if _PARAMETER.fullmatch(parts[0]) else parts[0]
        for these in (routes, self._beginning.setdefault((method, len(parts), first), [])):
            these.append(route)
            these.sort(key=lambda each: _shape(each.parts))

    def match(self, method: str, segments: list[str]) -> Match[T] | None:
        """The route for decoded path ``segments``, or None."""
        for first in (segments[0], ""):
            for route in self._beginning.get((method, len(segments), first), ()):
                params = route.bind(segments)
                if params is not None:
                    return Match(route.value, params)
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
        shorter.sort(key=lambda route: len(route.fixed), reverse=True)
        return [(_pattern(tuple(route.parts)), route.parts, route.value) for route in shorter]

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
