"""Discovery and JWKS, as ready bytes per configuration version (OIDC Discovery 3, RFC 8414, RFC 7517)."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from flask import Blueprint, Response

from idp.applications.clients import encryption, public_keys, tls
from idp.applications.federation import entities
from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.users.attributes import STANDARD_CLAIMS, STANDARD_SCOPES
from idp.foundation.tenancy import http, placing
from idp.foundation.tenancy.configuration import Configuration
from idp.foundation.tenancy.work import Platform, Work
from idp.protocol.oauth.authorize import acr
from idp.protocol.oauth.authorize.steps.response import RESPONSE_MODES, RESPONSE_TYPES, SIGNED_MODES
from idp.protocol.oauth.client_auth import assertion
from idp.protocol.oauth.device.service import GRANT as DEVICES
from idp.protocol.oauth.grants import GRANTS
from idp.protocol.possession import addresses, dpop
from idp.tenant.keys import custom, decrypter
from idp.tenant.keys import store as keys

blueprint = Blueprint("discovery", __name__)
DOCUMENTS = {
    "/.well-known/openid-configuration": "What this provider can do (OpenID Connect Discovery 4).",
    "/.well-known/oauth-authorization-server": "The same for OAuth clients (RFC 8414 3).",
    "/.well-known/jwks.json": "The public keys its tokens are verified with (RFC 7517 5).",
}
PATHS = tuple(DOCUMENTS)
MOST_TYPES = 50
"""Types of authorization details that are named: the document stays small."""
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "public, max-age=15",
    "X-Content-Type-Options": "nosniff",
}
WITH_CERTIFICATES = frozenset(
    f"{name}_endpoint"
    for name in (
        "token",
        "revocation",
        "introspection",
        "userinfo",
        "device_authorization",
        "pushed_authorization_request",
        "backchannel_authentication",
    )
)
"""Where clients come with their certificates (RFC 8705 5)."""
PROTOCOL_CLAIMS = (
    "aud",
    "auth_time",
    "exp",
    "iat",
    "iss",
    "sid",
    "sub",
    "acr",
    "amr",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
)


def document(work: Work) -> dict[str, Any]:
    """The provider's metadata; everything follows the tenant's issuer, nothing the request's host."""
    issuer, settings = work.config.issuer, work.config.settings
    compatibility = settings.compatibility
    algorithms = sorted(
        {key.alg for key in keys.ring(work).keys if key.state == "current" and key.alg in keys.KEY_ALG}
        | {"RS256", "PS256", "ES256", "EdDSA", "HS256"}
    )
    auth_methods = ["client_secret_basic", "client_secret_post", assertion.BY_KEY, assertion.BY_SECRET]
    auth_methods += tls.offered(work)
    found: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}authorize",
        "token_endpoint": f"{issuer}oauth/token",
        "userinfo_endpoint": f"{issuer}userinfo",
        "jwks_uri": f"{issuer}.well-known/jwks.json",
        "backchannel_authentication_endpoint": f"{issuer}bc-authorize",
        "backchannel_token_delivery_modes_supported": ["poll", "ping"],
        "backchannel_user_code_parameter_supported": False,
        "backchannel_authentication_request_signing_alg_values_supported": list(public_keys.ALGORITHMS),
        "revocation_endpoint": f"{issuer}oauth/revoke",
        "introspection_endpoint": f"{issuer}oauth/introspect",
        "scopes_supported": sorted(STANDARD_SCOPES),
        "response_types_supported": list(RESPONSE_TYPES),
        "response_modes_supported": [*RESPONSE_MODES, *SIGNED_MODES],
        "grant_types_supported": [
            *(each for each in GRANTS if each != DEVICES or settings.device_flow.enabled),
            "implicit",
        ],
        "code_challenge_methods_supported": ["S256", *(["plain"] if compatibility.plain_pkce else [])],
        "subject_types_supported": ["public", "pairwise"],
        **{f"{what}_signing_alg_values_supported": algorithms for what in encryption.WHAT},
        **{f"{what}_encryption_alg_values_supported": list(encryption.ALGORITHMS) for what in encryption.WHAT},
        **{f"{what}_encryption_enc_values_supported": list(encryption.CONTENT) for what in encryption.WHAT},
        "request_object_encryption_alg_values_supported": list(decrypter.KEYS),
        "request_object_encryption_enc_values_supported": list(decrypter.CONTENT),
        "token_endpoint_auth_methods_supported": [*auth_methods, "none"],
        "revocation_endpoint_auth_methods_supported": [*auth_methods, "none"],
        "introspection_endpoint_auth_methods_supported": auth_methods,
        **{
            f"{endpoint}_endpoint_auth_signing_alg_values_supported": list(assertion.ALGORITHMS)
            for endpoint in ("token", "revocation", "introspection")
        },
        "claims_supported": sorted({*STANDARD_CLAIMS, *PROTOCOL_CLAIMS}),
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "request_object_signing_alg_values_supported": list(public_keys.ALGORITHMS),
        "dpop_signing_alg_values_supported": [*dpop.ALGORITHMS, "Ed25519"],
        "require_pushed_authorization_requests": settings.require_pushed_authorization_requests,
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "acr_values_supported": list(acr.supported(work)),
        "ui_locales_supported": settings.enabled_locales,
        "authorization_response_iss_parameter_supported": compatibility.authorization_response_iss,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
    }
    types = resource_servers.detail_types(work)[:MOST_TYPES]
    if types:
        found["authorization_details_types_supported"] = types
    if settings.device_flow.enabled:
        found["device_authorization_endpoint"] = f"{issuer}oauth/device/code"
    if settings.flags.enable_dynamic_client_registration:
        found["registration_endpoint"] = f"{issuer}oidc/register"
    if settings.session_management:
        found["check_session_iframe"] = f"{issuer}oidc/session"
    if settings.client_id_metadata_document_supported:
        found["client_id_metadata_document_supported"] = True
    if settings.federation.enabled:
        found["client_registration_types_supported"] = [entities.AUTOMATIC]
    if settings.pushed_authorization_requests_supported:
        found["pushed_authorization_request_endpoint"] = f"{issuer}oauth/par"
    if settings.oidc_logout.rp_logout_end_session_endpoint_discovery:
        found["end_session_endpoint"] = f"{issuer}oidc/logout"
    return {**found, **_of_certificates(work, found)}


