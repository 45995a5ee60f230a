"""``/samlp/...``: sign-in for applications that speak SAML, metadata both ways, signing out."""

from __future__ import annotations

import base64
import zlib

import msgspec
from flask import Blueprint, Response, request

from connectors.contract import ConnectorError, DescribesItself, SendsLogouts
from connectors.saml_format import metadata
from connectors.saml_format.documents import SamlError, unbase64
from connectors.saml_format.names import EMAIL_ADDRESS, PERSISTENT, UNSPECIFIED
from idp.directory.connections import runtime as connections
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http, page_context
from idp.foundation.tenancy.work import Work
from idp.foundation.web.view_models import FormPostView
from idp.protocol.saml import requests, service, settings
from idp.protocol.saml.requests import SamlRequest
from idp.protocol.saml.settings import SamlApplication
from idp.signin.login import flow, source_sessions
from idp.signin.login.application import client_view
from idp.signin.login.flow import Ask, Attempt, Done, Refuse
from idp.signin.login.pages import browser, signed_out, to_screen
from idp.signin.sessions import service as sessions
from idp.signin.sessions.service import LiveSession
from idp.tenant.keys import store

blueprint = Blueprint("saml", __name__)
MAX_NAME = 128
LONGEST_ADDRESS = 6_000
"""Of a posted message that is asked for again by GET."""


@blueprint.route("/samlp/<client_id>", methods=["GET", "POST"])
def sign_in(client_id: str) -> Response:
    """SAML Profiles 4.1: check the request, then answer, ask, or refuse. Without one the sign-in begins here."""
    work = http.current()
    posted = request.method == "POST"
    params = http.form() if posted else http.query()
    if posted and (again := _asked_again(work, f"/samlp/{client_id}", params)) is not None:
        return again
    session = sessions.read(work, http.session_secret(), client_id[:64])
    if session is None:
        work.refresh()
    application = settings.find(work, client_id)
    asked = requests.authentication(work, application, params, request.query_string.decode("latin-1"), posted=posted)
    name = http.query().get("connection")
    wanted = service.wanted(application, asked, _connection_id(work, application, name) if name else None)
    return _translate(work, application, asked, Attempt(wanted, session, browser=browser(work)))


@blueprint.get(service.RESUME)
def resume() -> Response:
    """After a login page: the same question to the flow again, now with what this attempt has proven."""
    work = http.current()
    state, device_hash, secret = http.query().get("state"), http.device_hash(), http.session_secret()
    attempt = flow.resumed(
        work, state, path=service.RESUME, device_hash=device_hash, session_secret=secret, browser=browser(work)
    )
    asked = msgspec.convert(attempt.request.protocol_request, SamlRequest)
    application = settings.find(work, asked.client_id)
    requests.check_again(application, asked)
    return _translate(work, application, asked, attempt)


@blueprint.route("/samlp/<client_id>/logout", methods=["GET", "POST"])
def logout(client_id: str) -> Response:
    """SAML Profiles 4.4: an application asks to sign out, or answers that it did."""
    work = http.current()
    posted = request.method == "POST"
    params = http.form() if posted else http.query()
    if posted and (again := _asked_again(work, f"/samlp/{client_id}/logout", params)) is not None:
        return again
    session = sessions.read(work, http.session_secret())
    if session is None:
        work.refresh()
    application = settings.find(work, client_id)
    if "SAMLRequest" not in params:
        return _nothing_to_end(work, session, client_id=client_id, target=None)
    asked = requests.logout(work, application, params, request.query_string.decode("latin-1"), posted=posted)
    ends = service.may_end(work, application, asked, session)
    answer = service.logout_answer(work, application, asked, params.get("RelayState"), ended=ends or session is None)
    if not ends and session is not None:
        if answer is None:
            raise PageError("invalid_request", "The request to sign out is not about this session.")
        return http.redirect(answer)
    return signed_out(work, session, client_id=client_id, target=answer)


@blueprint.route(source_sessions.RETURN, methods=["GET", "POST"])
def source_logout() -> Response:
    """The single logout address of our connections.

    An identity provider ended a session, or the browser is back from one that was asked to.
    """
    work = http.current()
    posted = request.method == "POST"
    params = http.form() if posted else http.query()
    if posted and (again := _asked_again(work, source_sessions.RETURN, params)) is not None:
        return again
    session = sessions.read(work, http.session_secret())
    if session is None:
        work.refresh()
    if "SAMLRequest" in params:
        return _ended_there(work, params, session, posted=posted)
    left = source_sessions.returned(work, params.get("state") or params.get("RelayState") or "")
    client_id, target = (left.client_id, left.target) if left else (None, None)
    return _nothing_to_end(work, session, client_id=client_id, target=target)


