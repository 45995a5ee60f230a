"""The public keys of a connection, where its source reads them."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response

from idp.directory.connections import keys, runtime
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http
from idp.tenant.keys import store

MAX_NAME = 128
blueprint = Blueprint("connection_keys", __name__)


@blueprint.get("/oauth/connection/<name>/.well-known/jwks.json")
def key_set(name: str) -> Response:
    """What the connection signs with, and is encrypted to; the tenant's keys as long as it signs with those."""
    work = http.current()
    work.refresh()
    connection = runtime.named(work, name) if len(name) <= MAX_NAME else None
    if connection is None or not connection.source.key_algorithms:
        raise PageError("not_found", "There is no such connection.", status=404)
    published = keys.published(work, connection.id) or store.ring(work).public()
    answer = Response(msgspec.json.encode({"keys": published}), mimetype="application/json")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "public, max-age=15"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
