"""Texts of the hosted pages and mails: choosing a language and looking words up in it.

Catalogues are JSON files, one a language, in ``idp/signin/login/texts``. Keys read ``prompt.screen.key`` with Auth0's
prompt and screen names, so that a tenant's custom texts (``PUT /prompts/{prompt}/custom-text/{language}``) can lie over
them. A value is a string with ``${name}`` placeholders, or, where a count decides the wording, an object of CLDR plural
categories (``{"one": ..., "other": ...}``).

What CLDR knows about languages stands in :mod:`idp.foundation.web.cldr`; dates are written by Babel, which is imported
with the first one: a process that shows none never pays for it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, TypeAlias

from markupsafe import Markup, escape

from idp.foundation.web import cldr

Entry: TypeAlias = str | Mapping[str, str]

TEXTS_FOLDER: Final = Path(__file__).resolve().parents[2] / "signin" / "login" / "texts"
FALLBACK: Final = "en"
EVERYWHERE: Final = ("en", "de", "es", "fr", "ja", "ar")
"""Languages of the dashboard and of developers' pages, too; pickers and discovery list them first."""
FOR_DEVELOPERS: Final = ("admin.", "dev.")
"""Beginnings of keys that only those languages have: whoever installs the product reads them in English otherwise."""
LANGUAGES: Final = tuple(
    sorted(
        (path.stem for path in TEXTS_FOLDER.glob("*.json")),
        key=lambda each: (EVERYWHERE.index(each) if each in EVERYWHERE else len(EVERYWHERE), each),
    )
)
"""Every language there is a catalogue for, English first; tenants that say nothing enable them all."""

_PLACEHOLDER: Final = re.compile(r"\$\{(\w+)\}")
_REORDERING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSHOWN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f]")
_TAG: Final = re.compile(r"[A-Za-z]{1,8}(?:[-_][A-Za-z0-9]{1,8})*")
_MOST_CANDIDATES: Final = 32
_LONGEST_HEADER: Final = 1000


@lru_cache(maxsize=256)
def language_of(locale: str) -> str:
    """The primary language subtag, lower case: ``de`` of ``de-AT``."""
    return re.split(r"[-_]", locale, maxsplit=1)[0].lower()


@lru_cache(maxsize=256)
def direction(locale: str) -> str:
    """``rtl`` or ``ltr``, for the ``dir`` attribute; ``ltr`` for a locale that CLDR doesn't know."""
    known = cldr.known().languages.get(language_of(locale))
    return "rtl" if known and known.right_to_left else "ltr"


@cache
def autonym(language: str) -> str:
    """A language under the name its speakers give it, as it stands in a list; a subtag that CLDR doesn't know stands
    for itself.
    """
    known = cldr.known().languages.get(language)
    name = known.autonym if known else language
    return name[:1].upper() + name[1:]


def plural_category(locale: str, count: int) -> str:
    """The CLDR category of a whole number: zero, one, two, few, many or other."""
    rule = cldr.plural_rule(language_of(locale))
    return rule(abs(count)) if rule else "other"


@lru_cache(maxsize=512)
def _accepted(header: str) -> tuple[str, ...]:
    """Language ranges of an Accept-Language header, best first (RFC 9110 12.5.4); broken parts are skipped."""
    from werkzeug.datastructures import LanguageAccept  # the worker reads no headers, and has no Werkzeug
    from werkzeug.http import parse_accept_header

    wishes = parse_accept_header(header, LanguageAccept)
    return tuple(tag for tag, quality in wishes[:_MOST_CANDIDATES] if quality > 0)


def _match(candidate: str, enabled: Mapping[str, str]) -> str | None:
    """The enabled locale for one language tag: exact, then shorter (RFC 4647 3.4), then the same language."""
    if not _TAG.fullmatch(candidate):
        return None
    tag = candidate.replace("_", "-").lower()
    while tag:
        if tag in enabled:
            return enabled[tag]
        tag = tag.rpartition("-")[0]
    wanted = language_of(candidate)
    return next((locale for locale in enabled.values() if language_of(locale) == wanted), None)


@lru_cache(maxsize=256)
def _offered(enabled: tuple[str, ...]) -> Mapping[str, str]:
    """The locales that there is a catalogue for, by their tag as it is compared."""
    return {locale.replace("_", "-").lower(): locale for locale in enabled if language_of(locale) in LANGUAGES}


def negotiate(ui_locales: str | None, accept_language: str | None, enabled: Sequence[str]) -> str:
    """The locale a page is shown in.

    ``ui_locales`` (OIDC Core 3.1.2.1, space separated, by preference) goes before the browser's ``Accept-Language``;
    where nothing fits, the first of ``enabled`` is the tenant's default. Garbage in either is passed over. Locales
    there is no catalogue for are not offered; if none remains, the answer is English.
    """
    offered = _offered(tuple(enabled))
    wishes = (ui_locales or "")[:_LONGEST_HEADER].split()[:_MOST_CANDIDATES]
    for candidate in (*wishes, *_accepted((accept_language or "")[:_LONGEST_HEADER])):
        if (found := _match(candidate, offered)) is not None:
            return found
    return next(iter(offered.values()), FALLBACK)


