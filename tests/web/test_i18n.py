"""Choosing a language, looking words up in it, and catalogues that all say the same things."""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

import idp
from idp.foundation.web.i18n import (
    EVERYWHERE,
    FOR_DEVELOPERS,
    LANGUAGES,
    TEXTS_FOLDER,
    Entry,
    Texts,
    autonym,
    catalogue,
    direction,
    negotiate,
    plural_category,
    texts_for,
)
from idp.foundation.web.pages import ERROR_KINDS, templates_folder

ALL = LANGUAGES
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
LITERAL_KEY = re.compile(r"""\b(?:t|rich)\(\s*"([^"]+\.[^".]+)"(?!\s*~)""")
CHOSEN_KEY = re.compile(r'"([a-z_-]+\.[a-z_-]+\.[A-Za-z-]+)" (?:if|%})|else "([a-z_-]+\.[a-z_-]+\.[A-Za-z-]+)"')
NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def placeholders(entry: Entry) -> set[str]:
    patterns = [entry] if isinstance(entry, str) else list(entry.values())
    return {name for pattern in patterns for name in PLACEHOLDER.findall(pattern)}


def keys_in_templates() -> set[str]:
    found: set[str] = set()
    for path in templates_folder().rglob("*.*"):
        if "admin" in path.relative_to(templates_folder()).parts:
            continue  # the dashboard has catalogues of its own: tests/admin/test_texts.py
        source = path.read_text(encoding="utf-8")
        found |= set(LITERAL_KEY.findall(source))
        found |= {key for pair in CHOSEN_KEY.findall(source) for key in pair if key}
    return found


@pytest.mark.parametrize(
    ("ui_locales", "accept_language", "enabled", "locale"),
    [
        (None, None, ALL, "en"),
        (None, None, ("de", "en"), "de"),
        ("de", "fr", ALL, "de"),
        ("de-AT", None, ALL, "de"),
        ("DE_at", None, ALL, "de"),
        ("se", None, ALL, "en"),
        ("se fr-CA de", None, ALL, "fr"),
        ("se", "xx, ja;q=0.5", ALL, "ja"),
        (None, "fr;q=0.4, es;q=0.9, *;q=0.1", ALL, "es"),
        (None, "fr;q=0, de", ALL, "de"),
        (None, "fr;q=wrong, de;q=0.2", ALL, "de"),
        (None, "ar-EG,ar;q=0.9,en;q=0.1", ALL, "ar"),
        ("fr", None, ("en", "fr-CA"), "fr-CA"),
        ("ca", None, ("ca", "de"), "de"),
        (None, None, ("ca",), "en"),
        (None, None, (), "en"),
        ("../../etc/passwd", "';drop--", ALL, "en"),
    ],
)
def test_the_reader_gets_the_best_language_there_is(
    ui_locales: str | None, accept_language: str | None, enabled: tuple[str, ...], locale: str
) -> None:
    assert negotiate(ui_locales, accept_language, enabled) == locale


@given(st.text(), st.text())
def test_garbage_never_stops_a_page(ui_locales: str, accept_language: str) -> None:
    assert negotiate(ui_locales, accept_language, ALL) in ALL


@pytest.mark.parametrize("locale", ALL)
def test_every_catalogue_says_the_same_things(locale: str) -> None:
    english, other = catalogue("en"), catalogue(locale)
    only = {key for key in english if key.startswith(FOR_DEVELOPERS)} if locale not in EVERYWHERE else set()
    assert set(other) - only == set(english) - only
    english = {key: entry for key, entry in english.items() if key in other}
    assert {key for key in english if placeholders(other[key]) - placeholders(english[key])} == set()
    # a counted form may spell its number ("two minutes"), everything else names all that it is given
    plain = {key for key in english if isinstance(english[key], str)}
    assert {key for key in plain if placeholders(other[key]) != placeholders(english[key])} == set()
    assert [key for key in plain if not str(other[key]).strip()] == []


@pytest.mark.parametrize("locale", ["ar", "fa", "he", "ur"])
def test_numbers_stay_as_they_are_dialled_where_words_read_from_the_right(locale: str) -> None:
    """Groups of digits are turned around after a letter, unless a left-to-right mark stands before them."""
    texts = {key: entry for key, entry in catalogue(locale).items() if isinstance(entry, str)}
    assert any("+49" in entry for entry in texts.values())
    assert [key for key, entry in texts.items() if re.search(r"(?<!\u200e)\+\d", entry)] == []


