"""What the Management API takes and shows of resource servers."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, Query, View
from idp.foundation.apikit.documents import AccessToken
from idp.foundation.kernel.formats import whole
from idp.foundation.kernel.secret import HarmlessDocument, ReadableSecret, Secret

Name = Annotated[str, whole("[^<>]*", max_length=200, description="Friendly name for this resource server")]
Lifetime = Annotated[int, Meta(ge=1, le=2_592_000, description="Expiration value (in seconds)")]


class Scope(Body):
    """A permission of an API: no space, quote or backslash (RFC 6749 3.3)."""

    value: Annotated[str, whole(r"[!#-\[\]-~]+", min_length=1, max_length=280, description="Value of this scope")]
    description: Annotated[str, Meta(max_length=500)] | UnsetType | None = UNSET


class UserPolicy(Body):
    """Who may ask for tokens of people."""

    policy: Literal["allow_all", "deny_all", "require_client_grant"] | UnsetType = UNSET


class ClientPolicy(Body):
    """Who may ask for tokens of their own."""

    policy: Literal["deny_all", "require_client_grant"] | UnsetType = UNSET


class SubjectTypeAuthorization(Body):
    """``subject_type_authorization``."""

    user: UserPolicy | UnsetType = UNSET
    client: ClientPolicy | UnsetType = UNSET
    anonymous_user: ClientPolicy | UnsetType = UNSET


class ProofOfPossession(Body):
    """``proof_of_possession``."""

    mechanism: Literal["mtls", "dpop"]
    required: bool
    required_for: Literal["public_clients", "all_clients"] | UnsetType | None = UNSET


class EncryptionKey(Body):
    """``token_encryption.encryption_key``: the public key of the API. No secret, but nothing for a log either."""

    alg: Literal["RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"]
    pem: Annotated[ReadableSecret, Meta(max_length=16_384)]
    name: Annotated[str, Meta(max_length=128)] | UnsetType | None = UNSET
    kid: Annotated[str, Meta(max_length=128)] | UnsetType | None = UNSET


class TokenEncryption(Body):
    """``token_encryption``."""

    format: Literal["compact-nested-jwe"]
    encryption_key: EncryptionKey | UnsetType | None = UNSET


class AuthorizationPolicy(Body):
    """``authorization_policy``."""

    policy_id: Annotated[str, Meta(max_length=128)]


class _Members(Body):
    """What create and update share."""

    name: Name | UnsetType = UNSET
    scopes: Annotated[list[Scope], Meta(max_length=1000)] | UnsetType = UNSET
    signing_alg: Literal["HS256", "RS256", "RS512", "PS256", "ES256", "EdDSA"] | UnsetType = UNSET
    signing_secret: Annotated[Secret, Meta(min_length=16, max_length=256)] | UnsetType | None = UNSET
    allow_offline_access: bool | UnsetType = UNSET
    allow_online_access: bool | UnsetType = UNSET
    allow_online_access_with_ephemeral_sessions: bool | UnsetType = UNSET
    token_lifetime: Lifetime | UnsetType = UNSET
    token_lifetime_for_web: Lifetime | UnsetType = UNSET
    token_lifetime_for_anonymous_access_tokens: Lifetime | UnsetType = UNSET
    token_dialect: (
        Literal["access_token", "access_token_authz", "rfc9068_profile", "rfc9068_profile_authz"] | UnsetType | None
    ) = UNSET
    skip_consent_for_verifiable_first_party_clients: bool | UnsetType = UNSET
    enforce_policies: bool | UnsetType = UNSET
    access_token: AccessToken | UnsetType | None = UNSET
    token_encryption: TokenEncryption | UnsetType | None = UNSET
    consent_policy: Literal["transactional-authorization-with-mfa"] | UnsetType | None = UNSET
    require_consent_non_repudiation: bool | UnsetType = UNSET
    authorization_details: list[HarmlessDocument] | UnsetType | None = UNSET
    proof_of_possession: ProofOfPossession | UnsetType | None = UNSET
    subject_type_authorization: SubjectTypeAuthorization | UnsetType = UNSET
    authorization_policy: AuthorizationPolicy | UnsetType | None = UNSET
    client_id: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    verification_location: str | UnsetType | None = UNSET


class ResourceServerCreate(_Members, kw_only=True):
    """POST /resource-servers."""

    identifier: Annotated[
        str,
        Meta(min_length=1, max_length=600, description="Unique identifier for the API used as the audience parameter"),
    ]


class ResourceServerUpdate(_Members):
    """PATCH /resource-servers/{id}; the identifier never changes, and ``is_system`` may only be said again."""

    is_system: bool | UnsetType = UNSET


class ResourceServerList(Query):
    """GET /resource-servers."""

    identifiers: list[str] | UnsetType = UNSET


class ResourceServerView(_Members, View, kw_only=True):
    """An API."""

    id: str
    identifier: str
    is_system: bool | UnsetType = UNSET
    signing_secret: ReadableSecret | UnsetType = UNSET
