"""``/login/redirect/<connection>`` leads to a source's own pages, ``/login/callback`` back from them."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, request

from connectors.contract import FormPost
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.view_models import FormPostView
from idp.signin.login import (
    connecting,
    connecting_pages,
    flow,
    pages,
    picking,
    source_sessions,
    trial_pages,
    trials,
    unsolicited,
    upstream,
)
from idp.signin.login.upstream import Returned
from idp.signin.sessions import service as sessions

CALLBACK = "/login/callback"
CLEAN_UP = "wsignoutcleanup1.0"
"""WS-Federation 1.2, 13.2.4."""
blueprint = Blueprint("upstream", __name__)


@blueprint.get("/login/redirect/<name>")
def redirect(name: str) -> Response:
    """To the sign-in page of a connection's source, which is one of ours where people type what they sign in with."""
    work = http.current()
    page = pages.opened(work, http.query().get("state", ""))
    here = picking.page_of(page, name)
    if here:
        return http.redirect(page.url(here))
    there = upstream.leave(page, name)
    if isinstance(there, FormPost):
        view = FormPostView(there.url, dict(there.fields), leaving=True)
        return page_context.answer(work, view, page_context.page(work), forms_stay=False)
    return http.redirect(there)


@blueprint.route(CALLBACK, methods=["GET", "POST"])
def callback() -> Response:
    """Back from a source. A form that a source had the browser post is asked for again, with our own cookies."""
    work = http.current()
    if request.method == "HEAD":
        return Response()  # whoever only looks at a link spends nothing
    if request.method == "POST":
        return _posted(work)
    query = http.query()
    if "answer" in query:
        return _unsolicited(work, query["answer"])
    if query.get("wa") == CLEAN_UP:
        return _cleaned_up(work, query)
    return _ended(work, upstream.returned(work, query, http.device_hash()))


def _ended(work: Work, back: Returned) -> Response:
    """On with what somebody went to the source for."""
    if back.attempt.startswith(connecting.ATTEMPT):
        return connecting_pages.ended(work, back)
    if back.attempt in trials.ATTEMPTS:
        return trial_pages.ended(work, back)
    page = pages.opened(work, back.attempt)
    return pages.leave(page, upstream.arrive(page, back))


def _cleaned_up(work: Work, query: dict[str, str]) -> Response:
    """A source says that somebody signed out there. Anybody can say so: whoever is signed in here is asked."""
    if sessions.read(work, http.session_secret()) is not None:
        return http.redirect(work.href("/oidc/logout"))
    work.refresh()
    back = source_sessions.cleaned_up(work, query)
    return http.redirect(back) if back else pages.signed_out(work, None, client_id=None, target=None)


@blueprint.get(unsolicited.RESUME)
def onward() -> Response:
    """On to the application of somebody who began at their identity provider."""
    work = http.current()
    state, device_hash, secret = http.query().get("state"), http.device_hash(), http.session_secret()
    attempt = flow.resumed(work, state, path=unsolicited.RESUME, device_hash=device_hash, session_secret=secret)
    flow.finish(work, attempt)
    return http.redirect(unsolicited.address(work, attempt))


def _posted(work: Work) -> Response:
    form, name = http.form(), http.query().get("connection")
    if name and not upstream.known(work, form):
        return http.redirect(work.href(CALLBACK, answer=unsolicited.keep(work, form, name)))
    return http.redirect(work.href(CALLBACK, state=upstream.keep_answer(work, form)))


def _unsolicited(work: Work, key: str) -> Response:
    transaction, connection, params = unsolicited.attempt(work, key, digest(http.ensure_device()))
    page = pages.begun(work, transaction)
    return http.send_device(work, pages.leave(page, unsolicited.arrive(page, connection, params)))


@blueprint.post("/logout/backchannel/<name>")
def hear_of_logout(name: str) -> Response:
    """A logout token of a source (OIDC Back-Channel Logout 1.0, 2.5 to 2.8)."""
    work = http.current()
    work.refresh()
    try:
        source_sessions.hear(work, name, http.form().get("logout_token", ""))
    except source_sessions.Refused as refused:
        body = msgspec.json.encode({"error": refused.error, "error_description": refused.reason})
        return Response(body, refused.status, {"Cache-Control": "no-store"}, mimetype="application/json")
    return Response(status=200, headers={"Cache-Control": "no-store"})
