"""``/admin/branding/look/preview``: a page of the tenant's as a document of its own, for the frame that shows it. It
runs no script, sends no form and reads nothing of the dashboard: its policy header puts it into a sandbox, wherever it
is opened.

A form may be sent there as well (``formaction`` and ``formtarget`` of a button): what it says of words, pieces and the
page around is drawn, and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Response, request

from idp.admin import signed_in
from idp.admin.desk import app_samples, operations, pages, samples, showing, uploads
from idp.admin.desk.samples import Draft
from idp.applications.clients import api as clients
from idp.applications.clients.runtime import MOST_ID
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web import custom_words, security
from idp.foundation.web.accent import parse_hex
from idp.tenant.appearance import api as looks
from idp.tenant.appearance import markup
from idp.tenant.appearance.markup import MarkupError
from idp.tenant.appearance.prompts import PARTIAL_PROMPTS, PLACES, PROMPTS, SCREENS

PATH = "/admin/branding/look/preview"
MAX_URL = 2_000


def answer(work: Work) -> Response:
    """The document. Raises PageError: there is no such page, or it is not for this person."""
    member = signed_in.member(work)
    if member is None:
        raise PageError("access_denied", "Sign in to the dashboard first.", status=403)
    work.actor = member.actor
    showing.refuse_drafts(member.actor, request.method)
    asked, typed = http.query(), uploads.inputs() if request.method == "POST" else {}
    if request.method == "POST":
        http.check_form(work, typed.get("csrf"))
        asked = {**asked, **typed}
    pages.count(work, member)
    if not operations.may(work, looks.get_branding):
        raise PageError("access_denied", "You may not see this.", status=403)
    locale = asked.get("lang", "")
    if locale not in work.config.settings.enabled_locales:
        locale = work.config.settings.enabled_locales[0]
    theme = "dark" if asked.get("theme") == "dark" else "light"
    try:
        draft = _on_the_way_to(work, asked.get("client_id", ""), _draft(asked, typed))
        drawn = samples.draw(work, asked.get("screen", "login"), locale, theme, asked.get("state", ""), draft)
    except MarkupError as error:  # in the frame, where it is looked for
        return _framed(
            Response(f"{error}.", status=422, mimetype="text/plain"), security.csp(security.nonce(), ancestors="'self'")
        )
    except KeyError as error:
        raise PageError("invalid_request", "There is no such page.", status=404) from error
    policy = security.csp(drawn.nonce, images=drawn.images, font=drawn.font, ancestors="'self'")
    return _framed(Response(showing.drawn(member.actor, drawn.html), mimetype="text/html"), policy)


def _framed(response: Response, policy: str) -> Response:
    response.headers["Content-Security-Policy"] = f"{policy}; sandbox"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "no-store"
    return response


def _on_the_way_to(work: Work, client_id: str, draft: Draft) -> Draft:
    """The page as it is for people who sign in to that application, for whoever may see it.

    :raises KeyError: there is no such application.
    """
    if not client_id:
        return draft
    found = app_samples.of(work, client_id[:MOST_ID]) if operations.may(work, clients.get_client) else None
    if found is None:
        raise KeyError(client_id)
    return replace(draft, client=found.client, views=found.views)


def _draft(asked: Mapping[str, str], typed: Mapping[str, str]) -> Draft:
    """What is not saved yet. Raises MarkupError for what could not be."""
    prompt, what = typed.get("prompt", ""), typed.get("draft", "")
    return Draft(
        parse_hex(asked.get("primary", "")) or "",
        parse_hex(asked.get("page_background", "")) or "",
        asked.get("logo_url", "")[:MAX_URL],
        words=_words(prompt, typed) if what == "words" and prompt in PROMPTS else {},
        pieces=_pieces(prompt, typed) if what == "pieces" and prompt in PARTIAL_PROMPTS else {},
        frame=_frame(typed.get("template", "")) if what == "frame" else "",
    )


def _words(prompt: str, typed: Mapping[str, str]) -> Mapping[str, str]:
    given = {
        screen: {
            name.removeprefix(f"{screen}."): text.replace("\r\n", "\n")
            for name, text in typed.items()
            if name.startswith(f"{screen}.") and text
        }
        for screen in SCREENS[prompt]
    }
    return dict(custom_words.spread(prompt, given))


def _pieces(prompt: str, typed: Mapping[str, str]) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    found: dict[str, dict[str, str]] = {}
    for screen in SCREENS[prompt]:
        for place in PLACES:
            source = typed.get(f"{screen}.{place}", "").replace("\r\n", "\n")
            if source:
                markup.check_piece(source)
                found.setdefault(screen, {})[place] = source
    return {prompt: found}


def _frame(source: str) -> str:
    if source:
        markup.check_page(source)
    return source
