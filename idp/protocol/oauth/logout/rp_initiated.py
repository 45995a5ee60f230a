"""``/oidc/logout``: RP-Initiated Logout 1.0. Anything doubtful never redirects (conformance.md 0.25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec
from flask import Blueprint, Response

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import ids, redirects
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import PageView
from idp.foundation.web.security import form_source
from idp.protocol.oauth import id_token_hint
from idp.protocol.oauth.authorize.views import parsed_parameters
from idp.signin.login import login_routes
from idp.signin.login.application import client_view
from idp.signin.login.pages import signed_out
from idp.signin.login.transaction import Expired
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession
from idp.tenant.keys import signer

KIND = "logout"
QUESTION_MS = 600_000
blueprint = Blueprint("rp_initiated_logout", __name__)


@dataclass(frozen=True)
class LogoutView(PageView):
    """Really sign out? Buttons ``action=accept`` and ``action=deny``."""

    template: ClassVar[str] = "login/logout/confirm.html"
    user_email: str | None


class Question(msgspec.Struct, frozen=True):
    """What a confirmation page was asked about."""

    target: str | None
    client_id: str | None
    ui_locales: str | None = None


@blueprint.route("/oidc/logout", methods=["GET", "POST"])
def oidc_logout() -> Response:
    """Check, then sign out or ask first."""
    work = http.current()
    params = parsed_parameters()
    session = sessions.read(work, http.session_secret())
    if session is None:
        work.refresh()
    hint = _hint(work, params.get("id_token_hint"))
    client = _client(work, params, hint)
    target = _target(work, params, client)
    named_session = params.get("logout_hint")
    hinted = (
        hint is not None
        and session is not None
        and (hint.get("sid") == session.id or ("sid" not in hint and hint.get("sub") == session.user_id))
    )
    certain = hinted or (session is not None and named_session == session.id)
    if hint is not None and named_session and hint.get("sid") not in (None, named_session):
        raise PageError("invalid_request", "logout_hint and id_token_hint do not belong together.")
    if session is None or certain or not work.config.settings.sessions.oidc_logout_prompt_enabled:
        return signed_out(
            work,
            session,
            client_id=client.client_id if client else None,
            target=target,
            ui_locales=params.get("ui_locales"),
        )
    return _ask(work, session, client, target, params.get("ui_locales"))


@blueprint.post("/oidc/logout/confirm")
def confirm() -> Response:
    """The answer to the question (security.md L2)."""
    work = http.current()
    http.check_form(work, http.form().get("csrf"))
    state = http.form().get("state", "")[:200]
    question, _ = one_time.read(work, KIND, state, Question)
    if question is None or not one_time.take(work, KIND, state):
        raise _expired(work, state)
    session = sessions.read(work, http.session_secret())
    if http.form().get("action") != "accept":
        return http.redirect(f"{work.config.url}account")
    return signed_out(
        work, session, client_id=question.client_id, target=question.target, ui_locales=question.ui_locales
    )


def _expired(work: Work, state: str) -> Expired:
    """The question was answered before or is too old: the way back to the application that asked it."""
    was = one_time.peek(work, KIND, state, Question)
    client = clients.find(work, was.client_id) if was and was.client_id else None
    back_url = login_routes.application(work, client, was.target or "") if was and client else None
    return Expired(client=client, back_url=back_url, ui_locales=was.ui_locales if was else None)


def _ask(
    work: Work, session: LiveSession, client: ClientConfig | None, target: str | None, ui_locales: str | None
) -> Response:
    state = ids.token()
    question = Question(target, client.client_id if client else None, ui_locales)
    one_time.put(work, KIND, state, question, ttl_ms=QUESTION_MS)
    page = page_context.page(
        work,
        ui_locales=ui_locales,
        client=client_view(client) if client else None,
        state=state,
        form_action="/oidc/logout/confirm",
    )
    source = form_source(target) if target else None
    return page_context.answer(
        work, LogoutView(session.email or session.name), page, form_targets=[source] if source else []
    )


def _hint(work: Work, raw: str | None) -> dict[str, Any] | None:
    """The claims of an ID token of ours; its expiry does not matter. Raises PageError for any other text."""
    if not raw:
        return None
    try:
        return id_token_hint.read(work, raw)[0]
    except signer.InvalidToken as error:
        raise PageError("invalid_request", "The id_token_hint is not valid.", detail=str(error)) from error


def _client(work: Work, params: dict[str, str], hint: dict[str, Any] | None) -> ClientConfig | None:
    client_id = params.get("client_id")
    if hint is not None:
        audience = hint.get("aud")
        names = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
        if client_id and client_id not in names:
            raise PageError("invalid_request", "client_id and id_token_hint do not belong together.")
        client_id = client_id or (str(names[0]) if names else None)
    if not client_id:
        return None
    client = clients.find(work, client_id[:64])
    if client is None:
        raise PageError("invalid_request", "Unknown client.")
    return client


def _target(work: Work, params: dict[str, str], client: ClientConfig | None) -> str | None:
    uri = params.get("post_logout_redirect_uri")
    if not uri:
        return None
    if client is None and not params.get("logout_hint"):
        raise PageError("invalid_request", "post_logout_redirect_uri needs id_token_hint or client_id beside it.")
    allowed = client.data.allowed_logout_urls if client else work.config.settings.allowed_logout_urls
    wildcards = (
        client.compatibility.logout_url_wildcards if client else work.config.settings.compatibility.logout_url_wildcards
    )
    if not (redirects.matches(uri, allowed) or (wildcards and redirects.matches_wildcard(uri, allowed))):
        raise PageError("invalid_request", "The post_logout_redirect_uri is not in the list of allowed logout URLs.")
    return redirects.with_params(uri, {"state": params["state"]}) if "state" in params else uri
