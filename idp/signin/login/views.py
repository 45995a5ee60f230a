"""``/u/<prompt>`` and ``/u/<prompt>/<screen>``: looks a screen up, nothing more. ``/login`` leads home."""

from __future__ import annotations

from flask import Blueprint, Response

from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http
from idp.signin.login import login_routes, pages
from idp.signin.login.pages import screen_page, ticket_page
from idp.signin.login.screen import TicketScreen
from idp.signin.login.screens import SCREENS
from idp.signin.login.transaction import Expired

blueprint = Blueprint("login", __name__)


@blueprint.route("/u/<path:name>", methods=["GET", "POST"])
def screen(name: str) -> Response:
    """One page of a login attempt, or the page behind the link of a mail."""
    work = http.current()
    found = SCREENS.get(name)
    if found is None:
        raise PageError("not_found", "There is no such page.", status=404)
    return ticket_page(work, found) if isinstance(found, TicketScreen) else screen_page(work, found)


@blueprint.get("/u/mfa/enroll")
def enroll() -> Response:
    """The link by which a second factor is set up without signing in: an attempt of this browser's begins. Looking
    spends nothing (security.md M2).
    """
    return pages.enrolment_page(http.current(), http.query().get("ticket", "").rstrip("#"))


@blueprint.get("/login")
def login() -> Response:
    """A bookmark of the login page: back to where sign-in begins (spec/sessions-cookies-redirects.md)."""
    work = http.current()
    work.refresh()
    target = login_routes.login_route(work, None)
    if target is None:
        raise Expired
    return http.redirect(target)
