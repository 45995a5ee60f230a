"""``/me/v1``: finds the operation, asks who calls, runs it, renders. 401 before anything is said, 404, 429, 403, 415,
then validation.
"""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request

from idp.applications.clients.cross_origin import CrossOrigin
from idp.foundation.apikit import Endpoint
from idp.foundation.apikit.answers import Answer
from idp.foundation.apikit.path import Match, Router
from idp.foundation.apikit.request import MAX_BYTES, RawRequest
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound, UnsupportedMediaType
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.rights import missing_scope
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Platform, Work
from idp.foundation.web.exchange import Call
from idp.management import mount as management
from idp.management.limits import Limiter
from idp.my_account import caller, errors

PREFIX = "/me/v1"
MODULES = (
    "idp.my_account.methods_api",
    "idp.my_account.accounts_api",
    "idp.my_account.others_api",
)
BROWSERS = CrossOrigin(
    methods="GET, POST, PATCH, DELETE",
    allowed="Authorization, Content-Type, Auth0-Client, DPoP",
    exposed="Location, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, DPoP-Nonce, "
    "WWW-Authenticate",
)
"""Browsers of other origins, never with cookies; SDKs read the id of an enrolment from ``Location``."""
NEW_PASSKEY = "passkey|new"
"""What a passkey that is being enrolled is called: it has no id before its device made it."""
MAX_SENT = 2**31


def register(app: Flask, platform: Platform) -> None:
    """Put ``/me/v1`` into ``app``, behind the Management API, whose converter for paths it uses."""
    edge = _Edge(platform)
    for rule in (PREFIX, f"{PREFIX}/<rest:rest>"):
        app.add_url_rule(rule, "my_account", edge.answer, methods=management.METHODS, provide_automatic_options=False)


@cache
def router() -> Router[Endpoint]:
    """Every operation."""
    table: Router[Endpoint] = Router()
    for endpoint in management.endpoints(MODULES):
        table.add(endpoint.method, endpoint.path, endpoint)
    return table


class _Edge:
    """The Flask side."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._limiter = Limiter(lambda: clock.now_ms() / 1000, enforced=platform.settings.rate_limits)

    def answer(self, rest: str = "") -> Response:
        """Any request below ``/me/v1``."""
        del rest  # the segments are read from the undecoded path
        headers: dict[str, str] = {}
        try:
            work = http.current(orm=True)
            work.refresh()
            origin = request.headers.get("Origin")
            if request.method == "OPTIONS":
                return _response(Answer(HTTPStatus.NO_CONTENT), BROWSERS.preflight(work, origin))
            headers |= BROWSERS.headers(work, origin)
            return _response(self._operate(work, headers), headers)
        except Exception as error:  # noqa: BLE001 - this is the edge: every failure becomes an answer
            return _response(errors.render(error, request_id=http.request_id()), headers)

    def _operate(self, work: Work, headers: dict[str, str]) -> Answer:
        actor = work.actor = caller.authenticate(work, Call(request.environ))
        if origin := request.headers.get("Origin"):
            headers.clear()
            headers |= BROWSERS.headers(work, origin, actor.client_id)
        headers |= work.told
        headers |= self._limiter.take(f"{work.tenant_id}\0{actor.person}").headers()
        found = _find()
        endpoint = found.value
        if not actor.has(*endpoint.scopes):
            raise missing_scope(endpoint.scopes)
        raw = RawRequest(
            found.params,
            list(request.args.items(multi=True)),
            content_type=request.headers.get("Content-Type", ""),
            body=_body(endpoint),
            development=self._platform.settings.development,
        )
        answer = endpoint.run(raw, work)
        return _located(work, answer) if answer.status == HTTPStatus.ACCEPTED else answer


def _find() -> Match[Endpoint]:
    path = management.sent_path(PREFIX)
    method = "GET" if request.method == "HEAD" else request.method
    match = router().match_decoded(method, path.decoded) if path.segments is None else None
    if path.segments is not None:
        match = router().match(method, list(path.segments))
    if match is None:
        raise NotFound("Not Found")
    return match


def _body(endpoint: Endpoint) -> bytes:
    """What was sent, which is JSON alone (spec/my-account.md, "Errors")."""
    request.max_content_length = MAX_SENT  # the limit that counts is the one below, answered in this API's own words
    content = request.stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise fault(BODY, f"Body is larger than {MAX_BYTES} bytes")
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if endpoint.body is not None and content and kind != "application/json":
        raise UnsupportedMediaType("The body has to be application/json.")
    return content


def _located(work: Work, answer: Answer) -> Answer:
    """Where the enrolment that began goes on: SDKs read its id from there."""
    method_id = quote(str(answer.document.get("id") or NEW_PASSKEY), safe="")
    where = f"{work.config.issuer}{PREFIX.removeprefix('/')}/authentication-methods/{method_id}"
    return Answer(answer.status, answer.body, {**answer.headers, "Location": where}, answer.document)


def _response(answer: Answer, headers: dict[str, Any]) -> Response:
    response = Response(answer.body, status=answer.status)
    response.headers.update({"Cache-Control": "no-store", **headers, **answer.headers})
    if not answer.body:
        response.headers.pop("Content-Type", None)
    return response
