"""What a provider says of itself (OIDC Discovery 1.0), read when a connection is saved and pinned from then on
(security.md CO14).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from connectors.contract import UNAVAILABLE, ConnectorError, HttpClient
from connectors.oauth2.documents import alive, document
from connectors.oidc.options import ALGORITHMS, OidcOptions
from connectors.web_addresses import is_address

WELL_KNOWN = "/.well-known/openid-configuration"
OAUTH_WELL_KNOWN = "/.well-known/oauth-authorization-server"
INVALID = "invalid_configuration"
PINNED = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_MOST_MEMBER = 4_096
METADATA = """
    issuer authorization_endpoint token_endpoint userinfo_endpoint jwks_uri end_session_endpoint revocation_endpoint
    pushed_authorization_request_endpoint require_pushed_authorization_requests registration_endpoint
    scopes_supported response_types_supported response_modes_supported grant_types_supported acr_values_supported
    subject_types_supported id_token_signing_alg_values_supported token_endpoint_auth_methods_supported
    token_endpoint_auth_signing_alg_values_supported claims_supported claim_types_supported ui_locales_supported
    code_challenge_methods_supported authorization_response_iss_parameter_supported backchannel_logout_supported
    backchannel_logout_session_supported frontchannel_logout_supported request_parameter_supported
    request_uri_parameter_supported require_request_uri_registration claims_parameter_supported
    dpop_signing_alg_values_supported display_values_supported claims_locales_supported op_policy_uri op_tos_uri
    service_documentation userinfo_signing_alg_values_supported
    id_token_encryption_alg_values_supported id_token_encryption_enc_values_supported
    userinfo_encryption_alg_values_supported userinfo_encryption_enc_values_supported
    request_object_signing_alg_values_supported request_object_encryption_alg_values_supported
    request_object_encryption_enc_values_supported
"""
"""Members of the document that are kept."""
_AUTH_METHODS = ("client_secret_post", "client_secret_basic", "private_key_jwt", "none")


def pinned(http: HttpClient, options: OidcOptions) -> dict[str, Any]:
    """Options that are set from what the provider says.

    :raises ConnectorError: ``invalid_configuration``: it cannot be reached, is somebody else than was configured, or
        lacks what a sign-in needs.
    """
    url = options.discovered_at()
    if url is None or (not options.discovery_url and _complete(options)):
        return _completed(options, {})
    try:
        said = _kept(document(alive(http.get(url, headers={"Accept": "application/json"}), "discovery"), "discovery"))
    except ConnectorError as error:
        if error.code == UNAVAILABLE and options.metadata and _complete(options):
            return _completed(options, {})  # a change of something else, while the provider is away
        raise invalid(f"The discovery document at {url} cannot be read: {error.detail or error.message}") from error
    _check_issuer(options, url, said.get("issuer"))
    for name in (*PINNED, "end_session_endpoint", "pushed_authorization_request_endpoint"):
        if name in said and not _reachable(said[name], url):
            raise invalid(f"The discovery document names no usable {name}.")
    return _completed(options, said)


def invalid(words: str) -> ConnectorError:
    """The error of a configuration that cannot work."""
    return ConnectorError(INVALID, words)


def _check_issuer(options: OidcOptions, url: str, issuer: object) -> None:
    """The issuer is the one that was configured; where none was, the one that the document was asked of (OIDC
    Discovery 4.3).
    """
    if not isinstance(issuer, str) or not is_address(issuer):
        raise invalid("The discovery document names no issuer.")
    if options.issuer:
        fits = issuer == options.issuer
    else:
        asked = next((url.removesuffix(end) for end in (WELL_KNOWN, OAUTH_WELL_KNOWN) if url.endswith(end)), url)
        fits = issuer.rstrip("/") == asked.rstrip("/")
    if not fits:
        wanted = options.issuer or "the address of the document"
        raise invalid(f"The discovery document is of the issuer {issuer[:300]}, not of {wanted}.")


def _reachable(address: object, url: str) -> bool:
    """A document that came over TLS leads nowhere without it."""
    if not isinstance(address, str) or not is_address(address):
        return False
    return urlsplit(address).scheme == "https" or urlsplit(url).scheme == "http"


def _complete(options: OidcOptions) -> bool:
    needed = ["issuer", "authorization_endpoint", "jwks_uri", *([] if options.front_channel else ["token_endpoint"])]
    return all(getattr(options, name) for name in needed)


def _completed(options: OidcOptions, said: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: said[name] for name in (*PINNED, "issuer") if name in said}
    if said:
        found["oidc_metadata"] = said
        par = "pushed_authorization_request_endpoint"
        if par in said:
            found[par] = said[par]
    after = {name: found.get(name) or getattr(options, name) for name in (*PINNED, "issuer")}
    front = options.front_channel
    needed = ["issuer", "authorization_endpoint", "jwks_uri", *([] if front else ["token_endpoint"])]
    missing = [name for name in needed if not after[name]]
    if missing:
        raise invalid(f"Without options.discovery_url the connection needs options.{', options.'.join(missing)}.")
    found["type"] = "front_channel" if front else "back_channel"
    proofs = said.get("dpop_signing_alg_values_supported")
    if options.dpop_signing_alg and not front and isinstance(proofs, list):
        usable = {"Ed25519", "EdDSA"} if options.dpop_signing_alg == "Ed25519" else {options.dpop_signing_alg}
        if not usable & set(proofs):
            raise invalid(f"The provider takes no proofs (DPoP) that are signed with {options.dpop_signing_alg}.")
    if not options.id_token_signed_response_algs:
        found["id_token_signed_response_algs"] = _algorithms(said)
    if not front and not options.token_endpoint_auth_method:
        found["token_endpoint_auth_method"] = _auth_method(options, said)
    return found


def _algorithms(said: dict[str, Any]) -> list[str]:
    """Those that the provider names and we verify; RS256 where it names none (OIDC Discovery 3)."""
    named = said.get("id_token_signing_alg_values_supported", ["RS256"])
    usable = [each for each in ALGORITHMS if isinstance(named, list) and each in named]
    if not usable:
        raise invalid("The provider signs ID tokens with no algorithm that is supported here.")
    return usable


def _auth_method(options: OidcOptions, said: dict[str, Any]) -> str:
    """The first that the provider names, in Auth0's order; ``client_secret_basic`` where it names none (OIDC Discovery
    3).
    """
    named = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"] if said else _AUTH_METHODS)
    usable = _AUTH_METHODS[:2] if options.client_secret else _AUTH_METHODS[2:]
    return next((each for each in usable if isinstance(named, list | tuple) and each in named), usable[0])


def _kept(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name in METADATA.split() and _small(value)}


def _small(value: Any) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, str):
        return len(value) <= _MOST_MEMBER
    return (
        isinstance(value, list)
        and len(value) <= 200
        and all(isinstance(each, str) and len(each) <= 256 for each in value)
    )
