"""The languages that a page is offered in: a link to the same page in each.

Hosted pages have thirty of them in their foot. Their HTML is remembered by the tenant's languages and the page's own;
only the page's address is put in for each answer (docs/decisions/0414).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote_plus, urlencode

from markupsafe import Markup, escape

from idp.foundation.web.i18n import LANGUAGES, autonym, language_of

PICKER: Final = "language"
"""The parameter by which the list of languages asks for a page again: ours alone, unlike ``ui_locales``."""
_SAME: Final = "\0"
"""Stands for the page's address in what is remembered: no URL and no name has it."""
_ITEM: Final = Markup(
    '<li><a href="{url}" lang="{locale}" hreflang="{locale}" rel="nofollow" data-carry{current}>{label}</a></li>\n'
)
_CURRENT: Final = Markup(' aria-current="true"')


@dataclass(frozen=True, slots=True)
class LocaleLink:
    """One language: a plain link to the same page."""

    locale: str
    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Languages:
    """The list in the foot of a page."""

    label: str
    """The page's own language, as its speakers call it; empty where it is none of them."""
    items: Markup


def locale_links(
    enabled: Sequence[str], current: str, path: str = "", query: Mapping[str, str] | None = None
) -> tuple[LocaleLink, ...]:
    """A link for each language: it repeats ``query`` with its own. Without a ``path`` it is the page's own address,
    whatever that looks like.
    """
    return _links(enabled, current, _same(path, query))


def languages(
    enabled: Sequence[str], current: str, path: str = "", query: Mapping[str, str] | None = None
) -> Languages | None:
    """The same links as the list of a hosted page, or None where there is nothing to choose."""
    label, items = _drawn(tuple(enabled), current)
    # what is remembered is HTML of ours, and the address is escaped
    return Languages(label, Markup(items.replace(_SAME, escape(_same(path, query))))) if items else None  # noqa: S704


@lru_cache(maxsize=512)
def _drawn(enabled: tuple[str, ...], current: str) -> tuple[str, str]:
    links = _links(enabled, current, _SAME)
    items = (
        _ITEM.format(url=link.url, locale=link.locale, label=link.label, current=_CURRENT if link.current else "")
        for link in links
    )
    label = next((link.label for link in links if link.current), "")
    return label, "".join(items) if len(links) > 1 else ""


def _links(enabled: Sequence[str], current: str, same: str) -> tuple[LocaleLink, ...]:
    return tuple(
        LocaleLink(
            locale=locale,
            label=autonym(language_of(locale)),
            url=f"{same}{PICKER}={quote_plus(locale)}",
            current=locale == current,
        )
        for locale in enabled
        if language_of(locale) in LANGUAGES
    )


def _same(path: str, query: Mapping[str, str] | None) -> str:
    """The page's address, up to the language."""
    kept = urlencode({name: value for name, value in (query or {}).items() if name != PICKER})
    return f"{path}?{kept}&" if kept else f"{path}?"
