"""``/oidc/register`` (RFC 7591) and ``/oidc/register/{client_id}`` (RFC 7592), as JSON; who asks has a token in the
header, or none. Any origin may call: no cookie counts here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from idp.applications.registration import service
from idp.applications.registration.log_types import RegistrationLog
from idp.applications.registration.service import Registered
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import NO_STORE, Call, Reply
from idp.foundation.web.security import BASE_HEADERS
from idp.protocol.oauth import errors
from idp.tenant.audit import failures

PATH = "/oidc/register"
MOST_BYTES = 65_536
ANY_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "authorization, content-type, mcp-protocol-version",
    "Access-Control-Max-Age": "600",
}
blueprint = Blueprint("registration", __name__)


@blueprint.route(PATH, methods=["POST", "OPTIONS"], provide_automatic_options=False)
def register() -> Response:
    """RFC 7591 3: 201 with the client, its secret and its registration access token."""
    return _answered(lambda work, call: _told(work, service.register(work, _document(call), _token(call)), status=201))


@blueprint.route(f"{PATH}/<client_id>", methods=["GET", "PUT", "DELETE", "OPTIONS"], provide_automatic_options=False)
def manage(client_id: str) -> Response:
    """RFC 7592 2: read, replace, remove."""

    def read(work: Work, call: Call) -> Reply:
        return _told(work, service.read(work, client_id[:64], _token(call)))

    def replace(work: Work, call: Call) -> Reply:
        return _told(work, service.replace(work, client_id[:64], _token(call), _document(call)))

    def remove(work: Work, call: Call) -> Reply:
        service.remove(work, client_id[:64], _token(call))
        return Reply(204, [NO_STORE, *BASE_HEADERS.items()])

    return _answered({"GET": read, "PUT": replace, "DELETE": remove}.get(request.method, read))


def _answered(what: Callable[[Work, Call], Reply]) -> Response:
    work, call = http.current(), Call(request.environ)
    if call.method == "OPTIONS":
        return http.answered(Reply(204, []).add(ANY_ORIGIN))
    try:
        work.refresh()
        reply = what(work, call)
    except OAuthError as problem:
        failures.write(work, RegistrationLog.REFUSED, problem.description, details={"error": problem.error})
        reply = errors.answer(problem)
        if problem.error == "invalid_token":
            reply.add({"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{problem.description}"'})
    return http.answered(reply.add(ANY_ORIGIN))


def _told(work: Work, found: Registered, *, status: int = 200) -> Reply:
    """RFC 7591 3.2.1, RFC 7592 3."""
    body: dict[str, Any] = {
        **found.metadata,
        "client_id": found.client_id,
        "client_id_issued_at": found.made_at // 1000,
        "registration_client_uri": f"{work.config.issuer}oidc/register/{found.client_id}",
        "registration_access_token": found.token,
    }
    if found.secret is not None:
        body |= {"client_secret": found.secret, "client_secret_expires_at": 0}
    return errors.json_answer(body, status)


def _token(call: Call) -> str | None:
    header = call.authorization or ""
    return header[7:].strip()[:512] or None if header[:7].lower() == "bearer " else None


def _document(call: Call) -> dict[str, Any]:
    raw = call.body()
    if call.mimetype != "application/json" or len(raw) > MOST_BYTES:
        raise OAuthError("invalid_client_metadata", f"Client metadata is a JSON document of {MOST_BYTES} bytes at most")
    try:
        found = strict_json.decode(raw)
    except InvalidJson as error:
        raise OAuthError("invalid_client_metadata", str(error)) from error
    if not isinstance(found, dict):
        raise OAuthError("invalid_client_metadata", "Client metadata is a JSON object")
    return found
