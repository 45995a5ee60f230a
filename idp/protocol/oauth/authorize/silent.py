"""The short way through ``/authorize`` and back from its pages, where the answer is a redirect: with a code to the
application, or to the first page for somebody who is not signed in.

The same checks, flow and gate as in :mod:`idp.protocol.oauth.authorize.views`, in the same order. Whatever comes to
anything else (another page, an error, a response mode that is a page) goes the long way there, which begins anew: up to
the code or the attempt, which come last, nothing is written here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import msgspec

from idp.applications.clients import runtime as clients
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import cookies
from idp.foundation.tenancy.thin_edge import ShortcutRoute
from idp.foundation.tenancy.work import Work
from idp.foundation.web import params
from idp.foundation.web.exchange import Call, Reply, redirection
from idp.protocol.oauth import response_modes
from idp.protocol.oauth.authorize import answer, pipeline, pushed
from idp.protocol.oauth.authorize.request import AuthorizeRequest, Draft
from idp.protocol.oauth.session_management import state
from idp.signin.login import flow
from idp.signin.login.browser import brought
from idp.signin.login.flow import Ask, Attempt, Done, Outcome
from idp.signin.sessions import service as sessions


def silent(work: Work, call: Call) -> Reply | None:
    """The redirect with the code; None, OAuthError or PageError: not this way."""
    sent = call.cookies
    secret = cookies.session_secret(work, sent)
    raw = params.from_urlencoded(call.query)
    if "login_ticket" in raw or _fetches(raw) or (secret is None and "prompt" in raw):
        return None
    session = sessions.read(work, secret, raw.get("client_id", "")[:64])
    if session is None:
        work.refresh()
    draft = Draft(work, raw)
    pipeline.prove(draft)
    asked = pipeline.check(draft)
    attempt = Attempt(answer.wanted(draft.known_client, asked), session)
    outcome = flow.advance(work, attempt)
    if isinstance(outcome, Ask) and session is None:
        return _to_page(work, attempt, outcome, cookies.device(work, sent))
    return _answered(work, asked, attempt, outcome, secret)


def resumed(work: Work, call: Call) -> Reply | None:
    """The redirect with the code, after the last page; None, OAuthError or PageError: not this way."""
    sent = call.cookies
    secret, browser = cookies.session_secret(work, sent), brought(work, sent)
    attempt = flow.resumed(
        work,
        params.from_urlencoded(call.query).get("state"),
        path=answer.RESUME,
        device_hash=browser.device_hash,
        session_secret=secret,
        browser=browser,
    )
    asked = msgspec.convert(attempt.request.protocol_request, AuthorizeRequest)
    pipeline.check_again(work, asked)
    return _answered(work, asked, attempt, flow.advance(work, attempt), secret)


def _answered(
    work: Work, asked: AuthorizeRequest, attempt: Attempt, outcome: Outcome, secret: str | None
) -> Reply | None:
    if not isinstance(outcome, Done) or asked.response_mode not in response_modes.REDIRECTS:
        return None
    told = answer.params(work, asked, attempt, outcome)
    found = state.added(work, attempt.request.client, asked.redirect_uri, asked.scopes, secret, told)
    return response_modes.redirected(asked.response_mode, asked.redirect_uri, found)


def _to_page(work: Work, attempt: Attempt, ask: Ask, device: str | None) -> Reply:
    """To the first page, with an id for a browser that has none (:func:`idp.signin.login.pages.to_screen`)."""
    name = device or secrets.token_urlsafe(32)
    reply = redirection(flow.open_page(work, attempt, ask, device_hash=digest(name)), 302)
    if device is None:
        reply.add({"Set-Cookie": cookies.written(work, cookies.DEVICE, name, max_age_s=cookies.DEVICE_MAX_AGE_S)})
    return reply


def _fetches(raw: Mapping[str, str]) -> bool:
    """Whether keys of clients, and what they publish, may have to be fetched: not twice."""
    by_reference = not raw.get("request_uri", pushed.PREFIX).startswith(pushed.PREFIX)
    return "request" in raw or by_reference or clients.is_address(raw.get("client_id", ""))


ROUTES = (ShortcutRoute("/authorize", ("GET",), silent), ShortcutRoute(answer.RESUME, ("GET",), resumed))
