"""``GET`` and ``POST /authorize``, and ``/authorize/resume``, where every login page ends."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from flask import Blueprint, Response, redirect, request

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.kernel.errors import OAuthError, PageError
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import response_modes
from idp.protocol.oauth.authorize import pipeline, respond
from idp.protocol.oauth.authorize.request import AuthorizeRequest, Draft
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens.issuance_policy import login_refusal
from idp.signin.login import login_routes, policy
from idp.signin.login import transaction as transactions
from idp.signin.login.policy import Check, Situation
from idp.signin.login.transaction import Transaction
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession
from idp.tenant.audit import log

RESUME = "/authorize/resume"
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
    return _decide(work, client, asked, session)


@blueprint.get(RESUME)
def resume() -> Response:
    """After a login page: the same decision again, now with what this attempt has proven."""
    work = http.current()
    state = http.query().get("state")
    transaction = transactions.load(work, state)
    asked = msgspec.convert(transaction.request, AuthorizeRequest)
    client = clients.find(work, asked.client_id)
    if client is None:
        raise PageError("invalid_request", "The application that sent you here is no longer registered.")
    session = sessions.read(work, http.session_secret(), client.client_id)
    if session is not None and transaction.session_id is not None and session.id != transaction.session_id:
        session = None  # another tab signed somebody else in meanwhile
    return _decide(work, client, asked, session, str(state), transaction)


def parsed_parameters() -> dict[str, str]:
    """Parameters of the query (GET) or the form (POST). Raises PageError: nothing is proven yet."""
    return http.query() if request.method == "GET" else http.form()


def _decide(
    work: Work,
    client: ClientConfig,
    asked: AuthorizeRequest,
    session: LiveSession | None,
    state: str | None = None,
    transaction: Transaction | None = None,
) -> Response:
    silent = "none" in asked.prompt
    problem = OAuthError(*transaction.denied) if transaction and transaction.denied else _refusal(session)
    step = None if problem else policy.next_step(_situation(work, client, asked, session, transaction))
    if step is not None and (silent or _hopeless(step, transaction)):
        problem = OAuthError(step.error, step.description)
    if problem is not None:
        with work.hot.transaction():
            if state is not None:
                transactions.finish(work, state)
            if not silent:
                respond.log_failure(work, client, problem, silent=False, user_id=session.user_id if session else None)
        if silent:
            respond.log_failure(work, client, problem, silent=True)
        return respond.error(work, client, asked.response_mode, asked.redirect_uri, asked.state, problem)
    if step is not None:
        return _ask(work, client, asked, step, session, state, transaction)
    if session is None:
        raise AssertionError("the policy asks for a session first")
    return _answer(work, client, asked, session, state, transaction)


def _refusal(session: LiveSession | None) -> OAuthError | None:
    return login_refusal(blocked=session.blocked) if session else None


def _hopeless(step: Check, transaction: Transaction | None) -> bool:
    """The person did sign in, but as somebody else than the hint or from elsewhere than the connection that was asked
    for.
    """
    authenticated = transaction is not None and transaction.authenticated_at is not None
    return authenticated and step.reason in {"id_token_hint", "connection"}


def _situation(
    work: Work,
    client: ClientConfig,
    asked: AuthorizeRequest,
    session: LiveSession | None,
    transaction: Transaction | None,
) -> Situation:
    return Situation(
        work=work,
        client=client,
        session=session,
        prompt=asked.prompt,
        max_age=asked.max_age,
        hinted_user=asked.hinted_user,
        connection_id=asked.connection_id,
        scope=tuple(asked.scopes),
        audience=asked.audience,
        api=resource_servers.find(work, asked.audience) if asked.audience else None,
        redirect_host=urlsplit(asked.redirect_uri).hostname,
        authenticated_at=transaction.authenticated_at if transaction else None,
        consented=bool(
            transaction and session and transaction.consented and transaction.consent_user == session.user_id
        ),
    )


def _ask(
    work: Work,
    client: ClientConfig,
    asked: AuthorizeRequest,
    step: Check,
    session: LiveSession | None,
    state: str | None,
    transaction: Transaction | None,
) -> Response:
    fresh_device = http.ensure_device()
    if state is None or transaction is None:
        document: dict[str, Any] = msgspec.to_builtins(asked)
        transaction = Transaction(
            device_hash=digest(fresh_device),
            resume=RESUME,
            client_id=client.client_id,
            request=document,
            redirect_uri=asked.redirect_uri,
            ui_locales=asked.ui_locales,
            login_hint=_likely(asked, step, session),
            connection_id=asked.connection_id,
        )
        state = transactions.begin(work, transaction)
    elif step.screen == "login" and transaction.session_id is not None:
        transaction.session_id = transaction.authenticated_at = None
        transactions.save(work, state, transaction)
    response = redirect(_page_url(work, asked, step, state), 303 if request.method == "POST" else 302, Response)
    response.headers["Cache-Control"] = "no-store"
    return http.send_device(work, response)  # type: ignore[arg-type]


def _page_url(work: Work, asked: AuthorizeRequest, step: Check, state: str) -> str:
    """The page a step is done on."""
    if step.screen == "login":
        return login_routes.first_url(work, state, screen_hint=asked.screen_hint, ui_locales=asked.ui_locales)
    query = {"state": state, **({"ui_locales": asked.ui_locales} if asked.ui_locales else {})}
    return f"/u/{step.screen}?{urlencode(query)}"


def _likely(asked: AuthorizeRequest, step: Check, session: LiveSession | None) -> str | None:
    """Who the form is filled in for: the hint, or whoever is signed in and only has to prove it again (or pick another
    account).
    """
    again = session is not None and step.reason in {"prompt", "max_age"} and asked.screen_hint is None
    return asked.login_hint or (session.email if again and session else None)


def _answer(
    work: Work,
    client: ClientConfig,
    asked: AuthorizeRequest,
    session: LiveSession,
    state: str | None,
    transaction: Transaction | None,
) -> Response:
    if state is None and session.known_client and not sessions.due_for_touch(session):
        params = respond.code(work, client, asked, session)  # one statement: no transaction needed
    else:
        with work.hot.transaction():
            if state is not None:
                transactions.finish(work, state)
            params = respond.code(work, client, asked, session)
    if transaction is None:
        log.batch.add(
            work,
            OAuthLog.SILENT_AUTH,
            client_id=client.client_id,
            client_name=client.name,
            user_id=session.user_id,
            user_name=session.email or session.name,
            audience=asked.audience,
            scope=asked.scope or None,
        )
    return response_modes.send(work, asked.response_mode, asked.redirect_uri, params)
