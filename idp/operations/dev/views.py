"""The welcome page and the mailbox; the sample application has a module of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from idp.admin.desk.texts import texts_for
from idp.directory.users.identifiers import email_key
from idp.foundation.kernel import clock, struct_types
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import WayOn
from idp.foundation.web.view_models import DevAccount, DevMail, DevSources
from idp.operations.dev.pages import MailboxView, WelcomeView
from idp.operations.dev.registration import registration
from idp.operations.health.views import direct_loopback
from idp.operations.installation import demonstration, samples
from idp.operations.installation.administrators import kept_administrator
from idp.tenant.mail import mailbox
from idp.tenant.mail.mailbox import KeptMail

MAIL_POLICY = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)
SHOWN = 12
blueprint = Blueprint("dev", __name__)


def only_here() -> None:
    """404 for everybody but a direct peer on this machine, and in production for everybody. Raises PageError."""
    if not (http.platform().settings.development and direct_loopback()):
        raise PageError("not_found", "There is no such page.", status=404)


@blueprint.get("/")
def home() -> AnyResponse:
    """Development: what there is to try. Production, and for peers elsewhere: the account page."""
    if not (http.platform().settings.development and direct_loopback()):
        return http.redirect(http.current().href("/account"), 302)
    work = http.current()
    application, page = registration(work), page_context.page(work)
    view = WelcomeView(
        sample_app_url=work.href("/dev/app/"),
        accounts=_people(work, page.texts),
        discovery_url=f"{work.config.issuer}.well-known/openid-configuration",
        mailbox_url=work.href("/dev/mailbox"),
        account_url=work.href("/account"),
        client_id=application.client_id if application else "",
        issuer=work.config.issuer,
        sources_url=work.href("/dev/sources") if application else None,
        sources=_sources(work) if application else None,
        dashboard=WayOn(work.href("/admin"), texts_for(page.locale).t("frame.nav")),
    )
    return http.send_device(work, page_context.answer(work, view, page))


@blueprint.post("/dev/sources")
def set_up_sources() -> AnyResponse:
    """Set up a second tenant that plays a social provider and a company's, and lead back to where it is shown."""
    only_here()
    work = http.current()
    http.check_form(work, http.form().get("csrf"))
    if registration(work) is None:
        raise PageError("not_found", "There is no such page.", status=404)
    try:
        demonstration.ensure_here(work.platform, work.tenant_id)
    except ValueError as error:
        raise PageError("invalid_request", str(error), status=409) from error
    return http.redirect(work.href("/") + "#sources-title", 303)


@blueprint.get("/dev/mailbox")
def mailbox_page() -> Response:
    """The mails of this tenant, newest first; as JSON for ``Accept: application/json``. The page shows the last
    :data:`SHOWN`, JSON has all that are kept.
    """
    only_here()
    work = http.current()
    mails = mailbox.newest(work.hot, work.tenant_id)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        answer = Response(msgspec.json.encode([_as_json(mail) for mail in mails]), mimetype="application/json")
        answer.headers["Cache-Control"] = "no-store"
        return answer
    rows = [
        DevMail(mail.to, mail.subject, mail.text, _moment(mail.at), mail.links, work.href(f"/dev/mailbox/{mail.id}"))
        for mail in mails[:SHOWN]
    ]
    return page_context.answer(work, MailboxView(rows, _moment(clock.now_ms())), page_context.page(work))


@blueprint.get("/dev/mailbox/<mail_id>")
def mail_html(mail_id: str) -> Response:
    """The HTML part of one mail, in a sandbox."""
    only_here()
    work = http.current()
    found = next((mail for mail in mailbox.newest(work.hot, work.tenant_id) if mail.id == mail_id), None)
    if found is None:
        raise PageError("not_found", "There is no such mail.", status=404)
    answer = Response(found.html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/dev/app")
def app_without_slash() -> Response:
    """As it is often typed."""
    only_here()
    return http.redirect(http.current().href("/dev/app/"), 302)


@blueprint.get("/dev/app/")
def app_home() -> Response:
    """The sample application's page."""
    only_here()
    answer: Response = _sample_app().home(http.current())
    return answer


@blueprint.get("/dev/app/login")
def app_login() -> AnyResponse:
    """Sends the browser to the provider; ``screen_hint=signup`` asks for the sign-up page."""
    only_here()
    answer: AnyResponse = _sample_app().login(http.current(), request.args.get("screen_hint"))
    return answer


@blueprint.get("/dev/app/callback")
def app_callback() -> AnyResponse:
    """Where the provider sends the browser back."""
    only_here()
    answer: AnyResponse = _sample_app().callback(http.current(), request.args.to_dict())
    return answer


@blueprint.get("/dev/app/logout")
def app_logout() -> AnyResponse:
    """Ends the application's own session, then the provider's."""
    only_here()
    answer: AnyResponse = _sample_app().logout(http.current())
    return answer


def _sample_app() -> Any:
    """Comes with Authlib's client and Requests, which the start does not have to wait for."""
    from idp.operations.dev import sample_app

    struct_types.prepare()
    return sample_app


def _sources(work: Work) -> DevSources | None:
    if not demonstration.there(work):
        return None
    found = demonstration.shown(work.platform)
    return DevSources(found.social, found.company, found.email, found.password)


def _people(work: Work, texts: Texts) -> list[DevAccount]:
    """Who there is to sign in as, of this tenant: only the default one has the samples."""
    email = work.platform.settings.admin_email
    password = kept_administrator(work.platform, work.tenant_id).password(email_key(email))
    administrator = DevAccount(texts.t("dev.welcome.administrator"), email, password)
    if registration(work) is None:
        return [administrator]
    user = samples.kept_user(work.platform)
    return [DevAccount(texts.t("dev.welcome.sampleUser"), user.email, user.password), administrator]


def _as_json(mail: KeptMail) -> dict[str, object]:
    return {
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "links": mail.links,
        "at": clock.iso(mail.at),
    }


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
