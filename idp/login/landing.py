"""Where the links of mails lead: new password, verified address, lifted block. GET never spends a ticket (security.md M2)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from idp.attack_protection import brute_force
from idp.audit import log
from idp.clients import runtime as clients
from idp.connections import runtime as connections
from idp.kernel.redirects import with_params
from idp.login import entrance, reset
from idp.login.visit import see_other
from idp.tenants import http, page_context
from idp.tenants.context import Context
from idp.tickets import service as tickets
from idp.tickets.service import EMAIL_VERIFICATION, PASSWORD_CHANGE, UNBLOCK, Ticket
from idp.users import provision
from idp.users.provision import FoundUser
from idp.web.page_parts import password_rules
from idp.web.pages import FormError, Page
from idp.web.security import form_source

blueprint = Blueprint("landing", __name__)
_MESSAGES = {
    True: "Your email was verified. You can continue using the application.",
    False: "This URL can be used only once",
}
"""Auth0's own sentences: applications read them from the ``result_url``."""


@blueprint.route("/u/reset-verify", methods=["GET", "POST"])
def reset_verify() -> Response:
    """A new password, for the user of the ticket and nobody else (security.md M4)."""
    ctx, value = http.current(), _value()
    ticket = tickets.read(ctx, PASSWORD_CHANGE, value)
    user = provision.by_identity(ctx, ticket.connection_id, ticket.account_id) if ticket else None
    if ticket is None or user is None or user.user_id != ticket.user_id:
        return _gone(ctx, PASSWORD_CHANGE, value)
    page = page_context.page(ctx, ui_locales=ticket.locale)
    if request.method == "GET":
        return _change_page(ctx, page, user, ticket)
    http.check_form(ctx, http.form().get("csrf"))
    password = http.form().get("password", "")
    problem = reset.problem(ctx, user, password)
    if problem:
        errors = [FormError(page.texts.t(problem), "password")]
        return _change_page(ctx, page_context.page(ctx, ui_locales=ticket.locale, errors=errors), user, ticket, 400)
    connector, prepared = reset.prepare(ctx, ticket.connection_id, password)
    with ctx.hot.transaction():
        won = tickets.spend(ctx, PASSWORD_CHANGE, value)
        if won:
            if ticket.mark_email_as_verified and ticket.email:
                provision.verify_email(ctx, user.user_id, ticket.email)
            reset.apply(ctx, user, connector, prepared, locale=page.locale)
    if not won:
        return _gone(ctx, PASSWORD_CHANGE, value)
    if ticket.result_url:
        told = {"success": "true", "message": "You can now login to the application with the new password."}
        return see_other(with_params(ticket.result_url, {**told, **_email(ticket)}))
    return page_context.answer(ctx, "login/reset-password/success.html", page, login_url=_home(ctx, ticket))


@blueprint.route("/u/email-verification", methods=["GET", "POST"])
def email_verification() -> Response:
    """A button, then the address counts as proven."""
    ctx, value = http.current(), _value()
    ticket = tickets.read(ctx, EMAIL_VERIFICATION, value)
    if ticket is None:
        ctx.refresh()
        return _verification_result(ctx, tickets.peek(ctx, EMAIL_VERIFICATION, value), verified=False)
    if request.method == "GET":
        page = page_context.page(ctx, ui_locales=ticket.locale)
        return page_context.answer(
            ctx, "login/email-verification/confirm.html", page, form_targets=_targets(ticket), email=ticket.email or ""
        )
    http.check_form(ctx, http.form().get("csrf"))
    with ctx.hot.transaction():
        verified = tickets.spend(ctx, EMAIL_VERIFICATION, value) and provision.verify_email(
            ctx, ticket.user_id, ticket.email or ""
        )
        log.write(
            ctx, "sv" if verified else "fv", user_id=ticket.user_id, user_name=ticket.email, client_id=ticket.client_id
        )
    return _verification_result(ctx, ticket, verified=verified)


def _verification_result(ctx: Context, ticket: Ticket | None, *, verified: bool) -> Response:
    """Where whoever made the link wants people to go on, or our own page."""
    if ticket is not None and ticket.result_url:
        told = {**_email(ticket), "success": str(verified).lower(), "message": _MESSAGES[verified]}
        return see_other(with_params(ticket.result_url, told))
    page = page_context.page(ctx, ui_locales=ticket.locale if ticket else None)
    return page_context.answer(
        ctx, "login/email-verification/result.html", page, status=200 if verified else 400, verified=verified, continue_url=_home(ctx, ticket)
    )  # fmt: skip


@blueprint.route("/u/unblock", methods=["GET", "POST"])
def unblock() -> Response:
    """The owner lifts the block that others' guesses brought (security.md I5)."""
    ctx, value = http.current(), _value()
    ticket = tickets.read(ctx, UNBLOCK, value)
    if ticket is None or ticket.identifier is None:
        return _gone(ctx, UNBLOCK, value)
    page = page_context.page(ctx, ui_locales=ticket.locale)
    if request.method == "GET":
        return page_context.answer(ctx, "login/unblock/confirm.html", page, email=ticket.email or "")
    http.check_form(ctx, http.form().get("csrf"))
    with ctx.hot.transaction():
        if tickets.spend(ctx, UNBLOCK, value):
            brute_force.clear(ctx, ticket.identifier)
            log.write(ctx, "ublkdu", user_id=ticket.user_id, user_name=ticket.email)
    return page_context.answer(ctx, "login/unblock/done.html", page, login_url=_home(ctx, ticket))


def _value() -> str:
    """The ticket of the link; the form repeats the address it was shown under."""
    return http.query().get("ticket", "").rstrip("#")


def _change_page(ctx: Context, page: Page, user: FoundUser, ticket: Ticket, status: int = 200) -> Response:
    connection = connections.find(ctx, ticket.connection_id)
    options = connection.options if connection else {}
    length = (options.get("password_complexity_options") or {}).get("min_length")
    rules = password_rules(page.texts, str(options.get("passwordPolicy") or "good"), length)
    return page_context.answer(
        ctx,
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


def _gone(ctx: Context, kind: str, value: str) -> Response:
    """The link is used or too old: its words, and a way to a new one."""
    ctx.refresh()
    was = tickets.peek(ctx, kind, value)
    page = page_context.page(ctx, ui_locales=was.locale if was else None)
    retry_url = entrance.own(ctx, "reset-password")
    return page_context.answer(ctx, "login/reset-password/error.html", page, status=400, retry_url=retry_url)


def _home(ctx: Context, ticket: Ticket | None) -> str:
    """The default login route of the application the ticket came from, else our own account page."""
    client = clients.find(ctx, ticket.client_id) if ticket and ticket.client_id else None
    return entrance.login_route(ctx, client) or entrance.own(ctx)


def _email(ticket: Ticket) -> dict[str, str]:
    return {"email": ticket.email} if ticket.include_email and ticket.email else {}
