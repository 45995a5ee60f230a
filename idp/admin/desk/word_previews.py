"""What people are sent, as a document of its own for the frame that shows it: a mail (``/admin/branding/mails/{name}/
preview``) or a text message. GET shows what is stored; POST what is typed and not saved, for nobody but whoever typed
it. It runs no script and asks no other host for anything but the tenant's logo: its policy header puts it into a
sandbox, wherever it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from idp.admin import signed_in
from idp.admin.desk import operations, pages, showing, uploads
from idp.admin.desk.texts import DeskTexts, spoken, texts_for
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import documents, http, page_context
from idp.foundation.tenancy.branding import branding
from idp.foundation.tenancy.work import Work
from idp.foundation.web import security
from idp.foundation.web.i18n import direction
from idp.foundation.web.liquid import TemplateError
from idp.foundation.web.pages import environment
from idp.tenant.mail import api as mail
from idp.tenant.mail import templates, trial
from idp.tenant.phone import api as phone
from idp.tenant.phone import runtime as messages

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {images}; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'; sandbox"
)
"""Mails have their styles on their elements. What the frame shows has an origin of its own and runs nothing."""
EXAMPLE = "jane@example.com"
DRAWN = ("subject", "from", "body")
"""What a mail is written with."""


@dataclass(frozen=True)
class Written:
    """What is shown: lines above, HTML, texts, or why there is nothing to be shown."""

    heads: Sequence[tuple[str, str]] = ()
    html: str = ""
    text: Sequence[str] = ()
    problem: str = ""


def of_mail(work: Work, name: str) -> Response:
    """A mail. Raises PageError: there is none of that name, or it is not for this person."""
    texts, form = _enter(work, mail.get_template)
    if name not in templates.NAMES:
        raise PageError("not_found", "There is no such page.", status=404)
    asked = http.query().get("lang", "")
    language = asked if asked in work.config.settings.enabled_locales else ""
    row = documents.get(work, templates.KIND, name) if form is None else None
    shown: Mapping[str, Any] = row.document if row is not None else {}
    if form is not None:  # nothing else of it is seen here, and nobody has said yet that it is right
        shown = {member: form.get(member, "") for member in DRAWN}
    try:
        made = trial.written(work, name, shown, to=EXAMPLE, language=language)
    except TemplateError as error:
        return _answer(work, texts, Written(problem=str(error)))
    heads = [
        (texts.t("mails.field.from"), f"{made.sender_name} <{made.sender}>"),
        (texts.t("mails.field.subject"), made.subject),
    ]
    return _answer(work, texts, Written(heads, made.html))


def of_message(work: Work, name: str) -> Response:
    """A text message. Raises PageError: there is none of that name, or it is not for this person."""
    texts, form = _enter(work, phone.get_template)
    row = documents.get(work, messages.TEMPLATE, name)
    if row is None:
        raise PageError("not_found", "There is no such page.", status=404)
    body = ((row.document.get("content") or {}).get("body")) or {}
    sources = (
        [body.get("text"), body.get("voice")]
        if form is None
        else [form.get(f"content.body.{each}") for each in ("text", "voice")]
    )
    try:
        said = [messages.render(work, str(source), messages.EXAMPLE) for source in sources if source]
    except TemplateError as error:
        return _answer(work, texts, Written(problem=str(error)))
    return _answer(work, texts, Written(text=said))


def _enter(work: Work, reads: operations.Handler) -> tuple[DeskTexts, Mapping[str, str] | None]:
    """The words of whoever may see it, and the form where they sent one."""
    member = signed_in.member(work)
    if member is None:
        raise PageError("access_denied", "Sign in to the dashboard first.", status=403)
    work.actor = member.actor
    showing.refuse_drafts(member.actor, request.method)
    form = None
    if request.method == "POST":
        form = uploads.inputs()
        http.check_form(work, form.get("csrf"))
    pages.count(work, member)
    if not operations.may(work, reads):
        raise PageError("access_denied", "You may not see this.", status=403)
    return texts_for(spoken(page_context.locale(work, kept=member.session.language))), form


def _answer(work: Work, texts: DeskTexts, made: Written) -> Response:
    html = (
        environment()
        .get_template("admin/mails/preview.html")
        .render(
            locale=texts.locale,
            dir=direction(texts.locale),
            title=texts.t("mails.preview.title"),
            heads=made.heads,
            html=made.html,
            text=made.text,
            problem=made.problem,
        )
    )
    response = Response(showing.drawn(work.actor, html), status=422 if made.problem else 200, mimetype="text/html")
    logo = security.source(branding(work).logo_url or "")
    response.headers["Content-Security-Policy"] = POLICY.format(images=" ".join(filter(None, ("data:", logo))))
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "no-store"
    return response
