"""``/u/<prompt>`` and ``/u/<prompt>/<screen>``: looks a screen up, nothing more. ``/login`` leads home."""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http, page_context
from idp.signin.login import login_routes
from idp.signin.login.screen_request import client_view, open_visit
from idp.signin.login.screens import SCREENS
from idp.signin.login.transaction import Expired

blueprint = Blueprint("login", __name__)


@blueprint.route("/u/<path:name>", methods=["GET", "POST"])
def screen(name: str) -> Response:
    """One page of a login attempt."""
    work = http.current()
    found = SCREENS.get(name)
    if found is None:
        raise PageError("not_found", "There is no such page.", status=404)
    try:
        visit = open_visit(work)
        return found.show(visit) if request.method == "GET" else found.submit(visit)
    except Expired as error:
        return expired(error)
    except http.CookiesBlocked:
        page = page_context.page(work)
        return page_context.answer(work, "login/login/cookies.html", page, status=400, retry_url=None)


@blueprint.get("/login")
def login() -> Response:
    """A bookmark of the login page: back to where sign-in begins (spec/sessions-cookies-redirects.md)."""
    work = http.current()
    work.refresh()
    target = login_routes.login_route(work, None)
    if target is None:
        raise Expired
    return http.redirect(target)


def expired(error: Expired) -> Response:
    """Never a dead end: the way back to the application, where one is known."""
    work = http.current()
    view = client_view(error.client) if error.client else None
    page = page_context.page(work, ui_locales=error.ui_locales, client=view)
    back_url = error.back_url or login_routes.login_route(work, None)
    return page_context.answer(work, "login/login/expired.html", page, status=error.status, back_url=back_url)