@pytest.mark.parametrize("locale", sorted({*ALL} - {"ja", "ko", "th", "zh"}))
def test_no_heading_has_a_word_that_is_wider_than_a_telephone(locale: str) -> None:
    """A word of twenty letters says with a soft hyphen where it may be broken."""
    pages = {key: entry for key, entry in catalogue(locale).items() if not key.startswith("mail.")}
    titles = {key: entry for key, entry in pages.items() if key.endswith(".title")}
    long = re.compile(r"[^\W\d_]{20,}")
    assert {key: found for key, entry in titles.items() if (found := long.findall(str(entry)))} == {}


@pytest.mark.parametrize("locale", ALL)
def test_counted_texts_have_every_form_their_language_needs(locale: str) -> None:
    needed = set(Locale(locale).plural_form.tags) | {"other"}
    counted = {key: entry for key, entry in catalogue(locale).items() if isinstance(entry, Mapping)}
    assert counted
    assert {key: set(entry) for key, entry in counted.items() if set(entry) != needed} == {}


@pytest.mark.parametrize("locale", ALL)
def test_plural_rules_are_those_of_cldr(locale: str) -> None:
    rule = Locale(locale).plural_form
    numbers = (*range(1, 250), 999_999, 1_000_000, 2_000_000)
    assert {n: plural_category(locale, n) for n in numbers} == {n: rule(n) for n in numbers}


def test_every_text_of_a_template_is_in_the_catalogue() -> None:
    used = keys_in_templates()
    assert len(used) > 100
    assert used - set(catalogue("en")) == set()


def test_every_text_of_a_view_is_in_the_catalogue() -> None:
    """String literals that look like keys: a view with a misspelt one would only fail for the person it is
    meant for.
    """
    english = catalogue("en")
    screens = "|".join(sorted({re.escape(key.rpartition(".")[0]) for key in english}))
    quoted = re.compile(rf'"((?:{screens})\.[A-Za-z-]+)"')
    sources = [path.read_text(encoding="utf-8") for path in Path(idp.__file__).parent.rglob("*.py")]
    used = {key for source in sources for key in quoted.findall(source)}
    assert "login.login.wrong-credentials" in used
    assert used - set(english) == set()


def test_every_kind_of_error_has_words() -> None:
    needed = {f"error.{kind}.{part}" for kind in ERROR_KINDS.values() for part in ("title", "text")}
    assert needed - set(catalogue("en")) == set()


def test_translations_are_translations() -> None:
    """Where another language reads like English it is a name, not a text somebody forgot."""
    alike = {
        "account.index.nameLabel",
        "account.index.password",
        "login.login.passwordLabel",
        "signup.signup.passwordLabel",
        "mfa.shared.email",
        "account.index.passkeyNameLabel",
        "consent.consent.detail-datatypes",
        "account.index.passkeyUnnamed",
        "account.index.passkeys",
        "mfa.shared.passkey",
        "account.index.sessions",
        "admin.index.api",
        "dev.mailbox.message",
        "dev.welcome.administrator",
        "dev.welcome.discovery",
        "dev.welcome.issuer",
        "dev.sample-app.tokens",
        "error.page.code",
        "login-passwordless.login-passwordless-email-code.codeLabel",
        "account.index.lastActive",
        "device-flow.device-code-activation.placeholder",
    }
    plain = {key: entry for key, entry in catalogue("en").items() if isinstance(entry, str) and len(entry) > 3}
    same = {key for key, text in plain.items() for other in ALL[1:] if catalogue(other).get(key) == text}
    assert same - alike == set()


def test_custom_texts_lie_over_the_catalogue() -> None:
    texts = Texts("de", {"login.login.title": "Willkommen bei ${companyName}"})
    assert texts.t("login.login.title", companyName="Harbour") == "Willkommen bei Harbour"
    assert texts.t("login.login.buttonText") == "Weiter"


def test_a_locale_without_catalogue_reads_english() -> None:
    assert Texts("ca").t("login.login.buttonText") == "Continue"


def test_a_misspelt_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        texts_for("en").t("login.login.titel")


