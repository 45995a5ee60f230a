"""What people type, made harmless before it stands in a filter (RFC 4515) or a name (RFC 4514), and filters of
administrators read before they are stored.
"""

from __future__ import annotations

import re

_IN_FILTERS = {character: f"\\{ord(character):02x}" for character in "\\*()\0"}
_IN_NAMES = frozenset(',+"\\<>;=#')
_ATTRIBUTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.;_-]*(:dn)?(:[0-9A-Za-z.-]+)?:?\Z|(:dn)?:[0-9A-Za-z.-]+:\Z")
_VALUE = re.compile(r"(?:[^\\()\0]|\\[0-9A-Fa-f]{2})*\Z")
_MOST_DEPTH = 20


def in_filter(value: str) -> str:
    """``value`` as an assertion value of a filter (RFC 4515 section 3)."""
    return "".join(_IN_FILTERS.get(character, character) for character in value)


def octets(value: bytes) -> str:
    """Bytes as an assertion value of a filter, such as those of an ``objectGUID``."""
    return "".join(f"\\{byte:02x}" for byte in value)


def in_name(value: str) -> str:
    """``value`` as the value of an attribute in a distinguished name (RFC 4514 section 2.4)."""
    escaped = "".join("\\00" if c == "\0" else f"\\{c}" if c in _IN_NAMES else c for c in value)
    if value.startswith(" "):
        escaped = f"\\{escaped}"
    if value.endswith(" ") and len(value) > 1:
        escaped = f"{escaped[:-1]}\\ "
    return escaped


def filter_problem(text: str) -> str | None:
    """What is wrong with a filter, or None for one of RFC 4515."""
    try:
        end = _filter(text, 0, 0)
    except ValueError as error:
        return str(error)
    return None if end == len(text) else f"something follows the filter at character {end + 1}"


def _filter(text: str, at: int, depth: int) -> int:
    """Where the filter that begins at ``at`` ends. Raises ValueError."""
    if depth > _MOST_DEPTH:
        raise ValueError("it is nested too deeply")
    if text[at : at + 1] != "(":
        raise ValueError(f"a parenthesis is missing at character {at + 1}")
    at += 1
    kind = text[at : at + 1]
    if kind and kind in "&|!":
        at, count = at + 1, 0
        while text[at : at + 1] == "(":
            at, count = _filter(text, at, depth + 1), count + 1
        if count == 0 or (kind == "!" and count > 1):
            raise ValueError(f"`{kind}` has the wrong number of parts at character {at + 1}")
    else:
        at = _item(text, at)
    if text[at : at + 1] != ")":
        raise ValueError(f"a parenthesis is not closed at character {at + 1}")
    return at + 1


def _item(text: str, at: int) -> int:
    end = text.find(")", at)
    if end < 0:
        raise ValueError(f"a parenthesis is not closed at character {at + 1}")
    name, equals, value = text[at:end].partition("=")
    if not equals or not _ATTRIBUTE.match(name.rstrip("~<>")) or not _VALUE.match(value):
        raise ValueError(f"no comparison of an attribute with a value at character {at + 1}")
    return end
