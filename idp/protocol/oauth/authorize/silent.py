"""The short way through ``/authorize``: somebody is signed in, nothing has to be asked, and the answer is a redirect.

The same checks, flow and gate as in :mod:`idp.protocol.oauth.authorize.views`, in the same order. Whatever comes to
anything else (a page, an error, a response mode that is a page) goes the long way there, which begins anew: up to the
code, which comes last, nothing is written here.
"""

from __future__ import annotations

from collections.abc import Mapping

from idp.applications.clients import runtime as clients
from idp.foundation.tenancy import cookies
from idp.foundation.tenancy.thin_edge import ShortcutRoute
from idp.foundation.tenancy.work import Work
from idp.foundation.web import params
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.oauth import response_modes
from idp.protocol.oauth.authorize import answer, pipeline, pushed
from idp.protocol.oauth.authorize.request import Draft
from idp.protocol.oauth.session_management import state
from idp.signin.login import flow
from idp.signin.login.flow import Attempt, Done
from idp.signin.sessions import service as sessions


def silent(work: Work, call: Call) -> Reply | None:
    """The redirect with the code; None, OAuthError or PageError: not this way."""
    secret = cookies.session_secret(work, call.cookies)
    if secret is None:
        return None
    raw = params.from_urlencoded(call.query)
    if "login_ticket" in raw or _fetches(raw):
        return None
    session = sessions.read(work, secret, raw.get("client_id", "")[:64])
    if session is None:
        return None
    draft = Draft(work, raw)
    pipeline.prove(draft)
    asked = pipeline.check(draft)
    if asked.response_mode not in response_modes.REDIRECTS:
        return None
    attempt = Attempt(answer.wanted(draft.known_client, asked), session)
    match flow.advance(work, attempt):
        case Done() as done:
            told = answer.params(work, asked, attempt, done)
            found = state.added(work, draft.known_client, asked.redirect_uri, asked.scopes, secret, told)
            return response_modes.redirected(asked.response_mode, asked.redirect_uri, found)
        case _:
            return None


def _fetches(raw: Mapping[str, str]) -> bool:
    """Whether keys of clients, and what they publish, may have to be fetched: not twice."""
    by_reference = not raw.get("request_uri", pushed.PREFIX).startswith(pushed.PREFIX)
    return "request" in raw or by_reference or clients.is_address(raw.get("client_id", ""))


ROUTE = ShortcutRoute("/authorize", ("GET",), silent)
