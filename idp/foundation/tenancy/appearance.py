"""What of a tenant's appearance stands beside its row: theme, page template, pieces of pages, words of its own; one
read of each kind for each version of its configuration (:mod:`idp.foundation.tenancy.documents`).

``idp.tenant.appearance`` writes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import UnsetType

from idp.foundation.tenancy import documents
from idp.foundation.tenancy.settings import Branding
from idp.foundation.tenancy.work import Work
from idp.foundation.web import custom_words, page_template, security, theme
from idp.foundation.web.i18n import Texts, language_of, texts_for
from idp.foundation.web.theme import PhoneDisplay, Theme

LOOK = "appearance"
"""Kind of the documents that every page needs: the theme, the page template, pieces of pages."""
THEME, FRAME, PIECES = "theme:", "page-template", "partials:"
"""How their names begin."""
WORDS = "custom-text:"
"""Kind of a language's words: ``custom-text:de`` by prompt."""
SHEETS = "/u/look"
"""Where sheets of styles are served."""


@dataclass(frozen=True)
class Look:
    """The tenant's looks at one version of its configuration."""

    theme: Theme | None = None
    frame: str | None = None
    partials: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    sheet: str = ""
    picture_origins: frozenset[str] = frozenset()
    font_origin: str | None = None

    @property
    def path(self) -> str | None:
        """Where the sheet is served: named by what is in it, so that browsers may keep it."""
        if not self.sheet:
            return None
        return f"{SHEETS}/{hashlib.sha256(self.sheet.encode()).hexdigest()[:16]}.css"

    @property
    def code_autocomplete(self) -> bool:
        """Whether browsers may fill one-time codes in."""
        chosen = self.theme.identifiers if self.theme else None
        return True if chosen is None or isinstance(chosen, UnsetType) else chosen.otp_autocomplete

    @property
    def captcha_theme(self) -> str:
        """Colours of the widget of a CAPTCHA provider: ``dark``, ``light``, or empty where it decides."""
        chosen = self.theme.colors.captcha_widget_theme if self.theme else "auto"
        return "" if isinstance(chosen, UnsetType) or chosen == "auto" else chosen

    @property
    def phone_display(self) -> PhoneDisplay | None:
        """How numbers are shown to whoever is asked for a code; None as we do it."""
        chosen = self.theme.identifiers if self.theme else None
        return None if chosen is None or isinstance(chosen, UnsetType) else chosen.phone_display


def look(work: Work) -> Look:
    """The tenant's looks."""
    return work.config.remember("look", "", lambda: _look(work))


def texts(work: Work, locale: str) -> Texts:
    """The words of pages in a locale, with the tenant's own over them."""
    return work.config.remember("texts", locale, lambda: _texts(work, locale))


def values(work: Work, logo: str | None) -> dict[str, Any]:
    """What templates may name of a tenant."""
    settings, chosen = work.config.settings, work.config.branding
    return {
        "tenant": {
            "friendly_name": work.config.friendly_name,
            "support_email": settings.support_email,
            "support_url": settings.support_url,
            "picture_url": settings.picture_url,
            "enabled_locales": list(settings.enabled_locales),
        },
        "branding": {
            "logo_url": logo or "",
            "favicon_url": chosen.favicon_url or "",
            "colors": {"primary": chosen.colors.primary, "page_background": _plain(chosen.colors.page_background)},
            "font": {"url": chosen.font.url},
        },
        "custom_domain": {"domain": work.config.host},
    }


def _look(work: Work) -> Look:
    kept = documents.of_kind(work, LOOK)
    found = next((theme.read(each) for name, each in kept.items() if name.startswith(THEME)), None)
    frame = (kept.get(FRAME) or {}).get("body")
    chosen = work.config.branding
    font = (found.fonts.font_url if found else None) or chosen.font.url
    picture = found.page_background.background_image_url if found else None
    logo = found.widget.logo_url if found else None
    origins = {security.source(each) for each in (picture, logo) if each}
    if frame:
        origins |= page_template.picture_origins(frame)
    partials = {name.removeprefix(PIECES): each for name, each in kept.items() if name.startswith(PIECES)}
    for piece in (each for screens in partials.values() for places in screens.values() for each in places.values()):
        origins |= page_template.picture_origins(piece)
    return Look(
        theme=found,
        frame=frame,
        partials=partials,
        sheet=_sheet(found, chosen, font),
        picture_origins=frozenset(each for each in origins if each),
        font_origin=security.source(font) if font else None,
    )


def _sheet(found: Theme | None, chosen: Branding, font: str | None) -> str:
    face = theme.font_face(font) if font and security.source(font) else ""
    if found is not None:
        return face + theme.sheet(found)
    ground = chosen.colors.page_background
    if isinstance(ground, str):
        return face + theme.background(ground)
    if isinstance(ground, Mapping):
        return face + theme.background(str(ground.get("start")), str(ground.get("end")), ground.get("angle_deg") or 0)
    return face


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _texts(work: Work, locale: str) -> Texts:
    own: dict[str, str] = {}
    for tag in dict.fromkeys((language_of(locale), locale)):  # words of `de-AT` lie over those of `de`
        for prompt, screens in documents.of_kind(work, f"{WORDS}{tag}").items():
            own.update(custom_words.spread(prompt, screens))
    return Texts(locale, own) if own else texts_for(locale)
