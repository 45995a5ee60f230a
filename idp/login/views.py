"""``/u/<prompt>`` and ``/u/<prompt>/<screen>``: looks a screen up, nothing more. ``/login`` leads home."""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.kernel.errors import PageError
from idp.login import entrance
from idp.login.screens import SCREENS
from idp.login.transaction import Expired
from idp.login.visit import client_view, open_visit, see_other
from idp.tenants import http, page_context

blueprint = Blueprint("login", __name__)


@blueprint.route("/u/<path:name>", methods=["GET", "POST"])
def screen(name: str) -> Response:
    """One page of a login attempt."""
    ctx = http.current()
    found = SCREENS.get(name)
    if found is None:
        raise PageError("not_found", "There is no such page.", status=404)
    try:
        visit = open_visit(ctx)
        return found.show(visit) if request.method == "GET" else found.submit(visit)
    except Expired as error:
        return expired(error)
    except http.CookiesBlocked:
        page = page_context.page(ctx)
        return page_context.answer(ctx, "login/login/cookies.html", page, status=400, retry_url=None)


@blueprint.get("/login")
def login() -> Response:
    """A bookmark of the login page: back to where sign-in begins (spec/sessions-cookies-redirects.md)."""
    ctx = http.current()
    ctx.refresh()
    target = entrance.login_route(ctx, None)
    if target is None:
        raise Expired
    return see_other(target)


def expired(error: Expired) -> Response:
    """Never a dead end: the way back to the application, where one is known."""
    ctx = http.current()
    view = client_view(error.client) if error.client else None
    page = page_context.page(ctx, ui_locales=error.ui_locales, client=view)
    back_url = error.back_url or entrance.login_route(ctx, None)
    return page_context.answer(ctx, "login/login/expired.html", page, status=error.status, back_url=back_url)