def test_a_missing_value_stays_visible_and_values_are_not_filled_twice() -> None:
    texts = texts_for("en")
    assert texts.t("page.lead.toApp") == "to continue to ${clientName}"
    assert texts.t("page.lead.toApp", clientName="${companyName}") == "to continue to ${companyName}"


def test_rich_texts_escape_what_they_are_given() -> None:
    shown = texts_for("en").rich("page.lead.toApp", clientName="<script>alert(1)</script>")
    assert str(shown) == "to continue to <b><bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi></b>"
    custom = Texts("en", {"page.lead.toApp": "<i>on</i> to ${clientName}"}).rich("page.lead.toApp", clientName="Shop")
    assert str(custom).startswith("&lt;i&gt;on&lt;/i&gt;")


@pytest.mark.parametrize(
    ("locale", "seconds", "words"),
    [
        ("en", 0, "1 second"),
        ("en", 59, "59 seconds"),
        ("en", 61, "2 minutes"),
        ("en", 3600, "1 hour"),
        ("de", 172_800, "2 Tagen"),
        ("ar", 120, "دقيقتين"),
        ("ja", 300, "5 分"),
    ],
)
def test_waiting_times_are_words(locale: str, seconds: int, words: str) -> None:
    assert texts_for(locale).duration(seconds) == words


@pytest.mark.parametrize(
    ("locale", "seconds", "words"),
    [
        ("en", 45, "45 seconds"),
        ("en", 60, "1 minute"),
        ("en", 86_400, "1 day"),
        ("de", 172_800, "2 Tage"),
        ("pl", 60, "1 minuta"),
        ("ar", 7_200, "ساعتان"),
    ],
)
def test_lengths_of_time_stand_by_themselves(locale: str, seconds: int, words: str) -> None:
    """As a name, where :meth:`Texts.duration` is a part of a sentence."""
    assert texts_for(locale).span(seconds) == words


def test_moments_are_written_the_locales_way() -> None:
    german = texts_for("de")
    assert german.date(NOW) == "20. Nov. 2026 14:30 UTC"
    assert texts_for("ja").date(NOW) == "2026年11月20日 14:30 UTC"
    assert german.brief_date(NOW - timedelta(hours=2), NOW) == "12:30 UTC"
    assert german.brief_date(NOW - timedelta(days=2), NOW) == "18. Nov."
    assert german.brief_date(NOW - timedelta(days=400), NOW) == "16. Okt. 2025"
    assert german.ago(NOW - timedelta(hours=2), NOW) == "vor 2 Stunden"
    assert german.ago(NOW - timedelta(seconds=5), NOW) == "gerade eben"


def test_a_hostile_header_is_cheap() -> None:
    headers = [
        "en;" * 300_000,
        ",".join(f"x{n}" for n in range(200_000)),
        "a-" * 500_000,
        '"' * 1_000_000,
        "de;q=0." * 200_000,
    ]
    begun = time.perf_counter()
    assert [negotiate(header, header, ALL) for header in headers]
    assert time.perf_counter() - begun < 0.1


def test_languages_are_the_catalogues_english_first() -> None:
    names = {language: autonym(language) for language in LANGUAGES}
    expected = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "ja": "日本語", "ar": "العربية"}
    assert names.items() >= expected.items()
    assert LANGUAGES[: len(expected)] == tuple(expected)
    assert list(LANGUAGES[len(expected) :]) == sorted(set(LANGUAGES) - set(expected))
    assert set(LANGUAGES) == {path.stem for path in TEXTS_FOLDER.glob("*.json")}
    assert autonym("qqq") == "Qqq"


def test_directions() -> None:
    assert {locale: direction(locale) for locale in ("en", "ar", "ar-EG", "he", "ja")} == {
        "en": "ltr",
        "ar": "rtl",
        "ar-EG": "rtl",
        "he": "rtl",
        "ja": "ltr",
    }


@pytest.mark.parametrize(
    ("locale", "written"),
    [("en", "12,345"), ("de", "12.345"), ("fr", "12\u202f345"), ("ja", "12,345"), ("ar", "12,345")],
)
def test_thousands_are_kept_apart(locale: str, written: str) -> None:
    assert texts_for(locale).number(12_345) == written
    assert texts_for(locale).number(999) == "999"
    assert written in Texts(locale, {"x": "${count}!"}).t("x", count=12_345)
