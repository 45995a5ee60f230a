"""``POST /users/{id}/impersonate``: the operation of the Management API under the address that it had before there was
one; the answer is the link alone, as text.
"""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, request

from idp.foundation.apikit import Endpoint
from idp.foundation.apikit.answers import Answer
from idp.foundation.apikit.request import RawRequest
from idp.foundation.kernel import clock, struct_types
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call
from idp.management import api_log, bearer, calls, errors
from idp.management.limits import Limiter

blueprint = Blueprint("older_impersonation", __name__)


@cache
def operation() -> Endpoint:
    """The declaration; loaded with the first call."""
    from idp.protocol.impersonation.api import api

    struct_types.prepare()
    return api.endpoints[0]


@cache
def _limiter(enforced: bool) -> Limiter:
    return Limiter(lambda: clock.now_ms() / 1000, enforced=enforced)


@blueprint.route("/users/<path:user_id>/impersonate", methods=["POST"])
def impersonate(user_id: str) -> Response:
    """One call; errors are those of the Management API."""
    headers: dict[str, str] = {}
    try:
        work = http.current(orm=True)
        work.refresh()
        work.actor = bearer.authenticate(work, Call(request.environ))
        limiter = _limiter(work.platform.settings.rate_limits)
        headers |= {**work.told, **limiter.take(f"{work.tenant_id}\0{work.actor.client_id}").headers()}
        answer = _run(work, RawRequest({"id": user_id}, [], request.headers.get("Content-Type", "")))
    except Exception as error:  # noqa: BLE001 - this is the edge: every failure becomes an answer
        answer = errors.render(error, request_id=http.request_id())
    return calls.response(answer, headers)


def _run(work: Work, raw: RawRequest) -> Answer:
    endpoint = operation()
    try:
        bearer.authorize(work.actor, endpoint, raw.params)
        raw = RawRequest(raw.params, raw.query, raw.content_type, calls.body())
        with work.transaction(lazily=True):
            answer = endpoint.run(raw, work)
            api_log.record(work, endpoint, request.path, raw, answer)
    except Exception as error:  # noqa: BLE001 - every failure of an operation becomes an answer, and is logged
        refused = errors.render(error, request_id=http.request_id())
        api_log.refused(work, endpoint, request.path, raw, refused)
        return refused
    url = str(answer.document["url"])
    return Answer(200, url.encode(), headers={"Content-Type": "text/plain; charset=utf-8"})
