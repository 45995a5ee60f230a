"""``cldr.json`` says what Babel says. ``python -m tests.web.test_cldr`` writes it anew, after an upgrade of Babel."""

from collections.abc import Iterable
from itertools import product
from string import ascii_lowercase

import msgspec
from babel import Locale, UnknownLocaleError, localedata

from idp.foundation.web import cldr
from idp.foundation.web.i18n import LANGUAGES, autonym, direction, texts_for

ASKED = {*LANGUAGES, "he", "iw", "pt", "ru", "zh", "fil", "cy", "pl"}
"""All of them take Babel eleven seconds and 700 MiB."""


def from_babel(subtags: Iterable[str]) -> cldr.Known:
    """Those that Babel takes."""
    plurals: list[dict[str, str]] = []
    languages: dict[str, cldr.Language] = {}
    for subtag in subtags:
        try:
            found = Locale.parse(subtag)
        except (UnknownLocaleError, ValueError):
            continue
        rules = dict(found.plural_form.rules)
        if rules not in plurals:
            plurals.append(rules)
        name = found.get_display_name() or subtag
        languages[subtag] = cldr.Language(found.text_direction == "rtl", name, plurals.index(rules))
    return cldr.Known(plurals, languages)


def test_the_file_says_what_babel_says() -> None:
    told, here = from_babel(ASKED), cldr.known()
    assert here.languages.keys() >= ASKED
    for subtag, language in told.languages.items():
        found = here.languages[subtag]
        assert (found.right_to_left, found.autonym) == (language.right_to_left, language.autonym)
        assert here.plurals[found.plural] == told.plurals[language.plural], "python -m tests.web.test_cldr"


def test_pages_need_nothing_else_of_a_language() -> None:
    """Babel keeps 3 to 6 MiB of each language that it was asked about, in every process."""
    localedata._cache.clear()
    for language in LANGUAGES:
        assert direction(language)
        assert autonym(language)
        assert texts_for(language).duration(7_200)
    assert localedata._cache == {}


if __name__ == "__main__":
    EVERY = ("".join(letters) for length in (2, 3) for letters in product(ascii_lowercase, repeat=length))
    written = msgspec.json.encode(from_babel(EVERY))
    cldr.FILE.write_bytes(msgspec.json.format(written, indent=0) + b"\n")
