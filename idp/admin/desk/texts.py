"""The dashboard's words: catalogues of its own, a file for each part of it in every language
(``idp/admin/texts/<language>/<part>.json``). What they lack, such as "5 minutes", the hosted pages' catalogue has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from idp.foundation.web.i18n import FALLBACK, Entry, Texts, language_of

FOLDER = Path(__file__).resolve().parents[1] / "texts"


@cache
def words(language: str) -> Mapping[str, Entry]:
    """All texts of one language, each under the name of its part: ``apps.title``. Empty for a language without any."""
    found: dict[str, Entry] = {}
    for path in sorted((FOLDER / language).glob("*.json")):
        entries: dict[str, Entry] = json.loads(path.read_text(encoding="utf-8"))
        found |= {f"{path.stem}.{name}": entry for name, entry in entries.items()}
    return found


def spoken(locale: str) -> str:
    """The locale, or English where the dashboard has no catalogue of its language."""
    return locale if words(language_of(locale)) else FALLBACK


def offered(locales: Sequence[str]) -> list[str]:
    """Those that the dashboard has a catalogue of."""
    return [each for each in locales if words(language_of(each))]


class DeskTexts(Texts):
    """Words in one locale."""

    def __getitem__(self, key: str) -> Entry:
        own = words(language_of(self.locale))
        if key in own:
            return own[key]
        english = words(FALLBACK)
        return english[key] if key in english else super().__getitem__(key)

    def __contains__(self, key: str) -> bool:
        return key in words(FALLBACK) or super().__contains__(key)

    def known(self, key: str, otherwise: str) -> str:
        """The text, or what stands in for it where nobody has written one: an API field name says enough."""
        return self.t(key) if key in self else otherwise


@cache
def texts_for(locale: str) -> DeskTexts:
    """The dashboard's words in a locale."""
    return DeskTexts(locale)
