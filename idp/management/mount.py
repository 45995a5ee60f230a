"""``/api/v2``: asks who calls, finds the operation, runs it in one unit of work, renders; how calls are handled is
:mod:`idp.management.calls`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache
from importlib import import_module

from flask import Flask, Response, request

from idp.applications.clients.cross_origin import CrossOrigin
from idp.foundation.apikit import Endpoint, answers
from idp.foundation.apikit.answers import Answer
from idp.foundation.apikit.path import Match, Router
from idp.foundation.apikit.request import RawRequest
from idp.foundation.db.driver_errors import took_too_long
from idp.foundation.kernel import struct_types
from idp.foundation.kernel.errors import BadRequest, PayloadTooLarge, StoreUnavailable
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Platform, Work
from idp.foundation.web import multipart
from idp.foundation.web.exchange import Call
from idp.management import api_log, bearer, calls, errors, not_implemented, openapi, versions

PREFIX = "/api/v2"
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
        ("POST", "/users/{id}/impersonate"),
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
    edge = _Edge(platform, tuple(modules))
    if platform.settings.development:
        answers.be_strict()
    app.url_map.converters["rest"] = calls.Rest
    for rule in (PREFIX, f"{PREFIX}/<rest:rest>"):
        app.add_url_rule(rule, "management", edge.answer, methods=calls.METHODS, provide_automatic_options=False)


class _Edge(calls.Edge):
    """The Flask side."""

    prefix, api, browsers = PREFIX, "api/v2/", BROWSERS

    def __init__(self, platform: Platform, modules: tuple[str, ...]) -> None:
        super().__init__(platform, errors.render)
        self._modules = modules

    def operate(self, work: Work, headers: dict[str, str]) -> Answer:
        """See :meth:`idp.management.calls.Edge.operate`."""
        path = calls.sent_path(PREFIX)
        if path.decoded == "openapi.json":
            return openapi.answer(endpoints(self._modules), work.config.issuer)
        actor = bearer.authenticate(work, Call(request.environ))
        self.admit(work, actor, actor.client_id, headers)
        found = calls.find(router(self._modules), path)
        raw = self.raw(found)
        try:
            bearer.authorize(work.actor, found.value, found.params)
            _choose_domain(work, found)
            body = _body(found.value, work)
            parts = multipart.parse(raw.content_type, body) if found.value.files else None
            raw = replace(raw, body=body, parts=parts)
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


def _body(endpoint: Endpoint, work: Work) -> bytes:
    if not endpoint.files:
        return calls.body()
    most = work.platform.settings.import_max_bytes
    words = f"Payload content length greater than maximum allowed: {most}"
    return calls.body(most, lambda: PayloadTooLarge(words))


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
    return calls.response(errors.render(error, request_id=http.request_id()), {})
