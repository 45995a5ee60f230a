"""Forms of the account page about the account itself: its address, its picture, how pages look, its deletion. What
opens the account, or ends it, wants a fresh proof of who it is (security.md O3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Self

from flask import Blueprint, Response, request
from flask_login import current_user, login_required

from idp.account import service, signed_in
from idp.account.views import checked, done, page
from idp.directory.users import photos
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import BadRequest, Conflict, PageError
from idp.foundation.tenancy import cookies, http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web import multipart
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import login_routes
from idp.signin.login.screen import Problem
from idp.signin.self_service import address_change, deletion
from idp.signin.self_service.address_change import Refused
from idp.signin.sessions.service import LiveSession

blueprint = Blueprint("account_own", __name__)
THEMES = ("light", "dark")
BESIDE = 16 * 1024
"""Bytes that the other inputs of a form with a picture may take."""
PROBLEMS = {
    Refused.INVALID: "signup.signup.invalid-email",
    Refused.SAME: "account.index.same-email",
    Refused.NOT_HERE: "signup.signup.refused-domain",
}


@dataclass(frozen=True)
class DeletionView(PageView):
    """Shall the account be deleted? It would be erased at ``due``, ``days`` from now."""

    template: ClassVar[str] = "account/deletion.html"
    email: str
    due: datetime
    days: int

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """In two weeks."""
        return cls("josephine.baker@example.com", datetime(2026, 12, 4, 14, 30, tzinfo=UTC), 14)


@dataclass(frozen=True)
class LeavingView(PageView):
    """It will be, and the person is signed out everywhere."""

    template: ClassVar[str] = "account/leaving.html"
    email: str
    due: datetime
    login_url: str

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """In two weeks."""
        return cls("josephine.baker@example.com", datetime(2026, 12, 4, 14, 30, tzinfo=UTC), "/account")


@blueprint.post("/account/email")
@login_required
def email() -> Response:
    """Another address, or that it stays."""
    work, session = checked()
    form = http.form()
    if form.get("action") == "call-off":
        gone = address_change.cancel(work, session.user_id)
        return done("email-called-off") if gone else http.redirect(work.href("/account"))
    if not service.proven_freshly(work, session):
        return http.redirect(work.href("/account/confirm"))
    user, typed = service.user_of(work, session), form.get("new_email", "").strip()
    locale = page_context.locale(work, kept=session.language)
    refused = address_change.begin(work, user, typed, locale=locale)
    if refused is None:
        return done("email-requested")
    if isinstance(refused, Refused):
        return page(Problem(PROBLEMS[refused], "new_email"), {"new_email": typed})
    return page(_wait(work, session, refused), status=429)


@blueprint.post("/account/picture")
@login_required
def picture() -> Response:
    """A picture of one's own, or none."""
    work = http.current()
    session: LiveSession = current_user.session
    texts, files = _with_file()
    http.check_form(work, texts.get("csrf"))
    user = service.user_of(work, session)
    if texts.get("action") == "remove":
        service.remove_picture(work, session, user)
        return done("picture-removed")
    wait = limits.exceeded(work, limits.OWN_PICTURES, session.user_id)
    if wait is not None:
        return page(_wait(work, session, wait), status=429)
    try:
        service.keep_picture(work, session, user, files.get("picture", b""))
    except photos.NoPhoto:
        return page(Problem("account.index.picture-refused", "picture"))
    return done("picture")


@blueprint.post("/account/look")
@login_required
def look() -> Response:
    """The theme of pages, here and in every other browser."""
    work, session = checked()
    chosen = http.form().get("theme", "")
    theme = chosen if chosen in THEMES else None
    service.keep_theme(work, session, theme)
    response = done("look")
    if theme is None:
        cookies.drop(work, response, page_context.THEME_COOKIE)
    return response


@blueprint.get("/account/deletion")
@login_required
def ask() -> Response:
    """The question, of somebody who proved a moment ago who they are."""
    work = http.current()
    session: LiveSession = current_user.session
    due, days = deletion.due_at(work), deletion.days(work)
    if due is None or days is None:
        raise PageError("not_found", "Accounts are not deleted by their owners here.", status=404)
    if not service.proven_freshly(work, session):
        return signed_in.prove_again(session, signed_in.DELETION, anew=service.needs_passkey(work, session))
    frame = page_context.page(
        work, kept_language=session.language, kept_theme=session.theme, address=work.href(signed_in.DELETION)
    )
    user = service.user_of(work, session)
    return page_context.answer(work, DeletionView(user.called, _moment(due), days), frame)


@blueprint.post("/account/deletion")
@login_required
def delete() -> Response:
    """Yes: signed out everywhere, and gone after some days."""
    work, session = checked()
    if not service.proven_freshly(work, session):
        return http.redirect(work.href(signed_in.DELETION))
    user, locale = service.user_of(work, session), page_context.locale(work, kept=session.language)
    try:
        due = deletion.request(work, user, locale=locale)
    except Conflict as error:
        raise PageError("forbidden", error.message, status=409) from error
    if due is None:
        return http.redirect(work.href("/account"))
    frame = page_context.page(work, kept_language=session.language, kept_theme=session.theme)
    view = LeavingView(user.called, _moment(due), login_routes.account_url(work))
    return http.drop_session(work, page_context.answer(work, view, frame))


def _with_file() -> tuple[dict[str, str], dict[str, bytes]]:
    """The inputs of a form that carries a picture, and its files. Raises PageError: 413, 400."""
    if request.mimetype != multipart.KIND:
        return http.form(), {}
    limit = photos.MOST_BYTES + BESIDE
    request.max_content_length = limit + 1
    content = request.stream.read(limit + 1)
    if len(content) > limit:
        raise PageError("invalid_request", f"A picture may have {photos.MOST_BYTES} bytes at most.", status=413)
    try:
        found = multipart.parse(request.headers.get("Content-Type", ""), content) or {}
    except BadRequest as error:
        raise PageError("invalid_request", error.message) from error
    texts = {name: value for name, value in found.items() if isinstance(value, str)}
    return texts, {name: value for name, value in found.items() if isinstance(value, bytes)}


def _wait(work: Work, session: LiveSession, seconds: int) -> Problem:
    words = {"wait": page_context.texts(work, kept=session.language).duration(seconds)}
    return Problem("login.login.rate-limited", values=words)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
