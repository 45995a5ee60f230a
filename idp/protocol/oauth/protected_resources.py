"""``/.well-known/oauth-protected-resource/...``: which tokens our own APIs take, for clients that know nothing but the
API's address (RFC 9728 3). APIs elsewhere publish the like themselves, with our issuer in it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from idp.applications.clients import tls
from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Reply
from idp.protocol.oauth import errors
from idp.protocol.oauth.discovery import HEADERS
from idp.protocol.possession import dpop
from idp.protocol.possession.resource import METADATA
from idp.protocol.tokens import binding

blueprint = Blueprint("protected_resources", __name__)
APIS = ("api/v2/", "me/", "mfa/", "ssf/", "userinfo")
"""What is an API here, below the issuer."""


@blueprint.get(f"/{METADATA}/<path:resource>")
def protected_resource(resource: str) -> Response:
    """RFC 9728 3.2; 404 for what is no API of ours."""
    work = http.current()
    work.refresh()
    name = next((each for each in APIS if each.rstrip("/") == resource.rstrip("/")), None)
    if name is None:
        return http.answered(Reply(404, [("Content-Type", "application/json")], b'{"error":"not_found"}'))
    reply = errors.json_answer(document(work, name))
    reply.headers[:] = [each for each in reply.headers if each[0] not in {"Cache-Control", "Pragma"}]
    return http.answered(reply.add(HEADERS))


def document(work: Work, name: str) -> dict[str, Any]:
    """RFC 9728 2, for one of :data:`APIS`."""
    issuer = work.config.issuer
    resource = f"{issuer}{name}"
    api = resource_servers.find(work, resource)
    offered = sorted(api.scope_values()) if api is not None and len(api.scope_values()) < 50 else None
    found: dict[str, Any] = {
        "resource": resource,
        "authorization_servers": [issuer],
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": list(dpop.ALGORITHMS),
        "dpop_bound_access_tokens_required": binding.insists(api, binding.JKT),
    }
    if tls.offered(work):
        found["tls_client_certificate_bound_access_tokens"] = True
    return {**found, "scopes_supported": offered} if offered else found
