"""What every hosted page is made of: the frame it stands in, and the engine that renders it.

Knows templates, texts and colours; knows no request. The view that owns a page collects a ``Page`` and the page's own
context, a :class:`PageView` (``docs/reference/pages.md`` lists them all), and calls ``render``.
"""

import re
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlsplit

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from idp.foundation.web import liquid
from idp.foundation.web.accent import OWN_LIGHT, Accent, derive, stylesheet
from idp.foundation.web.assets import asset_url
from idp.foundation.web.i18n import Texts, direction, isolated, texts_for
from idp.foundation.web.language_list import Languages
from idp.foundation.web.liquid import TemplateError
from idp.foundation.web.page_template import compose
from idp.foundation.web.security import NOTHING, Sources

log = structlog.get_logger(__name__)

ERROR_KINDS: Final[Mapping[int, str]] = {
    400: "bad-request",
    401: "bad-request",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    414: "too-large",
    429: "rate-limited",
    500: "internal",
    503: "unavailable",
}
"""Which words ``error.html`` uses for a status; anything else is read as 400 below 500 and as 500 above."""

_LINK: Final = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?=[/?#]|\Z)")
"""Strict, since it goes into a policy header: a host that is none of these letters could add directives to it."""


@dataclass(frozen=True, slots=True)
class Branding:
    """A tenant as its users see it: friendly name, logo, colour, where to ask for help."""

    name: str
    logo_url: str | None = None
    accent: str | None = None
    """``#rrggbb`` or ``#rgb``; whatever it is, texts and controls drawn with it stay readable."""
    favicon_url: str | None = None
    support_url: str | None = None
    sheet: str | None = None
    """Path of the sheet of styles with the tenant's theme, font and ground."""
    logo_position: str = ""
    """``none`` where a theme shows no logo."""
    social_first: bool = False
    """Other ways to sign in stand above the form."""
    code_autocomplete: bool = True
    """Whether one-time codes may be filled in by the browser."""
    captcha_theme: str = ""
    """``dark`` or ``light``: how the widget of a CAPTCHA provider looks, where that is chosen."""
    origins: frozenset[str] = frozenset()
    """Where pictures of theme and page template come from."""
    font_origin: str | None = None
    template: str | None = None
    """The Liquid template around our forms."""
    template_values: Mapping[str, Any] = field(default_factory=dict)
    """What that template, and pieces of pages, may name."""
    partials: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    """Pieces of the tenant's by prompt, screen and place."""

    def stylesheet(self) -> str:
        """The tenant's colours as CSS, or nothing."""
        return stylesheet(self.accent) if self.accent else ""

    def mail_accent(self) -> Accent:
        """The button colours of a mail: mails have one sheet, so it is the light theme's."""
        accents = derive(self.accent) if self.accent else None
        return accents[0] if accents else OWN_LIGHT


@dataclass(frozen=True, slots=True)
class ClientView:
    """The application a person is on the way to."""

    name: str
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    verified: bool = True
    """First-party, or vouched for by the tenant; shown on the consent page."""
    home_uri: str | None = None
    """Where a way back leads: the client's ``initiate_login_uri``."""


@dataclass(frozen=True, slots=True)
class WayOn:
    """Where a page leads on which nothing is left to do: the button's address and words."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class FormError:
    """A sentence in the error summary; with ``field`` (an input's id) it stands at that field, too. ``focus`` is the
    input to go on with where it belongs to none.
    """

    message: str
    field: str | None = None
    focus: str | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a form asks to keep programs out. ``provider`` ``auth_challenge``: the page's script looks for the number up
    to ``most`` that ``target`` is the hash of, behind ``salt``; browsers without scripts are asked what ``first`` and
    ``second`` make, as ``simple_captcha`` asks everybody. ``token`` is ours, and names all of that. Others bring a
    ``script`` along, which looks for the element ``widget`` and puts what it found into ``field``.
    """

    provider: str
    token: str = ""
    salt: str = ""
    target: str = ""
    most: int = 0
    first: int = 0
    second: int = 0
    widget: str = ""
    field: str = ""
    site_key: str = ""
    script: str = ""
    sources: Sources = NOTHING


@dataclass(frozen=True, slots=True)
class Page:
    """The frame of one page: language, tenant, application, form secrets, messages."""

    texts: Texts
    tenant: Branding
    nonce: str
    """The nonce of this answer's Content-Security-Policy, for ``script-src`` and ``style-src``."""
    theme: str = ""
    """``light`` or ``dark`` where the page looks so whatever the device is set to."""
    root: str = ""
    """Path of the tenant's URL without its trailing slash, before every address of ours (:meth:`href`)."""
    client: ClientView | None = None
    csrf: str = ""
    state: str = ""
    form_action: str = ""
    """Where the page's form posts; empty means the page's own address."""
    languages: Languages | None = None
    """The list in its foot, where there is a choice."""
    errors: Sequence[FormError] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    """What was typed, by input name, for a form shown again. Never a password."""
    notice: str | None = None
    """A sentence saying what was just done (``role=status``)."""
    challenge: Challenge | None = None
    """What its form asks to keep programs out."""
    pieces: Mapping[str, Markup] = field(default_factory=dict)
    """The tenant's own pieces of this page, by the place where they stand."""

    def piece(self, place: str) -> Markup:
        """What the tenant has put at ``place``."""
        return self.pieces.get(place, Markup())

    @property
    def locale(self) -> str:
        """The page's language tag, for ``lang``."""
        return self.texts.locale

    @property
    def dir(self) -> str:
        """``ltr`` or ``rtl``, for ``dir``."""
        return direction(self.locale)

    def href(self, path: str) -> str:
        """The address of one of our pages or files: ``path`` is that of its route, with a slash before it."""
        return f"{self.root}{path}"

    def error_for(self, name: str) -> str | None:
        """What is wrong with one input, if anything is."""
        return next((error.message for error in self.errors if error.field == name), None)

    @property
    def focus(self) -> str | None:
        """The input that has the focus for the one thing that is wrong; with several, the summary has it."""
        return (self.errors[0].field or self.errors[0].focus) if len(self.errors) == 1 else None

    def image_origins(self, pictures: Iterable[str] = ()) -> frozenset[str]:
        """Origins of the logos on this page and of its ``pictures``: what ``img-src`` must allow beside ``'self'``."""
        client_logo = self.client.logo_uri if self.client else None
        urls = (self.tenant.logo_url, self.tenant.favicon_url, client_logo, *pictures)
        origins = (_ORIGIN.match(url) for url in urls if url)
        return self.tenant.origins | frozenset(origin[0] for origin in origins if origin)


class PageView:
    """The context of one template: a frozen dataclass, whose members are all the template sees beside ``page``.

    ``template`` is given here where no screen gives it by its names.
    """

    template: ClassVar[str] = ""

    def pictures(self) -> Iterable[str]:
        """Addresses of pictures of others that the page shows beside the logos."""
        return ()

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """Realistic data: the gallery of pages and its tests draw it."""
        raise NotImplementedError

    @classmethod
    def has_example(cls) -> bool:
        """Whether it, or a view that it is like, has such data."""
        return cls.example.__func__ is not PageView.example.__func__  # type: ignore[attr-defined] # of a class method


def error_kind(status: int) -> str:
    """The words for a status: the middle of the text keys ``error.<kind>.title``."""
    return ERROR_KINDS.get(status, "bad-request" if status < 500 else "internal")


def host_of(url: str) -> str:
    """Where a redirect leads, as people read it: the host and port, or the scheme of an application on a device."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or f"{parts.scheme}:"


def web_link(url: str | None) -> str | None:
    """The address, if it is one a link may carry that somebody else wrote: http, https or mailto, never a script."""
    return url if url and _LINK.match(url) else None


def templates_folder() -> Path:
    """``templates/`` of the checkout, else the copy inside the installed package."""
    package = Path(__file__).resolve().parents[2]
    checkout = package.parent / "templates"
    return checkout if checkout.is_dir() else package / "_templates"


class _Engine(Environment):
    """Templates that get nothing of their own share the names that all have: a chain of two maps, as it usually is, is
    searched name by name with every import of a macro.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def make_environment(*, auto_reload: bool = False) -> Environment:
    """The template engine: HTML always escaped, names that are not there always an error."""
    environment = _Engine(
        loader=FileSystemLoader(templates_folder()),
        autoescape=select_autoescape(enabled_extensions=("html",), disabled_extensions=("txt",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=auto_reload,
        cache_size=-1,
    )
    environment.globals.update(
        asset_url=asset_url, host_of=host_of, error_kind=error_kind, web_link=web_link, isolated=isolated
    )
    return environment


@cache
def environment() -> Environment:
    """The engine of this process."""
    return make_environment()


def render(view: PageView, page: Page, template: str = "") -> str:
    """One page as HTML; ``template`` where the view names none. Raises ``jinja2.UndefinedError`` where the view lacks
    what the template asks for.
    """
    texts, name = page.texts, template or view.template
    found = environment().get_template(name)
    screen = _screen(name)
    if screen is not None and page.tenant.partials:
        page = replace(page, pieces=_pieces(page, *screen))
    html = found.render(page=page, t=texts.t, rich=texts.rich, **vars(view))
    if screen is None or page.tenant.template is None:
        return html
    try:
        return compose(page.tenant.template, html, _values(page, *screen), page.nonce)
    except TemplateError as error:  # read when it was stored; what it does with the values of today shows only now
        log.warning("a page template failed", reason=str(error), template=name)
        return html


_UNFRAMED: Final = frozenset({"login/form-post.html", "login/web-message.html"})
"""Pages that nobody looks at."""


def _screen(template: str) -> tuple[str, str] | None:
    """(prompt, screen) of a hosted page that stands in the tenant's own surroundings."""
    parts = template.removesuffix(".html").split("/")
    if template in _UNFRAMED or parts[0] not in {"login", "error"}:
        return None
    return (parts[1], parts[-1]) if len(parts) == 3 else ("error", "error")


def _pieces(page: Page, prompt: str, screen: str) -> dict[str, Markup]:
    made: dict[str, Markup] = {}
    for place, source in page.tenant.partials.get(prompt, {}).get(screen, {}).items():
        try:
            # what stands in it was held against the rules for pieces when it was stored; values are escaped
            made[place] = Markup(liquid.html(source, _values(page, prompt, screen)))  # noqa: S704
        except TemplateError as error:
            log.warning("a piece of a page failed", reason=str(error), prompt=prompt, screen=screen)
    return made


def _values(page: Page, prompt: str, screen: str) -> dict[str, Any]:
    """What a template may name (documented under "Page templates")."""
    client = page.client
    application = {"name": client.name, "logo_url": client.logo_uri} if client else {"name": page.tenant.name}
    return {
        **page.tenant.template_values,
        "application": application,
        "prompt": {"name": prompt, "screen": {"name": screen, "texts": page.texts.of_screen(prompt, screen)}},
        "locale": page.locale,
        "dir": page.dir,
    }


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail's three parts."""

    subject: str
    text: str
    html: str


def render_mail(name: str, locale: str, tenant: Branding, **context: object) -> RenderedMail:
    """The mail ``templates/mail/<name>`` in a locale. The subject is one line whatever the names in it hold."""
    texts = texts_for(locale)
    words = {"texts": texts, "t": texts.t, "rich": texts.rich, "moment": datetime.fromisoformat}
    frame = {"tenant": tenant, "dir": direction(locale), **words, **context}
    names = {"companyName": tenant.name, **{key: value for key, value in context.items() if isinstance(value, str)}}
    engine = environment()
    return RenderedMail(
        subject=" ".join(texts.t(f"mail.{name}.subject", **names).split()),
        text=engine.get_template(f"mail/{name}.txt").render(frame),
        html=engine.get_template(f"mail/{name}.html").render(frame),
    )
