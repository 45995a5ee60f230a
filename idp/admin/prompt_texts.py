"""Words of hosted pages (``/admin/branding/texts``): the tenant's own beside ours, by prompt and language. An object is
called ``<prompt>.<language>``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idp.admin.desk import form as forms
from idp.admin.desk import operations
from idp.admin.desk.frame import Shown, Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.lists import object_path
from idp.admin.desk.objects import Object
from idp.admin.desk.prompts import beside, screens_of, without_emptied
from idp.admin.desk.resource import Field, Resource, Section, Tab
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.appearance import WORDS
from idp.foundation.tenancy.work import Work
from idp.foundation.web import custom_words
from idp.foundation.web.i18n import FALLBACK, Texts, autonym, catalogue, language_of
from idp.tenant.appearance import prompts_api as prompts
from idp.tenant.appearance.prompts import LANGUAGES, SCREENS

FIRST = ("title", "description", "text", "hint")


@dataclass(frozen=True)
class Prompt:
    """A line of the list: how many of its texts are the tenant's own, of how many."""

    name: str
    href: str
    own: int
    ours: int


def ours(prompt: str, screen: str) -> Mapping[str, str]:
    """The texts of a screen that can be said otherwise: their names (ours, and of Auth0's those that stand for a text
    of no screen), each with the key of our catalogue that it is about.
    """
    here, entries = custom_words.SCREENS.get((prompt, screen), f"{prompt}.{screen}"), catalogue(FALLBACK)
    begins = f"{here}."
    own = {key.removeprefix(begins): key for key in entries if key.startswith(begins) and isinstance(entries[key], str)}
    others: dict[str, str] = {}
    for name, (key, *_) in custom_words.KEYS.get(here, {}).items():
        if not key.startswith(begins) and isinstance(entries.get(key), str) and key not in others.values():
            others[name] = key
    found = {**others, **own}
    return {name: found[name] for name in sorted(found, key=_place)}


def _place(name: str) -> tuple[int, bool, str]:
    """What a page begins with, its other words, and what it says when something is wrong (names with hyphens)."""
    return FIRST.index(name) if name in FIRST else len(FIRST), "-" in name, name


def _named(id_: str) -> dict[str, str]:
    prompt, _, language = id_.rpartition(".")
    if prompt not in SCREENS or language not in LANGUAGES:
        raise NotFound("Not Found")
    return {"prompt": prompt, "language": language}


def _languages(work: Work, also: str = "") -> list[str]:
    """Languages that words are said in here: those of the tenant, and the one that is looked at."""
    enabled = [each for each in work.config.settings.enabled_locales if each in LANGUAGES]
    return enabled if not also or also in enabled else [*enabled, also]


# ---- the list
def _page(visit: Visit, resource: Resource) -> Shown:
    languages = _languages(visit.work)
    asked = visit.query.get("lang", "")
    language = asked if asked in LANGUAGES else next(iter(languages), FALLBACK)
    said = documents.of_kind(visit.work, f"{WORDS}{language}")
    lines = [
        Prompt(
            name,
            visit.href(object_path(resource, f"{name}.{language}")),
            sum(map(len, said.get(name, {}).values())),
            amount,
        )
        for name in SCREENS
        if (amount := sum(len(ours(name, screen)) for screen in SCREENS[name])) or said.get(name)
    ]
    return Shown(
        "admin/texts/prompts.html",
        visit.texts.t("texts.title"),
        {
            "resource": resource,
            "lines": lines,
            "language": language,
            "languages": [(each, _called(each)) for each in _languages(visit.work, language)],
            "href": visit.href(resource.path),
        },
        current=f"{resource.group}/{resource.name}",
    )


def _called(tag: str) -> str:
    name = autonym(language_of(tag))
    return name if "-" not in tag else f"{name} ({tag})"


def _suggest(visit: Visit, text: str, most: int) -> Sequence[tuple[str, str]]:
    language = next(iter(_languages(visit.work)), FALLBACK)
    return [(f"{name}.{language}", name) for name in SCREENS if text.lower() in name][:most]


# ---- the words of one prompt in one language
def _sections(_visit: Visit, there: Object) -> Sequence[Section]:
    """A section for each screen; whatever is stored has a field, whether one of our pages says it or not."""
    prompt = there.parameters["prompt"]
    found = []
    for screen in screens_of(prompt):
        names = [*ours(prompt, screen), *(name for name in there.document.get(screen, {}))]
        if names:
            found.append(Section(screen, [Field(f"{screen}.{name}", "area") for name in dict.fromkeys(names)]))
    return found


def _refused(visit: Visit, typed: Mapping[str, str]) -> Mapping[str, str]:
    """What the operation would say of single texts: of one among many it does not say which."""
    body, development = operations.endpoint(prompts.set_words).body, visit.work.platform.settings.development
    found = {}
    for field, text in typed.items():
        screen, _, name = field.partition(".")
        fault = forms.fault_in({screen: {name: text}}, body, development=development) if text else None
        if fault is not None:
            found[field] = fault.message
    return found


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    prompt, language = there.parameters["prompt"], there.parameters["language"]
    texts = Texts(language)
    defaults = {
        f"{screen}.{name}": texts[key] for screen in SCREENS[prompt] for name, key in ours(prompt, screen).items()
    }
    return {
        **beside(visit, prompt, language, "words"),
        "called": _called(language),
        "languages": [
            (_called(each), visit.href(object_path(there.resource, f"{prompt}.{each}")), each == language)
            for each in _languages(visit.work, language)
        ],
        "defaults": defaults,
    }


RESOURCES = (
    Resource(
        group="branding",
        name="texts",
        read=prompts.get_words,
        update=prompts.set_words,
        page=_page,
        of_tenant=True,
        suggest=_suggest,
        parameters=_named,
        title=lambda _document: "",
        tabs=(
            Tab(
                "texts",
                template="admin/texts/texts.html",
                view=_view,
                parts=_sections,
                sent=without_emptied,
                check=_refused,
                framed=True,
            ),
            history(),
        ),
        aliases=("custom text", "prompts", "wording", "translations", "Custom Text"),
    ),
)
