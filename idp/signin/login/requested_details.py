"""What an application asks for in detail (RFC 9396), in words that a person reads: a heading and facts for each object,
the words of the API where it has some, else what its members are called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts, shown

_WORDS: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])|[^\x00-\x7f]+")
KNOWN: Final = frozenset({"actions", "datatypes", "identifier", "privileges"})
"""Members that RFC 9396 2.2 describes, which have words in every language."""
LEFT_OUT: Final = frozenset({"type", "locations"})
"""The type is the heading, and the location the API itself."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A member in words, and its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class RequestedDetail:
    """One object of ``authorization_details``."""

    title: str
    facts: Sequence[Fact]


def in_words(
    work: Work, texts: Texts, audience: str | None, details: Sequence[Mapping[str, Any]]
) -> list[RequestedDetail]:
    """Each object, in its order. Nothing that was asked for is left out, whatever its members are called."""
    api = resource_servers.find(work, audience) if audience else None
    offered = {each.get("type"): each for each in (api.data.authorization_details if api else ())}
    return [_detail(texts, each, offered.get(each["type"]) or {}) for each in details]


def _detail(texts: Texts, detail: Mapping[str, Any], offered: Mapping[str, Any]) -> RequestedDetail:
    said, labels = offered.get("description"), offered.get("labels")
    words = labels if isinstance(labels, dict) else {}
    title = said if isinstance(said, str) and said else humanized(str(detail["type"]))
    facts = [
        fact
        for name, value in detail.items()
        if name not in LEFT_OUT
        for fact in _facts(_label(texts, name, words), value, words)
    ]
    return RequestedDetail(shown(title), facts)


def _label(texts: Texts, name: str, words: Mapping[str, Any]) -> str:
    own = words.get(name)
    if isinstance(own, str) and own:
        return own
    return texts.t(f"consent.consent.detail-{name}") if name in KNOWN else humanized(name)


def _facts(label: str, value: Any, words: Mapping[str, Any]) -> Iterator[Fact]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            own = words.get(name)
            part = own if isinstance(own, str) and own else humanized(name)
            yield from _facts(f"{label} – {part}", inner, words)
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for number, each in enumerate(value, 1):
            yield from _facts(f"{label} {number}", each, words)
    elif isinstance(value, list) and value:
        yield Fact(shown(label), shown(", ".join(map(_text, value))))
    else:
        yield Fact(shown(label), shown(_text(value)))


def humanized(name: str) -> str:
    """``instructedAmount`` and ``instructed_amount`` as words: Instructed amount."""
    last = re.split(r"[:/]", name.rstrip(":/"))[-1] or name
    words = [word if word.isupper() else word.lower() for word in _WORDS.findall(last)] or [name]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "–" if value is None or value in ({}, []) else str(value)
