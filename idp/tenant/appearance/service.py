"""Use cases on a tenant's appearance: branding, its theme, its page template, words and pieces of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from idp.foundation.kernel import ids
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.kernel.faults import BODY, PATH, fault
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.appearance import FRAME, LOOK, PIECES, THEME, WORDS
from idp.foundation.tenancy.models import Tenant, TenantDocument
from idp.foundation.tenancy.work import Work
from idp.foundation.web.theme import Theme
from idp.tenant.appearance import markup
from idp.tenant.appearance.prompts import LANGUAGES, PARTIAL_PROMPTS, PLACES, PROMPTS, SCREENS
from idp.tenant.settings import service as tenants

DEEP: Final = ("colors", "font")
UNNAMED: Final = "Unnamed Theme"
MAX_PIECE: Final = 10_000
"""Characters of a piece of a page."""
Words = Mapping[str, Mapping[str, str]]


def branding(work: Work) -> dict[str, Any]:
    """The branding as it was set."""
    return dict(work.rows.get_one(Tenant, work.tenant_id).branding)


def update_branding(work: Work, members: Mapping[str, Any]) -> dict[str, Any]:
    """Change some; ``colors`` and ``font`` merge member by member, null removes. A gradient replaces a gradient."""
    before = dict(tenants.locked(work).branding)
    colors = members.get("colors")
    if isinstance(colors, Mapping) and colors.get("page_background") is not None and "colors" in before:
        before["colors"] = {key: each for key, each in before["colors"].items() if key != "page_background"}
    document = merged(before, members, deep=DEEP)
    tenants.change(work, "branding", {name: each for name, each in document.items() if each != {}})
    return dict(tenants.locked(work).branding)


def theme(work: Work, theme_id: str | None = None) -> TenantDocument:
    """The theme with that id, or the one that pages wear. Raises NotFound."""
    for row in documents.every(work, LOOK):
        if row.name.startswith(THEME) and theme_id in {None, theme_id_of(row)}:
            return row
    raise NotFound("The theme does not exist.", "theme_not_found")


def theme_id_of(row: TenantDocument) -> str:
    """The id of a theme."""
    return row.name.removeprefix(THEME)


def create_theme(work: Work, wanted: Theme) -> TenantDocument:
    """The tenant's theme. Raises Conflict where it has one."""
    documents.lock(work)
    if any(row.name.startswith(THEME) for row in documents.every(work, LOOK)):
        raise Conflict("There was an error creating the theme. A theme exists already.", "theme_conflict")
    document = {"displayName": UNNAMED, **msgspec.to_builtins(wanted)}
    return documents.put(work, LOOK, f"{THEME}{ids.alphanumeric(32)}", document)


def update_theme(work: Work, theme_id: str, wanted: Theme) -> TenantDocument:
    """Replace it; what may be left out stays. Raises NotFound."""
    documents.lock(work)
    before = theme(work, theme_id)
    kept = {name: before.document[name] for name in ("displayName", "identifiers") if name in before.document}
    return documents.put(work, LOOK, before.name, {**kept, **msgspec.to_builtins(wanted)})


def delete_theme(work: Work, theme_id: str) -> None:
    """Remove it. Raises NotFound."""
    documents.remove(work, LOOK, theme(work, theme_id).name)


def page_template(work: Work) -> str:
    """The page around our forms. Raises NotFound where there is none."""
    row = documents.get(work, LOOK, FRAME)
    if row is None:
        raise NotFound("The template does not exist.", "inexistent_templates_universal_login")
    return str(row.document["body"])


def set_page_template(work: Work, source: str) -> None:
    """Put this page around our forms. Raises BadRequest for one that cannot stand there."""
    try:
        markup.check_page(source)
    except markup.MarkupError as error:
        raise BadRequest(f"{error}.", "invalid_body") from error
    documents.put(work, LOOK, FRAME, {"body": source})


def remove_page_template(work: Work) -> None:
    """Our forms stand in our own page again."""
    documents.remove(work, LOOK, FRAME)


def words(work: Work, prompt: str, language: str) -> dict[str, dict[str, str]]:
    """The tenant's own words for a prompt, by screen."""
    _check_prompt(prompt)
    _check_language(language)
    row = documents.get(work, f"{WORDS}{language}", prompt)
    return dict(row.document) if row is not None else {}


def set_words(work: Work, prompt: str, language: str, wanted: Words) -> dict[str, dict[str, str]]:
    """Replace them. Raises BadRequest for a screen that the prompt does not have."""
    _check_prompt(prompt)
    _check_language(language)
    for screen in wanted:
        _check_screen(prompt, screen)
    kept = {screen: dict(texts) for screen, texts in wanted.items() if texts}
    if kept:
        documents.put(work, f"{WORDS}{language}", prompt, kept)
    else:
        documents.remove(work, f"{WORDS}{language}", prompt)
    return kept


def pieces(work: Work, prompt: str) -> dict[str, dict[str, str]]:
    """The tenant's own pieces of a prompt's pages, by screen and place."""
    _check_partial_prompt(prompt)
    row = documents.get(work, LOOK, f"{PIECES}{prompt}")
    return dict(row.document) if row is not None else {}


def set_pieces(work: Work, prompt: str, wanted: Words) -> dict[str, dict[str, str]]:
    """Replace them. Raises BadRequest for a screen or place there is none of, and for one that cannot stand there."""
    _check_partial_prompt(prompt)
    for screen, places in wanted.items():
        _check_screen(prompt, screen)
        for place, source in places.items():
            _check_piece(screen, place, source)
    given = {screen: {place: each for place, each in places.items() if each} for screen, places in wanted.items()}
    kept = {screen: places for screen, places in given.items() if places}
    if kept:
        documents.put(work, LOOK, f"{PIECES}{prompt}", kept)
    else:
        documents.remove(work, LOOK, f"{PIECES}{prompt}")
    return kept


def _check_piece(screen: str, place: str, source: str) -> None:
    if place not in PLACES:
        raise fault(BODY, f"Additional properties not allowed: {place[:60]}", screen)
    if len(source) > MAX_PIECE:
        raise fault(BODY, f"String is too long, maximum {MAX_PIECE}", f"{screen}.{place}")
    try:
        markup.check_piece(source)
    except markup.MarkupError as error:
        raise fault(BODY, str(error), f"{screen}.{place}") from error


def _check_prompt(prompt: str) -> None:
    if prompt not in PROMPTS:
        raise fault(PATH, f"No enum match for: {prompt[:80]}", "prompt", "Name of the prompt")


def _check_partial_prompt(prompt: str) -> None:
    if prompt not in PARTIAL_PROMPTS:
        raise fault(PATH, f"No enum match for: {prompt[:80]}", "prompt", "Name of the prompt")


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise fault(PATH, f"No enum match for: {language[:40]}", "language", "Language to update")


def _check_screen(prompt: str, screen: str) -> None:
    if screen not in SCREENS[prompt]:
        raise fault(BODY, f"Additional properties not allowed: {screen[:80]}")
