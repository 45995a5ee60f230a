"""``/samlp/...``."""

from __future__ import annotations

from flask import Blueprint, Response

from connectors.contract import DescribesItself
from idp.directory.connections import runtime as connections
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy import http

blueprint = Blueprint("saml", __name__)
MAX_NAME = 128


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