@blueprint.get("/samlp/metadata/<client_id>")
def application_metadata(client_id: str) -> Response:
    """What the administrator of an application enters there for us."""
    work = http.current()
    work.refresh()
    application = settings.find(work, client_id)
    address = application.address(work)
    described = metadata.Provider(
        entity_id=application.issuer(work),
        sign_in=address,
        sign_out=f"{address}/logout",
        signing=[key.certificate for key in store.rsa_keys(work)],
        name_formats=[EMAIL_ADDRESS, PERSISTENT, UNSPECIFIED],
    )
    return Response(metadata.provider(described), content_type=metadata.CONTENT_TYPE)


@blueprint.get("/samlp/metadata")
def connection_metadata() -> Response:
    """What the administrator of an identity provider enters there for one of our connections."""
    work = http.current()
    work.refresh()
    name = http.query().get("connection", "")
    connection = connections.named(work, name[:MAX_NAME]) if name else None
    if connection is None or not connection.can(DescribesItself):
        raise PageError("not_found", "There is no such connection.", status=404)
    connector = connections.runtime.open(work, connection)
    if not isinstance(connector, DescribesItself):
        raise TypeError(f"strategy {connection.strategy} said that it describes itself")
    document, content_type = connector.describe()
    return Response(document, content_type=content_type)


def _ended_there(work: Work, params: dict[str, str], session: LiveSession | None, *, posted: bool) -> Response:
    """Sessions of ours end that came of those which ended at the source."""
    name = http.query().get("connection", "")
    found = connections.named(work, name[:MAX_NAME]) if name else None
    if found is None and not name and session is not None and session.connection_id is not None:
        found = connections.find(work, session.connection_id)  # administrators who entered the address without it
    if found is None or not found.can(SendsLogouts):
        raise PageError("invalid_request", "The request to sign out names no connection.")
    connector = connections.runtime.open(work, found)
    if not isinstance(connector, SendsLogouts):
        raise TypeError(f"strategy {found.strategy} said that it sends logouts")
    try:
        ended = connector.ended_there(params, request.query_string.decode("latin-1"), posted=posted)
    except ConnectorError as error:
        raise PageError(error.code, error.message, detail=error.detail) from error
    here = session.id if session is not None else ""
    ids = source_sessions.ended_there(work, found, ended.sub, ended.sids, but=here)
    if session is not None and here not in ids:
        return _nothing_to_end(work, session, client_id=None, target=ended.answer(True))
    return signed_out(work, session, client_id=None, target=ended.answer(True))


def _nothing_to_end(work: Work, session: LiveSession | None, *, client_id: str | None, target: str | None) -> Response:
    """Where a sign-out ends that is over: another site may send a browser here, so nobody's session goes with it."""
    if target is not None:
        return http.redirect(target)
    if session is not None:
        return http.redirect(work.href("/account"))
    return signed_out(work, None, client_id=client_id, target=None)


def _translate(work: Work, application: SamlApplication, asked: SamlRequest, attempt: Attempt) -> Response:
    """What the flow decides, as SAML says it."""
    match flow.advance(work, attempt):
        case Ask() as ask:
            return to_screen(work, attempt, ask, status=303)
        case Refuse() as refused:
            return _posted(work, application, asked, service.refuse(work, application, asked, attempt, refused))
        case Done(session):
            return _posted(work, application, asked, service.answer(work, application, asked, attempt, session))


def _posted(work: Work, application: SamlApplication, asked: SamlRequest, fields: dict[str, str]) -> Response:
    """The answer, in a form that the browser sends to the application."""
    page = page_context.page(work, client=client_view(application.client))
    return page_context.answer(work, FormPostView(asked.consumer, fields), page, forms_stay=False)


def _asked_again(work: Work, path: str, params: dict[str, str]) -> Response | None:
    """A form of another site comes without our cookies on plain http: a message that an address can carry is asked for
    again by GET, which brings them. None where they came, or it is too large.
    """
    if http.device() is not None or http.session_secret() is not None:
        return None
    packed: dict[str, str] = {}
    for name, value in params.items():
        packed[name] = _deflated(value) if name in {"SAMLRequest", "SAMLResponse"} else value
    address = work.href(path, **{**http.query(), **packed})
    return http.redirect(address) if len(address) <= LONGEST_ADDRESS else None


def _deflated(value: str) -> str:
    try:
        data = unbase64(value)
    except SamlError as error:
        raise PageError("invalid_request", "The SAML message cannot be read.", detail=str(error)) from error
    packer = zlib.compressobj(wbits=-15)
    return base64.b64encode(packer.compress(data) + packer.flush()).decode()


def _connection_id(work: Work, application: SamlApplication, name: str) -> str:
    """A named connection must be enabled for the application (security.md A14)."""
    enabled = connections.for_client(work, application.client.client_id)
    found = next((each for each in enabled if each.name == name), None)
    if found is None:
        raise PageError("invalid_request", "The connection is not enabled for this client.")
    return found.id
