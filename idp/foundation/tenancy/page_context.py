"""Builds the frame of a hosted page for this request, and the answer that carries it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flask import Response, request

from idp.foundation.tenancy import appearance, cookies, http
from idp.foundation.tenancy.branding import branding
from idp.foundation.tenancy.work import Work
from idp.foundation.web import security
from idp.foundation.web.i18n import Texts, negotiate
from idp.foundation.web.language_list import PICKER, languages
from idp.foundation.web.pages import (
    Challenge,
    ClientView,
    FormError,
    Page,
    PageView,
    WayOn,
    render,
)
from idp.foundation.web.view_models import ErrorView

LANGUAGE_COOKIE, THEME_COOKIE = "lang", "theme"
THEMES = frozenset({"light", "dark"})
MAX_LANGUAGE = 35
"""Letters of a language tag (RFC 5646 4.4.1)."""


def picked_language() -> str | None:
    """What somebody picked from the list of languages on this very page."""
    return request.args.get(PICKER)


def locale(work: Work, ui_locales: str | None = None, kept: str | None = None) -> str:
    """The page's language: the picker's choice, then ``ui_locales`` of the request or of what the page belongs to, then
    what was picked before (in this browser; ``kept``: by this person in any), then what the browser asks for.
    """
    named = request.args.get("ui_locales") or ui_locales
    before = (cookies.get(work, LANGUAGE_COOKIE) or "")[:MAX_LANGUAGE]
    wanted = " ".join(filter(None, (picked_language(), named, before, kept)))
    return negotiate(wanted, request.headers.get("Accept-Language"), work.config.settings.enabled_locales)


def theme(work: Work, kept: str | None = None) -> str:
    """How the page looks whatever the device is set to, ``light`` or ``dark``: as this person wants it (``kept``), else
    as somebody wanted it in this browser; empty where nobody said.
    """
    wanted = kept or cookies.get(work, THEME_COOKIE) or ""
    return wanted if wanted in THEMES else ""


def texts(work: Work, ui_locales: str | None = None, kept: str | None = None) -> Texts:
    """The words of pages in the browser's language."""
    return appearance.texts(work, locale(work, ui_locales, kept))


def page(
    work: Work,
    *,
    ui_locales: str | None = None,
    kept_language: str | None = None,
    kept_theme: str | None = None,
    client: ClientView | None = None,
    state: str = "",
    errors: Sequence[FormError] = (),
    values: Mapping[str, str] | None = None,
    notice: str | None = None,
    challenge: Challenge | None = None,
    form_action: str = "",
    address: str = "",
    query: Mapping[str, str] | None = None,
) -> Page:
    """The frame. ``csrf`` is this browser's; :func:`answer` sets its cookie. ``address`` is the path where the page can
    be asked for in another language, with ``query``, if those aren't its own; an answer to a form that nobody can ask
    for has none.
    """
    words = texts(work, ui_locales, kept_language)
    return Page(
        texts=words,
        theme=theme(work, kept_theme),
        tenant=branding(work),
        nonce=security.nonce(),
        root=work.config.root,
        client=client,
        csrf=http.csrf_token(work),
        state=state,
        form_action=form_action,
        languages=languages(
            work.config.settings.enabled_locales, words.locale, address, request.args if query is None else query
        )
        if address or _can_be_opened()
        else None,
        errors=errors,
        values=values or {},
        notice=notice,
        challenge=challenge,
    )


def _can_be_opened() -> bool:
    """Whether the address of this page can be asked for: not that of a form which has no page of its own."""
    rule = request.url_rule
    return request.method != "POST" or (rule is not None and "GET" in (rule.methods or ()))


def answer(
    work: Work,
    view: PageView,
    frame: Page,
    *,
    template: str = "",
    status: int = 200,
    forms_stay: bool = True,
    frames: Iterable[str] = (),
    ancestors: str = "'none'",
) -> Response:
    """The rendered page with its headers: CSP with nonces, no-store, no framing but where ``ancestors`` says so.

    ``template`` is needed where the view names none (:func:`idp.foundation.web.pages.render`); ``forms_stay`` is told
    in :func:`idp.foundation.web.security.csp`.
    """
    response = Response(render(view, frame, template), status=status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = security.csp(
        frame.nonce,
        images=frame.image_origins(view.pictures()),
        font=frame.tenant.font_origin,
        forms_stay=forms_stay,
        frames=frames,
        ancestors=ancestors,
        others=frame.challenge.sources if frame.challenge else security.NOTHING,
    )
    if ancestors == "'none'":
        response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Cookie, Accept-Language"
    if picked_language():
        cookies.send(work, response, LANGUAGE_COOKIE, frame.locale, max_age_s=cookies.DEVICE_MAX_AGE_S, same_site="Lax")
    if frame.theme and frame.theme != cookies.get(work, THEME_COOKIE):
        cookies.send(work, response, THEME_COOKIE, frame.theme, max_age_s=cookies.DEVICE_MAX_AGE_S, same_site="Lax")
    return http.send_device(work, response)


def error(
    work: Work,
    *,
    status: int,
    code: str | None,
    description: str | None,
    client: ClientView | None = None,
    back: WayOn | None = None,
    retry_after: int | None = None,
) -> Response:
    """The error page (contract.md section 5: code and description as text, with a correlation id)."""
    response = answer(
        work,
        ErrorView(status, code, description, http.request_id(), back, retry_after),
        page(work, client=client),
        status=status,
    )
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
