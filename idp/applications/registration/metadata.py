"""Client metadata (RFC 7591 2, OpenID Connect Registration 2, and what extensions added), and what each member is
called of a client here. Members that nobody knows are passed over, as RFC 7591 wants it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from idp.applications.clients.schemas import (
    AssertionAlgorithm,
    AuthMethod,
    CertificateName,
    ContentAlgorithm,
    EncryptionAlgorithm,
    GrantType,
    LogoutUrls,
    RequestAlgorithm,
    RequestContent,
    RequestEncryption,
    SigningAlgorithm,
    SubjectName,
    Text,
    WebUrls,
)
from idp.foundation.kernel import formats
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.kernel.formats import Callback, LoginPage, WebUrl

MOST_REDIRECTS = 100
UNNAMED = "Unnamed application"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
BACKCHANNEL_INITIATORS = {"mode": "all"}
"""Clients of the standard are told of every end of a session (OpenID Connect Back-Channel Logout 2.2)."""
_Short = Annotated[str, Meta(max_length=255)]


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a client may say of itself."""

    redirect_uris: Annotated[list[Callback], Meta(max_length=MOST_REDIRECTS)] = []
    response_types: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=20)] | None = None
    grant_types: Annotated[list[GrantType], Meta(max_length=20)] | None = None
    application_type: Literal["web", "native"] | None = None
    client_name: Annotated[str, Meta(max_length=255)] | None = None
    client_uri: WebUrl | None = None
    logo_uri: WebUrl | None = None
    policy_uri: WebUrl | None = None
    tos_uri: WebUrl | None = None
    contacts: Annotated[list[_Short], Meta(max_length=20)] | None = None
    scope: Text | None = None
    software_id: _Short | None = None
    software_version: _Short | None = None
    token_endpoint_auth_method: AuthMethod = "client_secret_basic"  # noqa: S105 - a name, no secret
    token_endpoint_auth_signing_alg: AssertionAlgorithm | None = None
    jwks_uri: WebUrl | None = None
    jwks: dict[str, Any] | None = None
    id_token_signed_response_alg: SigningAlgorithm | None = None
    authorization_signed_response_alg: SigningAlgorithm | None = None
    userinfo_signed_response_alg: SigningAlgorithm | None = None
    introspection_signed_response_alg: SigningAlgorithm | None = None
    id_token_encrypted_response_alg: EncryptionAlgorithm | None = None
    id_token_encrypted_response_enc: ContentAlgorithm | None = None
    userinfo_encrypted_response_alg: EncryptionAlgorithm | None = None
    userinfo_encrypted_response_enc: ContentAlgorithm | None = None
    authorization_encrypted_response_alg: EncryptionAlgorithm | None = None
    authorization_encrypted_response_enc: ContentAlgorithm | None = None
    introspection_encrypted_response_alg: EncryptionAlgorithm | None = None
    introspection_encrypted_response_enc: ContentAlgorithm | None = None
    request_object_encryption_alg: RequestEncryption | None = None
    request_object_encryption_enc: RequestContent | None = None
    request_object_signing_alg: RequestAlgorithm | None = None
    request_uris: WebUrls | None = None
    subject_type: Literal["public", "pairwise"] | None = None
    sector_identifier_uri: WebUrl | None = None
    require_signed_request_object: bool | None = None
    require_pushed_authorization_requests: bool | None = None
    dpop_bound_access_tokens: bool | None = None
    tls_client_certificate_bound_access_tokens: bool | None = None
    tls_client_auth_subject_dn: SubjectName | None = None
    tls_client_auth_san_dns: CertificateName | None = None
    tls_client_auth_san_uri: CertificateName | None = None
    tls_client_auth_san_ip: CertificateName | None = None
    tls_client_auth_san_email: CertificateName | None = None
    initiate_login_uri: LoginPage | None = None
    post_logout_redirect_uris: LogoutUrls | None = None
    backchannel_logout_uri: WebUrl | None = None
    backchannel_logout_session_required: bool | None = None
    frontchannel_logout_uri: WebUrl | None = None
    frontchannel_logout_session_required: bool | None = None


SAME = (
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "grant_types",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "jwks_uri",
    "jwks",
    "authorization_signed_response_alg",
    "userinfo_signed_response_alg",
    "introspection_signed_response_alg",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "request_object_signing_alg",
    "request_uris",
    "subject_type",
    "sector_identifier_uri",
    "require_pushed_authorization_requests",
    "dpop_bound_access_tokens",
    "tls_client_certificate_bound_access_tokens",
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_email",
    "initiate_login_uri",
    "frontchannel_logout_uri",
    "frontchannel_logout_session_required",
)
"""Members that the Management API calls the same."""
RENAMED = {
    "client_name": "name",
    "redirect_uris": "callbacks",
    "post_logout_redirect_uris": "allowed_logout_urls",
}
"""Members that it calls something else."""
KEPT = (
    "application_type",
    "response_types",
    "client_uri",
    "contacts",
    "scope",
    "software_id",
    "software_version",
    "backchannel_logout_session_required",
)
"""Members that change nothing here and are told again when the client asks."""
RESPONSE_GRANTS = {"code": "authorization_code", "token": "implicit", "id_token": "implicit"}
"""The grants that the words of a response type are (OpenID Connect Registration 2)."""


