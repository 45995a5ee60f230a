"""``/api/v2``: finds the operation, asks who calls, runs it in one unit of work, renders.

The order is the specification: 401 before anything is said about paths or bodies, 404, 429, 403, then validation.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, request
from werkzeug.routing import BaseConverter

from idp.applications.clients.cross_origin import CrossOrigin
from idp.foundation.apikit import Endpoint, answers
from idp.foundation.apikit.answers import Answer
from idp.foundation.apikit.path import Match, Router
from idp.foundation.apikit.request import MAX_BYTES, RawRequest
from idp.foundation.db.driver_errors import took_too_long
from idp.foundation.kernel import clock, struct_types
from idp.foundation.kernel.errors import BadRequest, NotFound, PayloadTooLarge, StoreUnavailable
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Platform, Work
from idp.foundation.web import multipart
from idp.foundation.web.exchange import Call
from idp.management import api_log, bearer, errors, not_implemented, openapi, versions
from idp.management.limits import Limiter

PREFIX = "/api/v2"
METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "HEAD"]
LINKING = frozenset(
    {
        ("POST", "/users"),
        ("PATCH", "/users/{id}"),
        ("POST", "/jobs/verification-email"),
        ("POST", "/tickets/email-verification"),
        ("POST", "/tickets/password-change"),
        ("POST", "/organizations/{id}/invitations"),
        ("POST", "/guardian/enrollments/ticket"),
        ("POST", "/self-service-profiles/{id}/sso-ticket"),
        ("POST", "/invitations"),
        ("POST", "/invitations/{id}/resend"),
    }
)
"""Operations that send or answer links: they take ``Auth0-Custom-Domain``."""
BROWSERS = CrossOrigin(
    methods="GET, POST, PATCH, PUT, DELETE",
    allowed="Authorization, Content-Type, Auth0-Client, Auth0-Custom-Domain, If-Match, DPoP",
    exposed="X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, ETag, DPoP-Nonce, "
    "WWW-Authenticate",
)
"""Browsers of other origins, never with cookies (security.md W8)."""
MAX_SENT = 2**31


@cache
def endpoints(modules: tuple[str, ...]) -> tuple[Endpoint, ...]:
    """Every endpoint that the ``api`` of these modules declares."""
    found = tuple(endpoint for name in modules for endpoint in import_module(name).api.endpoints)
    struct_types.prepare()  # they come with the first call, and others may come at the same moment
    return found


@cache
def router(modules: tuple[str, ...]) -> Router[Endpoint]:
    """Every operation there is, built or not."""
    table: Router[Endpoint] = Router()
    built = endpoints(modules)
    for endpoint in [*built, *not_implemented.endpoints(built)]:
        table.add(endpoint.method, endpoint.path, endpoint)
    return table


def register(app: Flask, platform: Platform, modules: Sequence[str]) -> None:
    """Put ``/api/v2`` into ``app``, with the endpoints that ``modules`` declare."""
    limiter = Limiter(lambda: clock.now_ms() / 1000, enforced=platform.settings.rate_limits)
    edge = _Edge(platform, limiter, tuple(modules))
    if platform.settings.development:
        answers.be_strict()
    app.url_map.converters["rest"] = _Rest
    for rule in (PREFIX, f"{PREFIX}/<rest:rest>"):
        app.add_url_rule(rule, "management", edge.answer, methods=METHODS, provide_automatic_options=False)


class _Rest(BaseConverter):
    """Whatever follows, empty and doubled slashes included: nothing below the prefix is anybody else's."""

    regex = ".*?"
    part_isolating = False


