"""Where the links of mails lead: new password, verified address, lifted block. GET never spends a ticket (security.md M2)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from idp.attack_protection import brute_force
from idp.audit import log
from idp.clients import runtime as clients
from idp.connections import runtime as connections
from idp.kernel.redirects import with_params
from idp.login import reset
from idp.login.visit import see_other
from idp.tenants import http, page_context
from idp.tenants.context import Context
from idp.tickets import service as tickets
from idp.tickets.service import EMAIL_VERIFICATION, PASSWORD_CHANGE, UNBLOCK, Ticket
from idp.users import provision
from idp.users.password_policy import Policy
from idp.users.provision import FoundUser
from idp.web.page_parts import password_rules
from idp.web.pages import FormError, Page

blueprint = Blueprint("landing", __name__)


@blueprint.route("/u/reset-verify", methods=["GET", "POST"])
def reset_verify() -> Response:
    """A new password, for the user of the ticket and nobody else (security.md M4)."""
    ctx, value = http.current(), _value()
    ticket = tickets.read(ctx, PASSWORD_CHANGE, value)
    user = provision.by_id(ctx, ticket.user_id) if ticket else None
    if ticket is None or user is None:
        return _gone(ctx)
    page = page_context.page(ctx, ui_locales=ticket.locale)
    if request.method == "GET":
        return _change_page(ctx, page, user, ticket)
    http.check_form(ctx, request.form.get("csrf"))
    password = request.form.get("password", "")
    problem = "signup.signup.no-password" if not password else _judge(ctx, ticket, user, password)
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
        return _gone(ctx)
    if ticket.result_url:
        told = {"success": "true", "message": "You can now login to the application with the new password."}
        return see_other(with_params(ticket.result_url, {**told, **_email(ticket)}))
    return page_context.answer(ctx, "login/reset-password/success.html", page, login_url=_home(ctx, ticket))


@blueprint.route("/u/email-verification", methods=["GET", "POST"])
def email_verification() -> Response:
    """A button, then the address counts as proven."""
    ctx, value = http.current(), _value()
    ticket = tickets.read(ctx, EMAIL_VERIFICATION, value)
    page = page_context.page(ctx, ui_locales=ticket.locale if ticket else None)
    if ticket is None:
        return page_context.answer(
            ctx, "login/email-verification/result.html", page, status=400, verified=False, continue_url=None
        )
    if request.method == "GET":
        return page_context.answer(ctx, "login/email-verification/confirm.html", page, email=ticket.email or "")
    http.check_form(ctx, request.form.get("csrf"))
    with ctx.hot.transaction():
        verified = tickets.spend(ctx, EMAIL_VERIFICATION, value) and provision.verify_email(
            ctx, ticket.user_id, ticket.email or ""
        )
        log.write(
            ctx, "sv" if verified else "fv", user_id=ticket.user_id, user_name=ticket.email, client_id=ticket.client_id
        )
    if ticket.result_url:
        message = (
            "Your email was verified. You can continue using the application."
            if verified
            else "This URL can be used only once"
        )
        return see_other(
            with_params(ticket.result_url, {**_email(ticket), "success": str(verified).lower(), "message": message})
        )
    status = 200 if verified else 400
    return page_context.answer(
        ctx,
        "login/email-verification/result.html",
        page,
        status=status,
        verified=verified,
        continue_url=_home(ctx, ticket),
    )


@blueprint.route("/u/unblock", methods=["GET", "POST"])
def unblock() -> Response:
    """The owner lifts the block that others' guesses brought (security.md I5)."""
    ctx, value = http.current(), _value()
    ticket = tickets.read(ctx, UNBLOCK, value)
    if ticket is None or ticket.identifier is None:
        return _gone(ctx)
    page = page_context.page(ctx, ui_locales=ticket.locale)
    if request.method == "GET":
        return page_context.answer(ctx, "login/unblock/confirm.html", page, email=ticket.email or "")
    http.check_form(ctx, request.form.get("csrf"))
    with ctx.hot.transaction():
        if tickets.spend(ctx, UNBLOCK, value):
            brute_force.clear(ctx, ticket.identifier)
            log.write(ctx, "ublkdu", user_id=ticket.user_id, user_name=ticket.email)
    return page_context.answer(ctx, "login/unblock/done.html", page, login_url=_home(ctx, ticket))


def _value() -> str:
    """The ticket of the link; the form repeats the address it was shown under."""
    return request.args.get("ticket", "").rstrip("#")


def _judge(ctx: Context, ticket: Ticket, user: FoundUser, password: str) -> str | None:
    connection = connections.find(ctx, ticket.connection_id)
    verdict = Policy.of(connection.options if connection else {}).check(password, user.about)
    return verdict.text


def _change_page(ctx: Context, page: Page, user: FoundUser, ticket: Ticket, status: int = 200) -> Response:
    connection = connections.find(ctx, ticket.connection_id)
    options = connection.options if connection else {}
    length = (options.get("password_complexity_options") or {}).get("min_length")
    rules = password_rules(page.texts, str(options.get("passwordPolicy") or "good"), length)
    targets: Sequence[str] = [ticket.result_url] if ticket.result_url else []
    return page_context.answer(
        ctx,
        "login/reset-password/change.html",
        page,
        status=status,
        form_targets=targets,
        identifier=user.email or user.username or "",
        rules=rules,
    )


def _gone(ctx: Context) -> Response:
    return page_context.answer(
        ctx, "login/reset-password/error.html", page_context.page(ctx), status=400, retry_url=None
    )


def _home(ctx: Context, ticket: Ticket) -> str | None:
    """The default login route (spec/sessions-cookies-redirects.md): the client's, else the tenant's."""
    client = clients.find(ctx, ticket.client_id) if ticket.client_id else None
    target = (client.data.initiate_login_uri if client else None) or ctx.config.settings.default_redirection_uri
    if target:
        return f"{target}{'&' if '?' in target else '?'}{urlencode({'iss': ctx.config.issuer})}"
    return f"{ctx.config.url}account"


def _email(ticket: Ticket) -> dict[str, str]:
    return {"email": ticket.email} if ticket.include_email and ticket.email else {}