def _of_certificates(work: Work, found: dict[str, Any]) -> dict[str, Any]:
    """What clients with certificates need to know (RFC 8705 3.3, 5)."""
    issuer, alias = work.config.issuer, addresses.alias_of(work)
    about: dict[str, Any] = {}
    if alias is not None:
        about["mtls_endpoint_aliases"] = {
            name: f"{alias}{url.removeprefix(issuer)}" for name, url in found.items() if name in WITH_CERTIFICATES
        }
    if tls.offered(work):
        about["tls_client_certificate_bound_access_tokens"] = True
    return about


def jwks(work: Work) -> dict[str, Any]:
    """Public keys: next, current, and previous until revoked (security.md U5, U6)."""
    published = [*keys.ring(work).public(), *custom.published(work)]
    if work.config.settings.flags.remove_alg_from_jwks:
        published = [{name: value for name, value in key.items() if name != "alg"} for key in published]
    return {"keys": published}


def ready(work: Work, path: str) -> bytes:
    """The body for one of PATHS, encoded once per configuration version."""
    kind = "jwks" if path.endswith("jwks.json") else "discovery"
    return work.config.remember(
        "ready bytes", kind, lambda: msgspec.json.encode(jwks(work) if kind == "jwks" else document(work))
    )


def _view(path: str) -> Response:
    work = http.current()
    work.refresh()
    response = Response(ready(work, path), mimetype="application/json")
    response.headers.update(HEADERS)
    return response


def _register() -> None:
    for path, says in DOCUMENTS.items():
        view = partial(_view, path)
        view.__doc__ = says
        blueprint.add_url_rule(path, path.rsplit("/", 1)[-1].replace(".", "-"), view)


_register()


class ReadyDocuments:
    """The same documents for the layer before Flask: what ``idp.processes.wsgi.ReadyBytes`` asks."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def locate(self, path: str) -> tuple[str, str] | None:
        """Which document of which issuer's path is asked for; None for any other path."""
        return placing.document(path, DOCUMENTS)

    def version(self, host: str, root: str) -> int | None:
        """The configuration version of the tenant there, by one small read; None where there is no tenant."""
        config = self._tenant(host, root)
        if config is None:
            return None
        with self._platform.db.hot() as hot:
            return self._platform.configurations.fresh(config.tenant_id, hot).version

    def build(self, host: str, root: str, path: str) -> tuple[str, list[tuple[str, str]], bytes] | None:
        """Status line, headers and body."""
        config = self._tenant(host, root)
        if config is None:
            return None
        with self._platform.db.hot() as hot:
            body = ready(Work(self._platform, config, hot), path)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **HEADERS}
        return "200 OK", list(headers.items()), body

    def _tenant(self, host: str, root: str) -> Configuration | None:
        """The tenant whose URL has exactly that path."""
        found = http.resolve(self._platform, host, f"{root}/")
        return found if found is not None and found.root == root else None
