"""``/login/redirect/<connection>`` leads to a source's own pages, ``/login/callback`` back from them."""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.foundation.tenancy import http
from idp.signin.login import pages, picking, upstream

CALLBACK = "/login/callback"
blueprint = Blueprint("upstream", __name__)


@blueprint.get("/login/redirect/<name>")
def redirect(name: str) -> Response:
    """To the sign-in page of a connection's source, which is one of ours where people type what they sign in with."""
    work = http.current()
    page = pages.opened(work, http.query().get("state", ""))
    here = picking.page_of(page, name)
    return http.redirect(page.url(here) if here else upstream.leave(page, name))


@blueprint.route(CALLBACK, methods=["GET", "POST"])
def callback() -> Response:
    """Back from a source. A form that a source had the browser post is asked for again, with our own cookies."""
    work = http.current()
    if request.method == "HEAD":
        return Response()  # whoever only looks at a link spends nothing
    if request.method == "POST":
        state = upstream.keep_answer(work, http.form())
        return http.redirect(work.href(CALLBACK, state=state))
    back = upstream.returned(work, http.query(), http.device_hash())
    page = pages.opened(work, back.attempt)
    return pages.leave(page, upstream.arrive(page, back))
