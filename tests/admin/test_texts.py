"""The dashboard's catalogues: the same in every language, and nothing that its pages say is missing from them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from babel import Locale

from idp.admin import navigation
from idp.admin.desk import guides
from idp.admin.desk.form import fields_of
from idp.admin.desk.texts import FOLDER, texts_for, words
from idp.foundation.web.i18n import EVERYWHERE
from idp.foundation.web.pages import templates_folder

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
KEY = re.compile(r"""\b(?:t|rich)\(\s*"([a-z0-9]+\.[^"]+)"(?!\s*~)""")
SAID = re.compile(r"""(?:t\(|Done\(|done=)f?"([a-z0-9]+\.[A-Za-z.-]+)"[,)]""")


def forms(entry: str | Mapping[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def test_every_page_of_the_dashboard_is_shown_somewhere() -> None:
    pages = templates_folder() / "admin"
    sources = [*pages.rglob("*.html"), *FOLDER.parent.rglob("*.py")]
    named = "".join(path.read_text(encoding="utf-8") for path in sources)
    assert [name for path in pages.rglob("*.html") if (name := f'"admin/{path.relative_to(pages)}"') not in named] == []


def needed() -> set[str]:
    """Keys that templates and code name, and those that the declarations of resources ask for."""
    found: set[str] = set()
    for path in (templates_folder() / "admin").rglob("*.html"):
        found |= set(KEY.findall(path.read_text(encoding="utf-8")))
    for path in FOLDER.parent.rglob("*.py"):
        found |= set(SAID.findall(path.read_text(encoding="utf-8")))
    for each in navigation.resources():
        name = each.name
        found |= {f"{name}.title", f"{name}.about", f"frame.group.{each.group}"}
        found |= {f"{name}.new", f"{name}.done.created"} if each.create else set()
        sections = [*each.creation, *(section for tab in each.tabs for section in tab.sections)]
        found |= {f"{name}.section.{section.name}" for section in sections}
        found |= {f"{name}.field.{field.name}" for field in fields_of(sections)}
        found |= {f"{name}.hint.{field.name}" for field in fields_of(sections) if field.hint}
        if each.listing is not None:
            found |= {f"{name}.field.{column.name}" for column in each.listing.columns}
            found |= {f"{name}.field.{chip.name}" for chip in each.listing.filters}
        for action in each.actions:
            said = set() if action.elsewhere else {f"{name}.done.{action.name}"}
            found |= set() if action.tab else {f"{name}.action.{action.name}", *said}
            found |= {f"{name}.about.{action.name}"} if action.confirm else set()
    found |= {f"frame.key.{does}" for _, does in guides.KEYS}
    for name, guide in guides.GUIDES.items():
        found |= {f"help.{name}.title", f"help.{name}.about"}
        found |= {f"help.{guide.kind}.{part}" for part in guide.parts}
    return {key for key in found if not key.startswith("desk.")}


def test_everything_that_is_said_is_in_the_catalogue() -> None:
    assert {key for key in needed() if key not in texts_for("en")} == set()


@pytest.mark.parametrize("language", EVERYWHERE)
def test_every_catalogue_says_the_same_things(language: str) -> None:
    english, other = words("en"), words(language)
    assert set(other) == set(english)
    plain = {key for key in english if isinstance(english[key], str)}
    assert {
        key for key in plain if set(PLACEHOLDER.findall(str(other[key]))) != set(PLACEHOLDER.findall(str(english[key])))
    } == set()
    assert [key for key in english for text in forms(other[key]) if not text.strip()] == []
    tags = set(Locale(language).plural_form.tags) | {"other"}
    assert {key: set(entry) for key, entry in other.items() if isinstance(entry, Mapping) and set(entry) != tags} == {}


@pytest.mark.parametrize("language", [each for each in EVERYWHERE if each != "en"])
def test_translations_are_translations(language: str) -> None:
    """Longer sentences never read alike; names of things may."""
    same = {key for key, text in words("en").items() if text == words(language)[key] and len(str(text)) > 18}
    assert same == set()
