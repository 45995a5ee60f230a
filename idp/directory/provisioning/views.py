"""``/scim/v2/connections/{id}/*``: where a connection's directory speaks SCIM, with a token of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask
import msgspec
from flask import Blueprint, Response

from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.provisioning import service
from idp.directory.provisioning.log_types import ScimLog
from idp.directory.provisioning.models import ScimConfiguration, ScimToken
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import sizes
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web import spoken
from idp.tenant.audit import failures, log

ROOT = "/scim/v2/connections"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOBODY = "-"
"""Whom requests without a good token count for: a stranger may invent any number of ids."""
blueprint = Blueprint("scim", __name__)


@blueprint.route(f"{ROOT}/<connection_id>", defaults={"path": ""}, methods=METHODS)
@blueprint.route(f"{ROOT}/<connection_id>/<path:path>", methods=METHODS)
def scim(connection_id: str, path: str) -> Response:
    """One request of a directory."""
    work = http.current(orm=True)
    work.ensure_current()
    if (flask.request.content_length or 0) > sizes.SCIM.most:
        return _error(413, "The body is too large")
    with work.looking():
        known = _known(work, connection_id)
    refused = _limited(work, known[0].id if known is not None else NOBODY)
    if refused is not None:
        return refused
    if known is None:
        failures.write(work, ScimLog.FAILED, "no such connection or token", connection_id=connection_id[:64])
        response = _error(401, "The token is not valid for this connection")
        response.headers["WWW-Authenticate"] = 'Bearer realm="SCIM"'
        return response
    connection, configuration, token = known
    return _served(work, connection, configuration, token, path)


def _served(
    work: Work, connection: ConnectionConfig, configuration: ScimConfiguration, token: ScimToken, path: str
) -> Response:
    """Answered by :mod:`idp.directory.provisioning.scim`; what it changes and refuses is logged."""
    from scim2_server.requests import ScimRequest

    from idp.directory.provisioning import scim as protocol

    request = ScimRequest(
        method=flask.request.method,
        base_url=f"{work.config.url.rstrip('/')}{ROOT}/{connection.id}",
        path=f"/{path}",
        query=http.query(),
        headers=dict(flask.request.headers.items()),
        body=flask.request.get_data(),
        subject=frozenset(token.scopes),
    )
    reads = request.method == "GET" or path.endswith(".search")
    rows = protocol.Rows(work, connection, configuration, reads=reads)
    service.used(work, token)
    answer, problem = protocol.serve(request, rows)
    members: dict[str, Any] = {
        "connection": connection.name,
        "connection_id": connection.id,
        "strategy": connection.strategy,
        "strategy_type": connection.strategy_type,
        "details": {"method": request.method, "path": f"/{path}"[:300], "status": int(answer.status)},
    }
    if problem is not None:
        failures.write(work, ScimLog.FAILED, str(problem.detail or problem)[:500], **members)
    elif not reads:
        log.write(work, ScimLog.SUCCESS, None, **members)
    return _response(int(answer.status), answer.body, answer.headers)


def _known(work: Work, connection_id: str) -> tuple[ConnectionConfig, ScimConfiguration, ScimToken] | None:
    """The connection that is provisioned, if the caller has a good token of it."""
    scheme, _, value = (flask.request.headers.get("Authorization") or "").partition(" ")
    token = service.presented(work, connection_id, value.strip()) if scheme.lower() == "bearer" and value else None
    connection = connections.find(work, connection_id) if token is not None else None
    configuration = work.rows.get(ScimConfiguration, (work.tenant_id, connection_id))
    if token is None or connection is None or configuration is None:
        return None
    return connection, configuration, token


def _limited(work: Work, connection_id: str) -> Response | None:
    wait = limits.exceeded(work, limits.SCIM, f"{connection_id}:{work.network}")
    if wait is None:
        return None
    response = _error(429, "Too many requests")
    response.headers["Retry-After"] = str(wait)
    return response


def _error(status: int, detail: str) -> Response:
    """RFC 7644 3.12."""
    return _response(status, spoken.scim(status, detail), {"Content-Type": spoken.SCIM.media_type})


def _response(status: int, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Response:
    return Response(msgspec.json.encode(body) if body is not None else b"", status, dict(headers))
