"""Where the links of mails lead: new password, verified address, lifted block. GET never spends a ticket (security.md
M2).
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.applications.clients import runtime as clients
from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel.redirects import with_params
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import FormError, Page
from idp.foundation.web.security import form_source
from idp.foundation.web.view_models import password_rules
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.signin.login import login_routes, reset
from idp.signin.login.log_types import LoginLog
from idp.signin.tickets import service as tickets
from idp.signin.tickets.service import EMAIL_VERIFICATION, PASSWORD_CHANGE, UNBLOCK, Ticket
from idp.tenant.audit import log

blueprint = Blueprint("landing", __name__)
_MESSAGES = {
    True: "Your email was verified. You can continue using the application.",
    False: "This URL can be used only once",
}
"""Auth0's own sentences: applications read them from the ``result_url``."""


@blueprint.route("/u/reset-verify", methods=["GET", "POST"])
def reset_verify() -> Response:
    """A new password, for the user of the ticket and nobody else (security.md M4)."""
    work, value = http.current(), _value()
    ticket = tickets.read(work, PASSWORD_CHANGE, value)
    user = provision.by_identity(work, ticket.connection_id, ticket.account_id) if ticket else None
    if ticket is None or user is None or user.user_id != ticket.user_id:
        return _gone(work, PASSWORD_CHANGE, value)
    page = page_context.page(work, ui_locales=ticket.locale)
    if request.method == "GET":
        return _change_page(work, page, user, ticket)
    http.check_form(work, http.form().get("csrf"))
    password = http.form().get("password", "")
    problem = reset.problem(work, user, password)
    if problem:
        errors = [FormError(page.texts.t(problem), "password")]
        return _change_page(work, page_context.page(work, ui_locales=ticket.locale, errors=errors), user, ticket, 400)
    connector, prepared = reset.prepare(work, ticket.connection_id, password)
    with work.hot.transaction():
        won = tickets.spend(work, PASSWORD_CHANGE, value)
        if won:
            if ticket.mark_email_as_verified and ticket.email:
                provision.verify_email(work, user.user_id, ticket.email)
            reset.apply(work, user, connector, prepared, locale=page.locale)
    if not won:
        return _gone(work, PASSWORD_CHANGE, value)
    if ticket.result_url:
        told = {"success": "true", "message": "You can now login to the application with the new password."}
        return http.redirect(with_params(ticket.result_url, {**told, **_email(ticket)}))
    return page_context.answer(work, "login/reset-password/success.html", page, login_url=_home(work, ticket))


@blueprint.route("/u/email-verification", methods=["GET", "POST"])
def email_verification() -> Response:
    """A button, then the address counts as proven."""
    work, value = http.current(), _value()
    ticket = tickets.read(work, EMAIL_VERIFICATION, value)
    if ticket is None:
        work.refresh()
        return _verification_result(work, tickets.peek(work, EMAIL_VERIFICATION, value), verified=False)
    if request.method == "GET":
        page = page_context.page(work, ui_locales=ticket.locale)
        return page_context.answer(
            work, "login/email-verification/confirm.html", page, form_targets=_targets(ticket), email=ticket.email or ""
        )
    http.check_form(work, http.form().get("csrf"))
    with work.hot.transaction():
        verified = tickets.spend(work, EMAIL_VERIFICATION, value) and provision.verify_email(
            work, ticket.user_id, ticket.email or ""
        )
        log.write(
            work,
            LoginLog.EMAIL_VERIFIED if verified else LoginLog.EMAIL_VERIFICATION_FAILED,
            user_id=ticket.user_id,
            user_name=ticket.email,
            client_id=ticket.client_id,
        )
    return _verification_result(work, ticket, verified=verified)


def _verification_result(work: Work, ticket: Ticket | None, *, verified: bool) -> Response:
    """Where whoever made the link wants people to go on, or our own page."""
    if ticket is not None and ticket.result_url:
        told = {**_email(ticket), "success": str(verified).lower(), "message": _MESSAGES[verified]}
        return http.redirect(with_params(ticket.result_url, told))
    page = page_context.page(work, ui_locales=ticket.locale if ticket else None)
    return page_context.answer(
        work,
        "login/email-verification/result.html",
        page,
        status=200 if verified else 400,
        verified=verified,
        continue_url=_home(work, ticket),
    )


@blueprint.route("/u/unblock", methods=["GET", "POST"])
def unblock() -> Response:
    """The owner lifts the block that others' guesses brought (security.md I5)."""
    work, value = http.current(), _value()
    ticket = tickets.read(work, UNBLOCK, value)
    if ticket is None or ticket.identifier is None:
        return _gone(work, UNBLOCK, value)
    page = page_context.page(work, ui_locales=ticket.locale)
    if request.method == "GET":
        return page_context.answer(work, "login/unblock/confirm.html", page, email=ticket.email or "")
    http.check_form(work, http.form().get("csrf"))
    with work.hot.transaction():
        if tickets.spend(work, UNBLOCK, value):
            brute_force.clear(work, ticket.identifier)
            log.write(work, ProtectionLog.UNBLOCKED, user_id=ticket.user_id, user_name=ticket.email)
    return page_context.answer(work, "login/unblock/done.html", page, login_url=_home(work, ticket))


def _value() -> str:
    """The ticket of the link; the form repeats the address it was shown under."""
    return http.query().get("ticket", "").rstrip("#")


def _change_page(work: Work, page: Page, user: FoundUser, ticket: Ticket, status: int = 200) -> Response:
    connection = connections.find(work, ticket.connection_id)
    options = connection.options if connection else {}
    length = (options.get("password_complexity_options") or {}).get("min_length")
    rules = password_rules(page.texts, str(options.get("passwordPolicy") or "good"), length)
    return page_context.answer(
        work,
        "login/reset-password/change.html",
        page,
        status=status,
        form_targets=_targets(ticket),
        identifier=user.email or user.username or "",
        rules=rules,
    )


def _targets(ticket: Ticket) -> list[str]:
    """Where the form may end: Chromium checks the redirect after a POST too."""
    source = form_source(ticket.result_url) if ticket.result_url else None
    return [source] if source else []


def _gone(work: Work, kind: str, value: str) -> Response:
    """The link is used or too old: its words, and a way to a new one."""
    work.refresh()
    was = tickets.peek(work, kind, value)
    page = page_context.page(work, ui_locales=was.locale if was else None)
    retry_url = login_routes.account_url(work, "reset-password")
    return page_context.answer(work, "login/reset-password/error.html", page, status=400, retry_url=retry_url)


def _home(work: Work, ticket: Ticket | None) -> str:
    """The default login route of the application the ticket came from, else our own account page."""
    client = clients.find(work, ticket.client_id) if ticket and ticket.client_id else None
    return login_routes.login_route(work, client) or login_routes.account_url(work)


def _email(ticket: Ticket) -> dict[str, str]:
    return {"email": ticket.email} if ticket.include_email and ticket.email else {}