def read(document: Mapping[str, Any], *, development: bool) -> Metadata:
    """The document, typed. ``development``: plain http on this machine counts where people begin.

    :raises OAuthError: ``invalid_redirect_uri`` or ``invalid_client_metadata`` (RFC 7591 3.2.2).
    """
    said = {name: value for name, value in document.items() if value is not None}
    redirects = said.pop("redirect_uris", [])
    uris = _typed({"redirect_uris": redirects}, "invalid_redirect_uri", development).redirect_uris
    found = _typed(said, "invalid_client_metadata", development)
    return msgspec.structs.replace(found, redirect_uris=uris)


def _typed(said: Mapping[str, Any], error: str, development: bool) -> Metadata:
    try:
        found = msgspec.convert(said, Metadata)
    except msgspec.ValidationError as problem:
        raise OAuthError(error, str(problem)[:300]) from problem
    wrong = formats.misfit(found, Metadata, development=development)
    if wrong is not None:
        raise OAuthError(error, f"{wrong.where}: {wrong.why}"[:300])
    return found


def members(said: Metadata) -> dict[str, Any]:
    """The client in the words of the Management API. Everything is in it, None for what was not said: a registration
    that is replaced leaves nothing of the one before (RFC 7592 2.2).
    """
    found: dict[str, Any] = {name: getattr(said, name) for name in SAME}
    found |= {named: getattr(said, name) for name, named in RENAMED.items()}
    found["name"] = name_of(said)
    found["app_type"] = app_type(said)
    found["grant_types"] = grant_types(said)
    found["jwt_configuration"] = {"alg": said.id_token_signed_response_alg or "RS256"}
    logout = said.backchannel_logout_uri
    found["oidc_logout"] = (
        {"backchannel_logout_urls": [logout], "backchannel_logout_initiators": BACKCHANNEL_INITIATORS}
        if logout
        else None
    )
    if said.require_signed_request_object is not None:
        found["signed_request_object"] = {"required": said.require_signed_request_object}
    if said.token_endpoint_auth_method == "none":  # noqa: S105 - a name, no secret
        found["refresh_token"] = {"rotation_type": "rotating", "expiration_type": "expiring"}
    return found


def kept(said: Metadata) -> dict[str, Any]:
    """What the client's row does not hold."""
    return {name: value for name in KEPT if (value := getattr(said, name)) is not None}


def described(document: Mapping[str, Any], name: str, beside: Mapping[str, Any]) -> dict[str, Any]:
    """A client in the words of its registration: its document as it stands, and what was ``kept``."""
    found = {each: document[each] for each in SAME if document.get(each) is not None}
    found |= {said: document[named] for said, named in RENAMED.items() if document.get(named)}
    logout = (document.get("oidc_logout") or {}).get("backchannel_logout_urls") or []
    alg = (document.get("jwt_configuration") or {}).get("alg")
    signs = (document.get("signed_request_object") or {}).get("required")
    more = {
        "client_name": name,
        "backchannel_logout_uri": logout[0] if logout else None,
        "id_token_signed_response_alg": alg,
        "require_signed_request_object": signs,
    }
    found.setdefault("redirect_uris", [])
    return {**beside, **found, **{each: value for each, value in more.items() if value is not None}}


def name_of(said: Metadata) -> str:
    """What people are shown: without a name the host that it is at, and never markup."""
    host = next((urlsplit(uri).hostname for uri in (said.client_uri, *said.redirect_uris) if uri), None)
    plain = (said.client_name or "").replace("<", " ").replace(">", " ").strip()
    return plain or host or UNNAMED


def app_type(said: Metadata) -> str:
    """The kind of application that comes closest: whoever is answered on somebody's own machine is native."""
    if said.application_type == "native" or any(map(on_own_machine, said.redirect_uris)):
        return "native"
    if not said.redirect_uris and grant_types(said) == ["client_credentials"]:
        return "non_interactive"
    return "spa" if said.token_endpoint_auth_method == "none" else "regular_web"  # noqa: S105 - a name, no secret


def on_own_machine(uri: str) -> bool:
    """Whether an answer there stays on the machine of the browser: loopback, or an application's own scheme."""
    parts = urlsplit(uri)
    return parts.scheme not in {"http", "https"} or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def grant_types(said: Metadata) -> list[str]:
    """The grants it wants: those it names, or those its response types are (RFC 7591 2.1)."""
    if said.grant_types is not None:
        return list(dict.fromkeys(said.grant_types))
    words = {word for each in said.response_types or ["code"] for word in each.split()}
    return list(dict.fromkeys(RESPONSE_GRANTS[word] for word in sorted(words) if word in RESPONSE_GRANTS))
