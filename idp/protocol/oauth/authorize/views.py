"""``GET`` and ``POST /authorize``, and ``/authorize/resume``, where every login page ends."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request

from idp.foundation.kernel.errors import OAuthError
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import cookies, http
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import response_modes
from idp.protocol.oauth.authorize import answer, pipeline, respond
from idp.protocol.oauth.authorize.request import AuthorizeRequest, Draft
from idp.protocol.oauth.session_management import state
from idp.signin.login import flow, login_tickets
from idp.signin.login.flow import Ask, Attempt, Done, Refuse
from idp.signin.login.pages import begun, browser, leave, to_screen
from idp.signin.sessions import service as sessions

blueprint = Blueprint("authorize", __name__)


@blueprint.route("/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """OIDC Core 3.1.2: check the request, then answer, ask, or refuse."""
    work = http.current()
    raw = parsed_parameters()
    session = sessions.read(work, http.session_secret(), raw.get("client_id", "")[:64])
    if session is None:
        work.refresh()
    draft = Draft(work, raw)
    pipeline.prove(draft)
    client = draft.known_client
    try:
        asked = pipeline.check(draft)
    except OAuthError as problem:
        mode = draft.checked.get("response_mode", "query")
        respond.log_failure(work, client, problem, silent=False)
        return respond.error(work, client, mode, draft.checked["redirect_uri"], draft.checked.get("state"), problem)
    ticket = login_tickets.redeem(work, client, raw.get("login_ticket"), cookies.get(work, login_tickets.COOKIE))
    if ticket is not None:
        fresh = flow.fresh(answer.wanted(client, asked), device_hash=digest(http.ensure_device()))
        page = begun(work, fresh)
        return http.send_device(work, leave(page, login_tickets.enter(page, ticket)))
    return _translate(work, asked, Attempt(answer.wanted(client, asked), session, browser=browser(work)))


@blueprint.get(answer.RESUME)
def resume() -> Response:
    """After a login page: the same question to the flow again, now with what this attempt has proven."""
    work = http.current()
    state, device_hash, secret = http.query().get("state"), http.device_hash(), http.session_secret()
    attempt = flow.resumed(
        work, state, path=answer.RESUME, device_hash=device_hash, session_secret=secret, browser=browser(work)
    )
    asked = msgspec.convert(attempt.request.protocol_request, AuthorizeRequest)
    try:
        pipeline.check_again(work, asked)
    except OAuthError as problem:
        return _refuse(work, asked, attempt, Refuse(problem, attempt.session.user_id if attempt.session else None))
    return _translate(work, asked, attempt)


def parsed_parameters() -> dict[str, str]:
    """Parameters of the query (GET) or the form (POST). Raises PageError: nothing is proven yet."""
    return http.form() if request.method == "POST" else http.query()


def _translate(work: Work, asked: AuthorizeRequest, attempt: Attempt) -> Response:
    """What the flow decides, as OAuth says it."""
    match flow.advance(work, attempt):
        case Ask() as ask:
            return to_screen(work, attempt, ask, status=303 if request.method == "POST" else 302)
        case Refuse() as refusal:
            return _refuse(work, asked, attempt, refusal)
        case Done() as done:
            try:
                return _answer(work, asked, attempt, done)
            except OAuthError as problem:  # the gate: something was changed while the user signed in
                return _refuse(work, asked, attempt, Refuse(problem, done.session.user_id))


def _refuse(work: Work, asked: AuthorizeRequest, attempt: Attempt, refusal: Refuse) -> Response:
    client, problem = attempt.request.client, refusal.error
    if attempt.request.silent:
        flow.finish(work, attempt)
        respond.give_up(work, asked.pushed)
        respond.log_failure(work, client, problem, silent=True)
    else:
        with work.transaction():
            flow.finish(work, attempt)
            respond.give_up(work, asked.pushed)
            if not flow.told(attempt, problem):
                respond.log_failure(work, client, problem, silent=False, user_id=refusal.user_id)
    return respond.error(work, client, asked.response_mode, asked.redirect_uri, asked.state, problem)


def _answer(work: Work, asked: AuthorizeRequest, attempt: Attempt, done: Done) -> Response:
    params = answer.params(work, asked, attempt, done)
    client, secret = attempt.request.client, http.session_secret()
    told = state.added(work, client, asked.redirect_uri, asked.scopes, secret, params)
    return response_modes.send(work, asked.response_mode, asked.redirect_uri, told)
