"""What CLDR says about a language, as far as pages ask: which way it runs, its own name for itself, its plural forms.

It stands in ``cldr.json``. Babel reads all that is known of a language to answer one of these questions and keeps it,
3 to 6 MiB a language and process (decision 0263). ``tests/web/test_cldr.py`` compares the file with Babel and says how
it is written anew.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from babel.plural import PluralRule

FILE: Final = Path(__file__).with_name("cldr.json")


class Language(msgspec.Struct, frozen=True, array_like=True):
    """One language. ``plural`` is the place of its rules in :class:`Known`."""

    right_to_left: bool
    autonym: str
    plural: int


class Known(msgspec.Struct, frozen=True):
    """The file. A rule of ``plurals`` is CLDR's own text by category; what fits none is ``other``."""

    plurals: list[dict[str, str]]
    languages: dict[str, Language]


@cache
def known() -> Known:
    """All languages by their subtag."""
    return msgspec.json.decode(FILE.read_bytes(), type=Known)


@lru_cache(maxsize=64)
def plural_rule(language: str) -> PluralRule | None:
    """From a whole number to its category; None for a language that CLDR doesn't know."""
    from babel.plural import PluralRule

    found = known().languages.get(language)
    return PluralRule(known().plurals[found.plural]) if found else None