@cache
def catalogue(language: str) -> Mapping[str, Entry]:
    """The texts of one language by key; read once. Raises ``FileNotFoundError`` for a language without catalogue."""
    entries: dict[str, Entry] = json.loads((TEXTS_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return entries


def shown(name: str) -> str:
    """A name that somebody chose, fit to stand among our words: without the characters that reorder the text around
    it (Unicode TR 36, 2.5), and on one line.
    """
    return _UNSHOWN.sub(" ", _REORDERING.sub("", name))


def isolated(name: str, base: str = "ltr") -> str:
    """The same for text that is no HTML, in which the name may run against the direction ``base``: kept apart by the
    characters that are made for it (UAX 9, 2.4).
    """
    fit = shown(name)
    against = _LATIN if base == "rtl" else _RIGHT_TO_LEFT
    return f"\u2068{fit}\u2069" if against.search(fit) else fit


@dataclass(frozen=True, slots=True)
class Texts:
    """Words in one locale. Unknown keys raise ``KeyError``: a misspelt key is our mistake, not the reader's."""

    locale: str
    overrides: Mapping[str, str] = field(default_factory=dict)
    """A tenant's custom texts by full key; they win over the catalogue."""

    def __getitem__(self, key: str) -> Entry:
        language = language_of(self.locale)
        if key in self.overrides:
            return self.overrides[key]
        if language in LANGUAGES and key in (entries := catalogue(language)):
            return entries[key]
        return catalogue(FALLBACK)[key]

    def __contains__(self, key: str) -> bool:
        return key in self.overrides or key in catalogue(FALLBACK)

    def of_screen(self, prompt: str, screen: str) -> dict[str, str]:
        """The texts of one screen by their last name, as they stand in the catalogue."""
        start = f"{prompt}.{screen}."
        found = {key: self[key] for key in (*catalogue(FALLBACK), *self.overrides) if key.startswith(start)}
        return {key.removeprefix(start): entry for key, entry in found.items() if isinstance(entry, str)}

    def _pattern(self, key: str, values: Mapping[str, object]) -> str:
        entry = self[key]
        if isinstance(entry, str):
            return entry
        count = values["count"]
        if not isinstance(count, int):
            raise TypeError(f"{key} needs a whole number as count")
        return entry.get(plural_category(self.locale, count), entry["other"])

    def t(self, key: str, /, **values: object) -> str:
        """The text with its placeholders filled. A placeholder nobody filled stays as it is written."""

        def fill(match: re.Match[str]) -> str:
            name = match[1]
            if name not in values:
                return match[0]
            value = values[name]
            if name == "count" and isinstance(value, int):
                return self.number(value)
            return isolated(value, direction(self.locale)) if isinstance(value, str) else str(value)

        return _PLACEHOLDER.sub(fill, self._pattern(key, values))

    def rich(self, key: str, /, **values: object) -> Markup:
        """As ``t``, as HTML: every value is escaped, set in bold and kept apart from the text's direction; an address
        that is too long for its line goes on after its name rather than within a word.
        """

        def fill(match: re.Match[str]) -> str:
            name = match[1]
            if name not in values:
                return match[0]
            return f"<b><bdi>{str(escape(shown(str(values[name])))).replace('@', '<wbr>@')}</bdi></b>"

        pattern = str(escape(self._pattern(key, values)))
        return Markup(_PLACEHOLDER.sub(fill, pattern))  # noqa: S704 - the pattern and every value are escaped above

    def number(self, count: int) -> str:
        """A whole number, its thousands kept apart the locale's way."""
        if abs(count) < 1000:
            return str(count)
        from babel.numbers import format_decimal

        return format_decimal(count, locale=self.locale.replace("-", "_"))

    def duration(self, seconds: int) -> str:
        """A waiting time in words, rounded up to its largest fitting unit, as it stands in a sentence such as "try
        again in …": ``5 minutes``. Many languages say it otherwise where it stands by itself (:meth:`span`).
        """
        for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
            if seconds >= length:
                return self.t(f"page.duration.{unit}", count=-(-seconds // length))
        return self.t("page.duration.seconds", count=max(seconds, 1))

    def span(self, seconds: int) -> str:
        """A length of time that stands by itself, in its largest fitting unit: ``2 hours``."""
        from babel.dates import format_timedelta

        return format_timedelta(timedelta(seconds=seconds), threshold=1, locale=self.locale.replace("-", "_"))

    def date(self, moment: datetime) -> str:
        """Day and time in UTC, written the locale's way."""
        from babel.dates import format_skeleton

        written = (
            format_skeleton(skeleton, moment.astimezone(UTC), locale=self.locale.replace("-", "_"))
            for skeleton in ("yMMMd", "Hm")
        )
        return " ".join((*written, "UTC"))

    def brief_date(self, moment: datetime, now: datetime) -> str:
        """:meth:`date` for a column of many, in UTC: the time alone where it was today, else the day, with its year
        where that is another one.
        """
        from babel.dates import format_skeleton

        moment, now = moment.astimezone(UTC), now.astimezone(UTC)
        if moment.date() == now.date():
            return f"{format_skeleton('Hm', moment, locale=self.locale.replace('-', '_'))} UTC"
        skeleton = "MMMd" if moment.year == now.year else "yMMMd"
        return str(format_skeleton(skeleton, moment, locale=self.locale.replace("-", "_")))

    def ago(self, moment: datetime, now: datetime) -> str:
        """How long ago, in words: ``2 hours ago``; under a minute it is ``just now``."""
        from babel.dates import format_timedelta

        if (now - moment).total_seconds() < 60:
            return self.t("page.duration.now")
        return format_timedelta(moment - now, add_direction=True, locale=self.locale.replace("-", "_"))


@cache
def texts_for(locale: str) -> Texts:
    """The texts of a locale without custom texts over them."""
    return Texts(locale)
