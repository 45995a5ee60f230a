"""``/extensions/authorization/api``: finds the operation, asks who calls, runs it in one unit of work.

The order is that of the Management API, whose errors and log entries it has as well. Who calls is a machine with a
token for ``urn:auth0-authz-api``; where nobody put the extension up, no token can be one.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import cache

from flask import Blueprint, Response, request

from idp.directory.authorization.runtime import AUDIENCE
from idp.foundation.apikit import Actor, Endpoint
from idp.foundation.apikit.answers import Answer
from idp.foundation.apikit.path import Match, Router
from idp.foundation.apikit.request import MAX_BYTES, RawRequest
from idp.foundation.kernel import clock, scopes, struct_types
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.rights import missing_scope
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call
from idp.management import api_log, errors
from idp.management.bearer import check_possession, refusal
from idp.management.limits import Limiter
from idp.protocol.oauth import bearer
from idp.protocol.possession import resource
from idp.protocol.tokens import binding, gate

ROOT = "/extensions/authorization/api"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
MACHINE = "@clients"
blueprint = Blueprint("authorization_extension", __name__)


@cache
def router() -> Router[Endpoint]:
    """Every operation; loaded with the first call."""
    from idp.management.authorization import api, people_api

    table: Router[Endpoint] = Router()
    for endpoint in (*api.api.endpoints, *people_api.api.endpoints):
        table.add(endpoint.method, endpoint.path, endpoint)
    struct_types.prepare()
    return table


@cache
def _limiter(enforced: bool) -> Limiter:
    return Limiter(lambda: clock.now_ms() / 1000, enforced=enforced)


@blueprint.route(f"{ROOT}/<path:path>", methods=METHODS)
def operate(path: str) -> Response:
    """One call."""
    headers: dict[str, str] = {}
    try:
        work = http.current(orm=True)
        work.refresh()
        work.actor = _caller(work)
        limiter = _limiter(work.platform.settings.rate_limits)
        headers |= work.told
        headers |= limiter.take(f"{work.tenant_id}\0{work.actor.client_id}").headers()
        found = _find(path)
        return _response(_run(work, found), headers)
    except Exception as error:  # noqa: BLE001 - this is the edge: every failure becomes an answer
        return _response(errors.render(error, request_id=http.request_id()), headers)


def _run(work: Work, found: Match[Endpoint]) -> Answer:
    endpoint, raw = found.value, RawRequest(found.params, list(request.args.items(multi=True)))
    try:
        _authorize(work, endpoint)
        body = _body()
        raw = RawRequest(found.params, raw.query, request.headers.get("Content-Type", ""), body)
        with nullcontext() if endpoint.method == "GET" else work.transaction(lazily=True):
            answer = endpoint.run(raw, work)
            if endpoint.method != "GET":
                api_log.record(work, endpoint, request.path, raw, answer)
            return answer
    except Exception as error:  # noqa: BLE001 - every failure of an operation becomes an answer, and writes are logged
        answer = errors.render(error, request_id=http.request_id())
        api_log.refused(work, endpoint, request.path, raw, answer)
        return answer


def _find(path: str) -> Match[Endpoint]:
    found = router().match_decoded(request.method, path)
    if found is None:
        raise NotFound("Not Found")
    return found


def _authorize(work: Work, endpoint: Endpoint) -> None:
    if lacking := endpoint.lacking(work.actor):
        raise missing_scope(lacking)


def _body() -> bytes:
    body = request.stream.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise fault(BODY, f"Body is larger than {MAX_BYTES} bytes")
    return body


def _caller(work: Work) -> Actor:
    """The machine whose token it is, with what its client grant gives it now.

    :raises Unauthorized: no token, or one that is not good here.
    """
    call = Call(request.environ)
    came = resource.sent(call.authorization)
    if came is None:
        raise refusal("Missing authentication")
    _, claims = bearer.find(work, came.token)
    client_id = str(claims.get("azp")) if claims is not None else ""
    if claims is None or claims.get("aud") != AUDIENCE or claims.get("sub") != client_id + MACHINE:
        raise refusal("Invalid token")
    said = claims["scope"] if isinstance(claims.get("scope"), str) else ""
    check_possession(work, call, came, claims)
    stands = gate.presented_by_client(work, client_id, AUDIENCE, scopes.parse(said), binding.of_claims(claims))
    if stands is None:
        raise refusal("Invalid token", detail="the client may not have such a token any more")
    return Actor(client_id, scopes=frozenset(stands.scopes), client_name=stands.client.name)


def _response(answer: Answer, headers: dict[str, str]) -> Response:
    response = Response(answer.body, status=answer.status)
    response.headers.update({"Cache-Control": "no-store", **headers, **answer.headers})
    if not answer.body:
        response.headers.pop("Content-Type", None)
    return response
