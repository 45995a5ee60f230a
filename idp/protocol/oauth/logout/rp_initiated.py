"""``/oidc/logout``: RP-Initiated Logout 1.0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import Blueprint, Response

from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import PageView
from idp.protocol.oauth.authorize.views import parsed_parameters
from idp.protocol.oauth.logout import question
from idp.protocol.oauth.logout.question import Question
from idp.protocol.oauth.logout.request import LogoutRequest, check
from idp.signin.login import source_sessions
from idp.signin.login.application import client_view
from idp.signin.login.pages import signed_out
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession

blueprint = Blueprint("rp_initiated_logout", __name__)


@dataclass(frozen=True)
class LogoutView(PageView):
    """Really sign out? Buttons ``action=accept`` and ``action=deny``."""

    template: ClassVar[str] = "login/logout/confirm.html"
    user_email: str | None


@blueprint.route("/oidc/logout", methods=["GET", "POST"])
def oidc_logout() -> Response:
    """Check, then sign out or ask first."""
    work = http.current()
    params = parsed_parameters()
    session = sessions.read(work, http.session_secret())
    if session is None:
        work.refresh()
    asked = check(work, params, session)
    if asked.must_ask and session is not None:
        return _question_page(work, session, asked)
    return _leave(work, session, asked)


@blueprint.post("/oidc/logout/confirm")
def confirm() -> Response:
    """The answer to the question (security.md L2)."""
    work = http.current()
    form = http.form()
    http.check_form(work, form.get("csrf"))
    asked = question.answered(work, form.get("state", ""))
    session = sessions.read(work, http.session_secret())
    if form.get("action") != "accept":
        return http.redirect(work.href("/account"))
    return _leave(work, session, asked)


def _leave(work: Work, session: LiveSession | None, asked: LogoutRequest | Question) -> Response:
    """With ``federated`` by way of the source that the person signed in at."""
    target = asked.target
    if session is not None and asked.federated:
        target = source_sessions.leave(work, session, client_id=asked.client_id, target=target) or target
    return signed_out(work, session, client_id=asked.client_id, target=target, ui_locales=asked.ui_locales)


def _question_page(work: Work, session: LiveSession, asked: LogoutRequest) -> Response:
    page = page_context.page(
        work,
        ui_locales=asked.ui_locales,
        kept_language=session.language,
        kept_theme=session.theme,
        client=client_view(asked.client) if asked.client else None,
        state=question.ask(work, asked),
        form_action=work.href("/oidc/logout/confirm"),
    )
    return page_context.answer(work, LogoutView(session.email or session.name), page, forms_stay=asked.target is None)
