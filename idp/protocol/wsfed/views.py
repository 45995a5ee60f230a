"""``/wsfed/...``: sign-in for applications that speak WS-Federation, signing out, federation metadata."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from flask import Blueprint, Response, request

from connectors.saml_format import federation, trust
from idp.directory.connections import runtime as connections
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.view_models import FormPostView
from idp.protocol.saml.settings import MAPPINGS, SamlApplication, default_issuer
from idp.protocol.wsfed import answers, requests, service
from idp.protocol.wsfed.requests import SignInRequest
from idp.signin.login import flow
from idp.signin.login.application import client_view
from idp.signin.login.flow import Ask, Attempt, Done, Refuse
from idp.signin.login.pages import browser, to_screen
from idp.signin.sessions import service as sessions
from idp.tenant.keys import store

blueprint = Blueprint("wsfed", __name__)
LONGEST_ADDRESS = 32_000
"""Of a form that is asked for again; browsers and what stands before us take no longer line of a head."""


@blueprint.route("/wsfed", methods=["GET", "POST"])
def sign_in_by_realm() -> Response:
    """The same for an application that is named by nothing but its ``wtrealm``: its id, alone or as a ``urn:``."""
    params = http.form() if request.method == "POST" else http.query()
    client_id = requests.client_of(params.get("wtrealm", ""))
    if not client_id:
        raise PageError("invalid_request", "Missing required parameter: wtrealm")
    return sign_in(client_id)


@blueprint.route("/wsfed/<client_id>", methods=["GET", "POST"])
def sign_in(client_id: str) -> Response:
    """WS-Federation 1.2, 13.2: what ``wa`` names. Without one the sign-in begins here. A form of another site comes
    without our cookies, and is asked for again by GET.
    """
    work = http.current()
    if request.method == "POST":
        address = work.href(f"/wsfed/{client_id[:64]}", **{**http.query(), **http.form()})
        if len(address) > LONGEST_ADDRESS:
            raise PageError("invalid_request", "The request is too long.", status=HTTPStatus.REQUEST_URI_TOO_LONG)
        return http.redirect(address, HTTPStatus.SEE_OTHER)
    params = http.query()
    session = sessions.read(work, http.session_secret(), client_id[:64])
    if session is None:
        work.refresh()
    application = service.find(work, client_id)
    action = params.get("wa") or trust.SIGN_IN
    if action in {trust.SIGN_OUT, trust.CLEAN_UP}:
        return _sign_out(work, application, params)
    if action != trust.SIGN_IN:
        raise PageError("invalid_request", "The parameter wa asks for something that is not offered.")
    asked = requests.sign_in(application, params)
    wanted = service.wanted(application, asked, _connection_id(work, application, params))
    return _translate(work, application, asked, Attempt(wanted, session, browser=browser(work)))


@blueprint.get(service.RESUME)
def resume() -> Response:
    """After a login page: the same question to the flow again, now with what this attempt has proven."""
    work = http.current()
    state, device_hash, secret = http.query().get("state"), http.device_hash(), http.session_secret()
    attempt = flow.resumed(
        work, state, path=service.RESUME, device_hash=device_hash, session_secret=secret, browser=browser(work)
    )
    asked = msgspec.convert(attempt.request.protocol_request, SignInRequest)
    application = service.find(work, asked.client_id)
    requests.reply(application, asked.reply)  # what must still be so when the person comes back
    return _translate(work, application, asked, attempt)


@blueprint.get(f"/wsfed/{federation.PATH}")
def metadata() -> Response:
    """What the administrator of any application enters there for us."""
    work = http.current()
    work.refresh()
    return _metadata(work, default_issuer(work), f"{work.config.url}wsfed")


@blueprint.get(f"/wsfed/<client_id>/{federation.PATH}")
def application_metadata(client_id: str) -> Response:
    """The same, with the address of one application."""
    work = http.current()
    work.refresh()
    application = service.find(work, client_id)
    return _metadata(work, application.issuer(work), f"{work.config.url}wsfed/{application.client.client_id}")


def _metadata(work: Work, entity_id: str, address: str) -> Response:
    document = federation.service(
        entity_id=entity_id,
        sign_in=address,
        signing=[key.certificate for key in store.rsa_keys(work)],
        token_types=[answers.TOKEN_TYPE],
        claims=list(MAPPINGS.values()),
    )
    return Response(document, content_type=federation.CONTENT_TYPE)


def _sign_out(work: Work, application: SamlApplication, params: dict[str, str]) -> Response:
    """Nothing of such a message says who sent it, so the person is asked, as by every logout that proves nothing
    (security.md L2).
    """
    target = params.get("wreply")
    where = {"post_logout_redirect_uri": target} if target else {}
    return http.redirect(work.href("/oidc/logout", client_id=application.client.client_id, **where))


def _translate(work: Work, application: SamlApplication, asked: SignInRequest, attempt: Attempt) -> Response:
    """What the flow decides, as WS-Federation says it."""
    match flow.advance(work, attempt):
        case Ask() as ask:
            return to_screen(work, attempt, ask, status=303)
        case Refuse() as refused:
            raise service.refuse(work, application, attempt, refused)
        case Done(session):
            fields = service.answer(work, application, asked, attempt, session)
            page = page_context.page(work, client=client_view(application.client))
            return page_context.answer(work, FormPostView(asked.reply, fields), page, forms_stay=False)


def _connection_id(work: Work, application: SamlApplication, params: dict[str, str]) -> str | None:
    """A named connection must be enabled for the application (security.md A14); ``whr`` is only a hint."""
    enabled = connections.for_client(work, application.client.client_id)
    found = {each.name: each.id for each in enabled}
    name = params.get("connection")
    if name and name not in found:
        raise PageError("invalid_request", "The connection is not enabled for this client.")
    return found.get(name or params.get("whr", "").removeprefix("urn:"))
