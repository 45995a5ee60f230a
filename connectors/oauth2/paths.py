"""Where a value stands in a JSON document, as data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Path = str
"""``data.user.id``; ``emails[0].value`` is the entry of that number, ``emails[primary].email`` the first whose member
``primary`` is JSON true; a name with dots of its own is found where it stands whole. ``""`` is the document itself.
"""
_STEP = re.compile(r"([^.\[\]]+)|\[([^\]]*)\]")
_BRACES = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Text:
    """A text made of values: ``Text("https://cdn.example/{id}/{avatar}.png")``. Nothing where one is missing."""

    template: str


Source = Path | Text | tuple[Path | Text, ...]
"""A tuple: the first that says something."""


def look(document: Any, path: Path) -> Any:
    """What stands there, or None."""
    if not path:
        return document
    if isinstance(document, Mapping) and path in document:
        return document[path]
    found = document
    for name, index in _STEP.findall(path):
        found = _entry(found, index) if index else found.get(name) if isinstance(found, Mapping) else None
        if found is None:
            return None
    return found


def _entry(entries: Any, index: str) -> Any:
    if not isinstance(entries, list):
        return None
    if index.isdigit():
        return entries[int(index)] if int(index) < len(entries) else None
    return next((each for each in entries if isinstance(each, Mapping) and look(each, index) is True), None)


def place(document: dict[str, Any], path: Path, value: Any) -> None:
    """Have :func:`look` find the value there, unless something stands in the way already."""
    here: Any = document
    steps = _STEP.findall(path)
    for number, (name, index) in enumerate(steps):
        last = number == len(steps) - 1
        if index and last:
            here.append(value)
        elif index:
            here = _made(here, index)
        elif last:
            here.setdefault(name, value)
        else:
            here = here.setdefault(name, [] if steps[number + 1][1] else {})
        if not isinstance(here, dict | list):
            return


def _made(entries: list[Any], index: str) -> dict[str, Any]:
    """The entry of a list, which is there from now on."""
    found = _entry(entries, index)
    if not isinstance(found, dict):
        found = {}
        if not index.isdigit():
            place(found, index, value=True)
        entries.append(found)
    return found


def text(value: Any) -> str | None:
    """The value as a text: texts and whole numbers are some, nothing else is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def filled(template: str, look_up: Callable[[str], str | None]) -> str | None:
    """The template with every name in braces replaced; None where one of them says nothing."""
    values = {name: look_up(name) for name in _BRACES.findall(template)}
    if None in values.values():
        return None
    return _BRACES.sub(lambda match: str(values[match.group(1)]), template)


def missing(template: str, look_up: Callable[[str], str | None]) -> list[str]:
    """The names in braces that say nothing."""
    return [name for name in _BRACES.findall(template) if look_up(name) is None]


def pick(document: Any, source: Source) -> Any:
    """What the source says: numbers as texts, everything else as it stands; None where it says nothing."""
    for each in source if isinstance(source, tuple) else (source,):
        if isinstance(each, Text):
            found: Any = filled(each.template, lambda name: text(look(document, name)))
        else:
            found = look(document, each)
            found = text(found) if isinstance(found, str | int) and not isinstance(found, bool) else found
        if found not in (None, "", [], {}):
            return found
    return None
