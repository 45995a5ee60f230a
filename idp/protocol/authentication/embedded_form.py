"""What Lock asks for before it shows its form: ``/client/{client_id}.js`` and ``/user/ssodata``
(spec/authentication-api.md section 7).

Everybody who opens the application's page runs that script, so it says nothing that the sign-in page does not show.
"""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, Response

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.signin.sessions import service as sessions

blueprint = Blueprint("embedded_form", __name__)
UNKNOWN = "// There is no such application.\n"
"""Of a script that does nothing."""


@blueprint.get("/client/<client_id>.js")
def settings_of(client_id: str) -> Response:
    """The application's connections as a call of Lock's ``Auth0.setClient``. Pages of any site may load it."""
    work = http.current()
    work.refresh()
    client = clients.find(work, client_id[:64])
    if client is None:
        return _script(UNKNOWN, 404)
    return _script(f"Auth0.setClient({msgspec.json.encode(_described(work, client)).decode()});\n", 200)


@blueprint.get("/user/ssodata")
def who_is_here() -> Response:
    """Whether somebody is signed in in this browser, for pages of our own host alone: others may not read it."""
    work = http.current()
    session = sessions.read(work, http.session_secret())
    body: dict[str, Any] = {"sso": session is not None}
    if session is None:
        work.refresh()
    else:
        body["sessionClients"] = list(sessions.clients(work, session.id))
        body["lastUsedUserID"] = session.user_id
        used = connections.find(work, session.connection_id) if session.connection_id else None
        if used is not None:
            body["lastUsedConnection"] = {"name": used.name, "strategy": used.strategy}
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(body), 200, headers, mimetype="application/json")


def _script(text: str, status: int) -> Response:
    headers = {"Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(text, status, headers, content_type="text/javascript; charset=utf-8")


def _described(work: Work, client: ClientConfig) -> dict[str, Any]:
    by_strategy: dict[str, list[dict[str, Any]]] = {}
    for each in connections.for_client(work, client.client_id):
        by_strategy.setdefault(each.strategy, []).append(_connection(each))
    return {
        "id": client.client_id,
        "tenant": work.tenant_id,
        "callback": next(iter(client.data.callbacks), ""),
        "hasAllowedOrigins": bool(client.data.allowed_origins),
        "strategies": [{"name": name, "connections": found} for name, found in by_strategy.items()],
    }


def _connection(connection: ConnectionConfig) -> dict[str, Any]:
    said: dict[str, Any] = {"name": connection.name}
    if connection.data.get("display_name"):
        said["display_name"] = connection.display_name
    if connection.domains:
        said |= {"domain": connection.domains[0], "domain_aliases": list(connection.domains[1:])}
    rules = connection.accounts
    if rules is None:
        return said
    said |= {
        "passwordPolicy": rules.password.level or "good",
        "showSignup": connection.signup_enabled,
        "showForgot": True,
        "requires_username": connection.requires_username,
    }
    if rules.password.min_length is not None:
        said["password_complexity_options"] = {"min_length": rules.password.min_length}
    if rules.username_length is not None:
        least, most = rules.username_length
        said["validation"] = {"username": {"min": least, "max": most}}
    return said
