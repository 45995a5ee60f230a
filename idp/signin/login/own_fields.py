"""Fields of a tenant's own pieces of a page (partials): what of them is taken, and what becomes of it.

Only fields that the stored pieces declare are taken, so that nobody brings along what nobody asked for. Some are
attributes by their name, a box for terms becomes ``user_metadata.consent`` (spec/privacy.md, "Consent"), the rest are
texts in ``user_metadata``. What a field says it requires is required here, too, whatever the browser checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

from idp.foundation.kernel import clock
from idp.foundation.tenancy import appearance
from idp.foundation.tenancy.work import Work
from idp.signin.login.screen import Declaration, Problem

PREFIX: Final = "ulp-"
NAMES: Final = {"given_name": 150, "family_name": 150, "name": 300, "nickname": 300}
"""Fields that are attributes, and how long they may be."""
TERMS: Final = frozenset({"terms", "terms-of-service", "terms_of_service"})
"""Boxes by which somebody accepts terms."""
MOST, LONGEST, LONGEST_TEXT = 10, 500, 1_000
"""Fields that are kept, characters of each, and of the words that somebody accepted."""


@dataclass(frozen=True)
class OwnField:
    """A field of a piece; ``words`` are those of the piece that it stands in."""

    name: str
    required: bool
    box: bool
    words: str


@dataclass(frozen=True)
class Taken:
    """Attributes of a new account that came in own fields, or what is wrong with them."""

    attributes: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def taken(work: Work, page: Declaration[Any], sent: Mapping[str, str]) -> Taken:
    """What the fields of the page's pieces say."""
    attributes: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    wrong: dict[str, None] = {}
    for each in declared(work, page.prompt, page.screen):
        value, name = sent.get(each.name, ""), each.name.removeprefix(PREFIX)
        attribute = name.replace("-", "_")
        if not value:
            if each.required:
                wrong["terms" if name in TERMS else "own-field"] = None
        elif name in TERMS:
            moment = clock.iso(clock.now_ms())
            metadata["consent"] = {"given": True, "date": moment, "text_details": each.words[:LONGEST_TEXT]}
        elif len(value) > NAMES.get(attribute, LONGEST) or not _fits(value):
            wrong["own-field"] = None
        elif attribute in NAMES:
            attributes[attribute] = value
        elif len(metadata) < MOST:
            metadata[name] = value
    if wrong:
        return Taken(problems=tuple(Problem(f"signup.signup.{each}") for each in wrong))
    return Taken({**attributes, **({"user_metadata": metadata} if metadata else {})})


def terms(work: Work, prompt: str, screen: str) -> str | None:
    """The words of the terms that the pieces of a page have everybody accept; None where they ask for none."""
    found = (each for each in declared(work, prompt, screen) if each.required)
    return next((each.words[:LONGEST_TEXT] for each in found if each.name.removeprefix(PREFIX) in TERMS), None)


def declared(work: Work, prompt: str, screen: str) -> tuple[OwnField, ...]:
    """The fields that the tenant's pieces of a page have; read once for each version of the configuration."""

    def load() -> tuple[OwnField, ...]:
        pieces = appearance.look(work).partials.get(prompt, {}).get(screen, {})
        return tuple(each for piece in pieces.values() for each in _fields(piece))

    return work.config.remember("own fields", f"{prompt}/{screen}", load)


def _fields(piece: str) -> Iterable[OwnField]:
    reader = _Fields()
    reader.feed(piece)
    reader.close()
    words = " ".join("".join(reader.words).split())
    return [OwnField(name, required, box, words) for name, required, box in reader.found]


def _fits(value: str) -> bool:
    return "\0" not in value and all(char.isprintable() or char in "\n\r\t" for char in value)


class _Fields(HTMLParser):
    """Collects fields and words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, bool, bool]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A field."""
        of = dict(attrs)
        name = of.get("name") or ""
        if tag in {"input", "select", "textarea"} and name.startswith(PREFIX):
            self.found.append((name, "required" in of, (of.get("type") or "").lower() == "checkbox"))

    def handle_data(self, data: str) -> None:
        """Words."""
        self.words.append(data)