class _Edge:
    """The Flask side."""

    def __init__(self, platform: Platform, limiter: Limiter, modules: tuple[str, ...]) -> None:
        self._platform = platform
        self._modules = modules
        self._limiter = limiter

    def answer(self, rest: str = "") -> Response:
        """Any request below ``/api/v2``."""
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
        path = sent_path()
        if path.decoded == "openapi.json":
            return openapi.answer(endpoints(self._modules), work.config.issuer)
        work.actor = bearer.authenticate(work, Call(request.environ))
        if origin := request.headers.get("Origin"):
            headers.clear()
            headers |= BROWSERS.headers(work, origin, work.actor.client_id)
        headers |= work.told
        headers |= self._limiter.take(f"{work.tenant_id}\0{work.actor.client_id}").headers()
        found = self._find(path)
        raw = RawRequest(
            found.params, list(request.args.items(multi=True)), development=self._platform.settings.development
        )
        try:
            bearer.authorize(work.actor, found.value, found.params)
            _choose_domain(work, found)
            kind, body = request.headers.get("Content-Type", ""), _body(found.value, work)
            parts = multipart.parse(kind, body) if found.value.files else None
            raw = replace(raw, content_type=kind, body=body, parts=parts)
            with _unit_of_work(work, found.value):
                versions.expect(work, found.value, found.params, request.headers.get("If-Match"))
                answer = _run(found.value, raw, work)
                if found.value.method != "GET":
                    api_log.record(work, found.value, request.path, raw, answer)
                return versions.tagged(work, found.value, found.params, answer)
        except Exception as error:  # noqa: BLE001 - every failure of an operation becomes an answer, and writes are logged
            answer = errors.render(error, request_id=http.request_id())
            api_log.refused(work, found.value, request.path, raw, answer)
            return answer

    def _find(self, path: SentPath) -> Match[Endpoint]:
        method = "GET" if request.method == "HEAD" else request.method
        routes = router(self._modules)
        found = (
            routes.match_decoded(method, path.decoded)
            if path.segments is None
            else routes.match(method, list(path.segments))
        )
        if found is None:
            raise NotFound("Not Found")
        return found


def _run(endpoint: Endpoint, raw: RawRequest, work: Work) -> Answer:
    """Run it; what may be a second old is asked of the read replica while there is one (decision 0138)."""
    replica = work.platform.db.replica if endpoint.stale else None
    hot = replica.connection(work.hot) if replica is not None else None
    if replica is None or hot is None:
        return endpoint.run(raw, work)
    try:
        return endpoint.run(raw, replace(work, hot=hot))
    except StoreUnavailable as error:
        if took_too_long(error):
            raise  # the primary would take as long
        replica.leave_alone(error)
    finally:
        hot.close()
    return endpoint.run(raw, work)


def _unit_of_work(work: Work, endpoint: Endpoint) -> AbstractContextManager[None]:
    """What a write changes is one commit with its log entry; the transaction begins with the first rows it touches."""
    return nullcontext() if endpoint.method == "GET" else work.transaction(lazily=True)


@dataclass(frozen=True)
class SentPath:
    """What stands behind ``/api/v2``. ``segments`` are decoded one by one where the server kept the path as it was
    sent, so that ``%2F`` stays inside of one; None where it did not.
    """

    decoded: str
    segments: tuple[str, ...] | None


def sent_path(prefix: str = PREFIX) -> SentPath:
    """The path of the request behind ``prefix``. The one that was sent counts only where it says the same as the
    decoded one that everything else looked at (security.md W2).
    """
    target = str(request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or "")
    sent = target.partition("?")[0] if target.startswith("/") else urlsplit(target).path
    whole = request.script_root + request.path
    decoded = request.path.removeprefix(prefix)[1:]
    if not sent or unquote(sent) != whole:
        return SentPath(decoded, None)
    parts = sent.split("/")[len(request.script_root.split("/")) - 1 + len(prefix.split("/")) :]
    return SentPath(decoded, tuple(map(unquote, parts)) or ("",))


def _body(endpoint: Endpoint, work: Work) -> bytes:
    limit = work.platform.settings.import_max_bytes if endpoint.files else MAX_BYTES
    request.max_content_length = MAX_SENT  # the limit that counts is the one below, answered in this API's own words
    content = request.stream.read(limit + 1)
    if len(content) <= limit:
        return content
    if endpoint.files:
        raise PayloadTooLarge(f"Payload content length greater than maximum allowed: {limit}")
    raise fault(BODY, f"Body is larger than {limit} bytes")


def _choose_domain(work: Work, found: Match[Endpoint]) -> None:
    """``Auth0-Custom-Domain`` picks the domain of links (spec/00-conventions.md); without it that is the one by which
    the call came, or the tenant's default domain.
    """
    if (found.value.method, found.value.path) not in LINKING:
        return
    wanted = (request.headers.get("Auth0-Custom-Domain") or "").lower()
    if not wanted:
        work.go_under_default()
    elif not work.go_under(None if wanted == work.config.own_host else wanted):
        raise BadRequest("The provided custom domain does not exist.", "invalid_custom_domain")


def failed(error: Exception) -> Response:
    """The answer to a failure outside of :class:`_Edge`: before the tenant of a request is known."""
    return _response(errors.render(error, request_id=http.request_id()), {})


def _response(answer: Answer, headers: dict[str, Any]) -> Response:
    response = Response(answer.body, status=answer.status)
    response.headers.update({"Cache-Control": "no-store", **headers, **answer.headers})
    if not answer.body:
        response.headers.pop("Content-Type", None)
    return response
