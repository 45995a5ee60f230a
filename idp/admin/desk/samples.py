"""Every hosted page with made-up data, as the tenant's look dresses it (``/admin/branding/look/preview``), before a
person sees it. Also says how well its colours can be told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from idp.foundation.tenancy import appearance
from idp.foundation.tenancy.branding import branding
from idp.foundation.tenancy.work import Work
from idp.foundation.web import custom_words, page_template, security, theme
from idp.foundation.web.accent import (
    CONTROL_CONTRAST,
    DARK,
    LIGHT,
    TEXT_CONTRAST,
    contrast,
    derive,
    parse_hex,
    readable,
    to_hex,
)
from idp.foundation.web.assets import assets_by_name
from idp.foundation.web.i18n import Texts
from idp.foundation.web.language_list import languages
from idp.foundation.web.pages import Branding, ClientView, FormError, Page, PageView, WayOn, render
from idp.foundation.web.view_models import ErrorView
from idp.protocol.oauth.logout.rp_initiated import LogoutView
from idp.signin.login.error_pages import CookiesBlockedView, ExpiredView, NoConnectionView, SourceDownView
from idp.signin.login.pages import SignedOutView
from idp.signin.login.screens import ALL

THEMES: Final = ("light", "dark")
STATES: Final = ("plain", "error")
PERSON: Final = "josephine.baker@example.com"
Build = Callable[[Texts], PageView]


@dataclass(frozen=True)
class Sample:
    """A page: its name as addresses have it, and what it is drawn from."""

    name: str
    template: str
    view: Build


@dataclass(frozen=True)
class Draft:
    """What is typed and not saved yet; empty: as it is."""

    primary: str = ""
    page_background: str = ""
    logo_url: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    """Words of the tenant's own by the whole keys of our catalogues."""
    pieces: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    """Pieces by prompt, screen and place, in place of those of that prompt."""
    frame: str = ""
    """The page around our forms."""
    client: ClientView | None = None
    """The application that people are on the way to; None: a made-up one."""
    views: Mapping[str, Build] = field(default_factory=dict)
    """Pages that show something else than made-up data."""


@dataclass(frozen=True)
class Drawn:
    """A page as HTML, with what its policy header has to allow."""

    html: str
    nonce: str
    images: frozenset[str]
    font: str | None


@dataclass(frozen=True)
class Pair:
    """Two colours that meet on a page: ``what`` they are, in which theme, their contrast and the least that it may be
    (WCAG 2.2, 1.4.3 and 1.4.11).
    """

    what: str
    theme: str
    ratio: float
    least: float

    @property
    def holds(self) -> bool:
        """Whether they can be told apart."""
        return self.ratio >= self.least


@cache
def samples() -> Mapping[str, Sample]:
    """Every page that people meet on the way in or out, by name."""
    found = {screen.path: Sample(screen.path, screen.template, screen.view_type().example) for screen in ALL}
    for kind in _below(PageView):
        if kind.template.startswith("login/") and kind.has_example():
            name = str(PurePosixPath(kind.template.removeprefix("login/")).with_suffix(""))
            found.setdefault(name, Sample(name, kind.template, kind.example))
    return {**found, **{name: Sample(name, "", build) for name, build in _OTHERS.items()}}


def draw(work: Work, name: str, locale: str, theme_name: str, state: str, draft: Draft) -> Drawn:
    """One page. Raises LookupError where there is none of that name."""
    sample, texts = samples()[name], appearance.texts(work, locale)
    if draft.words:
        texts = Texts(locale, {**texts.overrides, **draft.words})
    nonce, looks = security.nonce(), _drafted(branding(work), draft)
    if draft.logo_url and security.source(draft.logo_url):
        looks = replace(looks, logo_url=draft.logo_url)
    page = Page(
        texts=texts,
        tenant=looks,
        nonce=nonce,
        root=work.config.root,
        client=draft.client
        or ClientView(name="Harbour Shop", policy_uri="https://shop.example/", home_uri="https://shop.example/"),
        languages=languages(work.config.settings.enabled_locales, locale),
        errors=(FormError(texts.t("error.rate-limited.text")),) if state == "error" else (),
        values={"username": PERSON, "email": PERSON},
    )
    view = draft.views.get(name, sample.view)(texts)
    html = render(view, page, sample.template)
    worn = f'<style nonce="{nonce}">{_scheme(looks, theme_name, draft)}</style></head>'
    return Drawn(
        html.replace("</head>", worn, 1),
        nonce,
        page.image_origins(view.pictures()),
        looks.font_origin,
    )


