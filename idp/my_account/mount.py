"""``/me/v1``: asks who calls, finds the operation, runs it, renders; how calls are handled is
:mod:`idp.management.calls`. 415 comes before validation.
"""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from urllib.parse import quote

from flask import Flask, request

from idp.applications.clients.cross_origin import CrossOrigin
from idp.foundation.apikit import Endpoint
from idp.foundation.apikit.answers import Answer
from idp.foundation.apikit.path import Router
from idp.foundation.kernel.errors import UnsupportedMediaType
from idp.foundation.kernel.rights import missing_scope
from idp.foundation.tenancy.work import Platform, Work
from idp.foundation.web.exchange import Call
from idp.management import calls
from idp.management import mount as management
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


def register(app: Flask, platform: Platform) -> None:
    """Put ``/me/v1`` into ``app``, behind the Management API, whose converter for paths it uses."""
    edge = _Edge(platform, errors.render)
    for rule in (PREFIX, f"{PREFIX}/<rest:rest>"):
        app.add_url_rule(rule, "my_account", edge.answer, methods=calls.METHODS, provide_automatic_options=False)


@cache
def router() -> Router[Endpoint]:
    """Every operation."""
    table: Router[Endpoint] = Router()
    for endpoint in management.endpoints(MODULES):
        table.add(endpoint.method, endpoint.path, endpoint)
    return table


class _Edge(calls.Edge):
    """The Flask side."""

    prefix, api, browsers = PREFIX, "me/", BROWSERS

    def operate(self, work: Work, headers: dict[str, str]) -> Answer:
        """See :meth:`idp.management.calls.Edge.operate`."""
        actor = caller.authenticate(work, Call(request.environ))
        self.admit(work, actor, actor.person, headers)
        found = calls.find(router(), calls.sent_path(PREFIX))
        endpoint = found.value
        if lacking := endpoint.lacking(actor):
            raise missing_scope(lacking)
        answer = endpoint.run(self.raw(found, _body(endpoint)), work)
        return _located(work, answer) if answer.status == HTTPStatus.ACCEPTED else answer


def _body(endpoint: Endpoint) -> bytes:
    """What was sent, which is JSON alone (spec/my-account.md, "Errors")."""
    content = calls.body()
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if endpoint.body is not None and content and kind != "application/json":
        raise UnsupportedMediaType("The body has to be application/json.")
    return content


def _located(work: Work, answer: Answer) -> Answer:
    """Where the enrolment that began goes on: SDKs read its id from there."""
    method_id = quote(str(answer.document.get("id") or NEW_PASSKEY), safe="")
    where = f"{work.config.issuer}{PREFIX.removeprefix('/')}/authentication-methods/{method_id}"
    return Answer(answer.status, answer.body, {**answer.headers, "Location": where}, answer.document)
