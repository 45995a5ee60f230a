"""Builds the frame of a hosted page for this request, and the answer that carries it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flask import Response, request

from idp.foundation.tenancy import http
from idp.foundation.tenancy.branding import branding
from idp.foundation.tenancy.work import Work
from idp.foundation.web import security
from idp.foundation.web.i18n import Texts, negotiate, texts_for
from idp.foundation.web.pages import ClientView, FormError, Page, PageView, locale_links, render
from idp.foundation.web.view_models import ErrorView


def locale(work: Work, ui_locales: str | None = None) -> str:
    """The page's language: the picker's choice, then ``ui_locales`` of the request, then the browser's."""
    wanted = request.args.get("ui_locales") or ui_locales
    return negotiate(wanted, request.headers.get("Accept-Language"), work.config.settings.enabled_locales)


def texts(work: Work, ui_locales: str | None = None) -> Texts:
    """The words of pages in the browser's language."""
    return texts_for(locale(work, ui_locales))


def page(
    work: Work,
    *,
    ui_locales: str | None = None,
    client: ClientView | None = None,
    state: str = "",
    errors: Sequence[FormError] = (),
    values: Mapping[str, str] | None = None,
    notice: str | None = None,
    form_action: str = "",
) -> Page:
    """The frame. ``csrf`` is this browser's; :func:`answer` sets its cookie."""
    words = texts(work, ui_locales)
    return Page(
        texts=words,
        tenant=branding(work),
        nonce=security.nonce(),
        client=client,
        csrf=http.csrf_token(work),
        state=state,
        form_action=form_action,
        locale_links=locale_links(work.config.settings.enabled_locales, words.locale, request.path, request.args),
        errors=errors,
        values=values or {},
        notice=notice,
    )


def answer(
    work: Work,
    view: PageView,
    frame: Page,
    *,
    template: str = "",
    status: int = 200,
    form_targets: Iterable[str] = (),
    frames: Iterable[str] = (),
    ancestors: str = "'none'",
) -> Response:
    """The rendered page with its headers: CSP with nonces, no-store, no framing but where ``ancestors`` says so.

    ``template`` is needed where the view names none (:func:`idp.foundation.web.pages.render`).
    """
    response = Response(render(view, frame, template), status=status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = security.csp(
        frame.nonce, images=frame.image_origins(), form_targets=form_targets, frames=frames, ancestors=ancestors
    )
    if ancestors == "'none'":
        response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Cookie, Accept-Language"
    return http.send_device(work, response)


def error(
    work: Work,
    *,
    status: int,
    code: str | None,
    description: str | None,
    client: ClientView | None = None,
    back_url: str | None = None,
    retry_after: int | None = None,
) -> Response:
    """The error page (contract.md section 5: code and description as text, with a correlation id)."""
    response = answer(
        work,
        ErrorView(status, code, description, http.request_id(), back_url, retry_after),
        page(work, client=client),
        status=status,
    )
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