def of_screen(prompt: str, screen: str) -> str:
    """The name of the page that belongs to a screen of Auth0's; empty where none is shown."""
    here = custom_words.SCREENS.get((prompt, screen), f"{prompt}.{screen}")
    template = f"login/{here.replace('.', '/')}.html"
    known = {each.template: name for name, each in samples().items()}
    return known.get(template, "") or _OF_SCREENS.get((prompt, screen), "")


def pairs(primary: str, page_background: str) -> list[Pair]:
    """Every two colours that meet on our pages where a tenant has these; as they are drawn, not as they were typed."""
    found: list[Pair] = []
    accents = derive(primary) if primary else None
    for name, ground, accent in zip(THEMES, (LIGHT, DARK), accents or (), strict=False):
        surface = to_hex(ground.surface)
        found += [
            Pair("button", name, contrast(accent.on_fill, accent.fill), TEXT_CONTRAST),
            Pair("link", name, contrast(accent.text, surface), TEXT_CONTRAST),
            Pair("edge", name, contrast(accent.line, surface), CONTROL_CONTRAST),
        ]
    behind = parse_hex(page_background) if page_background else None
    if behind is not None:
        foot = readable(theme.FOOT, (behind,), TEXT_CONTRAST)
        found += [Pair("foot", name, contrast(foot, behind), TEXT_CONTRAST) for name in THEMES]
    return found


def _drafted(looks: Branding, draft: Draft) -> Branding:
    """With pieces and a page around them that are not saved yet."""
    written = [each for screens in draft.pieces.values() for places in screens.values() for each in places.values()]
    origins = {origin for each in [*written, draft.frame] if each for origin in page_template.picture_origins(each)}
    return replace(
        looks,
        partials={**looks.partials, **draft.pieces},
        template=draft.frame or looks.template,
        origins=looks.origins | origins,
    )


def _scheme(looks: Branding, name: str, draft: Draft) -> str:
    """Our colours of one theme whatever the device has, and those that are not saved yet over the tenant's."""
    dark = name == "dark"
    own = _variables()[1 if dark else 0]
    accents = derive(draft.primary or looks.accent or "")
    accent = "".join(f"{key}:{value};" for key, value in accents[dark].properties().items()) if accents else ""
    if looks.accent is None and not draft.primary and looks.sheet:
        own = ""  # a theme has one set of colours
    ground = theme.background(draft.page_background) if draft.page_background else ""
    return f":root{{{own}color-scheme:{name};{accent}}}{ground}"


@cache
def _variables() -> tuple[str, str]:
    """The custom properties of the light and the dark theme, as our sheet has them."""
    sheet = assets_by_name()["gate.css"].content.decode()
    light = _block(sheet, ":root {", 0)
    dark = _block(sheet, ") {", sheet.index(":root", sheet.index("@media (prefers-color-scheme: dark)")))
    return light.replace("color-scheme: light dark;", ""), dark


def _block(sheet: str, begins: str, from_: int) -> str:
    start = sheet.index(begins, from_) + len(begins)
    return " ".join(sheet[start : sheet.index("}", start)].split())


def _below(kind: type[PageView]) -> Iterator[type[PageView]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def _home(texts: Texts) -> WayOn:
    return WayOn("/account", texts.t("page.lead.toAccount"))


def _back(texts: Texts) -> WayOn:
    return WayOn("https://shop.example/", texts.t("page.lead.backTo", clientName="Harbour Shop"))


_OTHERS: Final[Mapping[str, Build]] = {
    "logout": lambda _texts: LogoutView(PERSON),
    "signed-out": lambda texts: SignedOutView(_home(texts), None, ()),
    "expired": lambda texts: ExpiredView(_back(texts)),
    "cookies": lambda texts: CookiesBlockedView(_home(texts)),
    "no-connection": lambda texts: NoConnectionView(
        "access_denied", "No connection is enabled for this application.", "01JD6Q0Y3M5T", _back(texts), None
    ),
    "source-down": lambda texts: SourceDownView("Acme Directory", "#", "#", (), _back(texts)),
    "error": lambda texts: ErrorView(
        400, "invalid_request", "The redirect URI is not registered.", "01JD6Q0Y3M5T", _back(texts)
    ),
}
"""Pages without an example of their own: they belong to no screen."""
_OF_SCREENS: Final[Mapping[tuple[str, str], str]] = {
    ("logout", "logout"): "logout",
    ("logout", "logout-complete"): "signed-out",
}
"""Screens of Auth0's whose page is one of those."""
