"""The objects inside a client, typed as they are documented (spec/management-types.tsv, ``Client...``).

A member of an object that is null says "none of it"; members that nobody documented are refused, so that nothing is
stored that a later page or token stumbles over (decision 0091).
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body
from idp.foundation.apikit.documents import Words
from idp.foundation.kernel.formats import DateTime, WebUrl, whole
from idp.foundation.kernel.secret import HarmlessDocument, Secret

Id = Annotated[str, Meta(min_length=1, max_length=128)]
Names = Annotated[list[Words], Meta(max_length=200)]
Pem = Annotated[str, Meta(max_length=16_384)]
CredentialType = Literal["public_key", "x509_cert", "cert_subject_dn"]
CredentialAlgorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Auth0 offers RS256, RS384 and PS256."""
CredentialPem = Annotated[Secret, Meta(max_length=16_384)]


# ---- how a client authenticates
class CredentialEntry(Body):
    """A credential that is in force: the ``id`` of one that the client has, made by ``POST /clients/{id}/credentials``,
    or the key itself, which is registered as one.
    """

    id: Id | UnsetType = UNSET
    credential_type: CredentialType | UnsetType = UNSET
    name: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    pem: CredentialPem | UnsetType = UNSET
    alg: CredentialAlgorithm | UnsetType = UNSET
    kid: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    subject_dn: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    parse_expiry_from_cert: bool | UnsetType = UNSET
    expires_at: DateTime | UnsetType = UNSET


Credentials = Annotated[list[CredentialEntry], Meta(min_length=1, max_length=10)]
ComplianceLevel = Literal[
    "none",
    "fapi1_adv_pkj_par",
    "fapi1_adv_mtls_par",
    "fapi2_sp_pkj_mtls",
    "fapi2_sp_mtls_mtls",
    "fapi2_sp_pkj_dpop",
    "fapi2_sp_mtls_dpop",
    "fapi2_ms_pkj_mtls",
    "fapi2_ms_mtls_mtls",
    "fapi2_ms_pkj_dpop",
    "fapi2_ms_mtls_dpop",
]
"""Those with ``dpop``, and those of Message Signing (``ms``), are ours."""


class ByCredentials(Body):
    """A method with the credentials that are in force."""

    credentials: Credentials


class AuthenticationMethods(Body):
    """``client_authentication_methods``: exactly one."""

    private_key_jwt: ByCredentials | UnsetType | None = UNSET
    tls_client_auth: ByCredentials | UnsetType | None = UNSET
    self_signed_tls_client_auth: ByCredentials | UnsetType | None = UNSET


class SignedRequestObject(Body):
    """``signed_request_object``."""

    required: bool | UnsetType | None = UNSET
    credentials: Annotated[list[CredentialEntry], Meta(max_length=10)] | UnsetType | None = UNSET


class KeySet(Body):
    """``jwks``: public keys, as RFC 7517 5 writes a set."""

    keys: Annotated[list[HarmlessDocument], Meta(min_length=1, max_length=20)]


class EncryptionKey(Body):
    """``encryption_key``."""

    pub: Pem | UnsetType | None = UNSET
    cert: Pem | UnsetType | None = UNSET
    subject: Words | UnsetType | None = UNSET


# ---- sessions and logout
class SessionMetadata(Body):
    """``oidc_logout.backchannel_logout_session_metadata``."""

    include: bool | UnsetType | None = UNSET


class Delegation(Body):
    """``session_transfer.delegation``."""

    allow_delegated_access: bool | UnsetType | None = UNSET
    enforce_device_binding: Literal["ip"] | UnsetType | None = UNSET


class SessionTransfer(Body):
    """``session_transfer``."""

    can_create_session_transfer_token: bool | UnsetType | None = UNSET
    enforce_cascade_revocation: bool | UnsetType | None = UNSET
    allowed_authentication_methods: list[Literal["cookie", "query"]] | UnsetType | None = UNSET
    enforce_device_binding: Literal["ip", "asn", "none"] | UnsetType | None = UNSET
    allow_refresh_token: bool | UnsetType | None = UNSET
    enforce_online_refresh_tokens: bool | UnsetType | None = UNSET
    delegation: Delegation | UnsetType | None = UNSET


# ---- devices and other sources
class Android(Body):
    """``mobile.android``."""

    app_package_name: Words | UnsetType | None = UNSET
    sha256_cert_fingerprints: Names | UnsetType | None = UNSET


class Ios(Body):
    """``mobile.ios``."""

    team_id: Words | UnsetType | None = UNSET
    app_bundle_identifier: Words | UnsetType | None = UNSET


class Mobile(Body):
    """``mobile``."""

    android: Android | UnsetType | None = UNSET
    ios: Ios | UnsetType | None = UNSET


class Enabled(Body):
    """A source that is on or off."""

    enabled: bool | UnsetType | None = UNSET


class NativeSocialLogin(Body):
    """``native_social_login``."""

    apple: Enabled | UnsetType | None = UNSET
    facebook: Enabled | UnsetType | None = UNSET
    google: Enabled | UnsetType | None = UNSET


class FedCmSource(Body):
    """A source of ``fedcm_login``."""

    is_enabled: bool | UnsetType | None = UNSET


class FedCmLogin(Body):
    """``fedcm_login``."""

    google: FedCmSource | UnsetType | None = UNSET


# ---- tokens
class TokenExchange(Body):
    """``token_exchange``."""

    allow_any_profile_of_type: (
        list[Literal["custom_authentication", "on_behalf_of_token_exchange"]] | UnsetType | None
    ) = UNSET


class TrustedIssuer(Body):
    """Whose tokens say who somebody is (ours): by the keys of ``jwks`` or ``jwks_uri``."""

    issuer: Annotated[str, Meta(min_length=1, max_length=2048)]
    jwks_uri: WebUrl | UnsetType | None = UNSET
    jwks: KeySet | UnsetType | None = UNSET
    audience: Annotated[str, Meta(min_length=1, max_length=600)] | UnsetType | None = UNSET
    algorithms: Annotated[list[CredentialAlgorithm], Meta(min_length=1, max_length=10)] | UnsetType | None = UNSET
    connection: Id | UnsetType | None = UNSET
    claim: Annotated[str, Meta(min_length=1, max_length=128)] | UnsetType | None = UNSET
    creates_users: bool | UnsetType | None = UNSET


class IdentityAssertion(Body):
    """``identity_assertion_authorization_grant``."""

    active: bool


# ---- organizations
class DefaultOrganization(Body):
    """``default_organization``."""

    organization_id: Id
    flows: list[Literal["client_credentials"]]


class ThirdPartyAccess(Body):
    """``my_organization_configuration.third_party_client_access``."""

    allowed_values: list[Literal["allow", "block"]]
    default_value: Literal["block"]


class MyOrganization(Body):
    """``my_organization_configuration``."""

    allowed_strategies: Annotated[list[Annotated[str, whole("[a-z0-9-]{1,64}")]], Meta(max_length=100)]
    connection_deletion_behavior: Literal["allow", "allow_if_empty"]
    connection_profile_id: Id | UnsetType | None = UNSET
    user_attribute_profile_id: Id | UnsetType | None = UNSET
    invitation_landing_client_id: Id | UnsetType | None = UNSET
    enforce_permission_ceiling: bool | UnsetType | None = UNSET
    enforce_self_assignment_restriction: bool | UnsetType | None = UNSET
    third_party_client_access: ThirdPartyAccess | UnsetType | None = UNSET


class LinkedClient(Body):
    """An entry of ``express_configuration.linked_clients``."""

    client_id: Id


class Express(Body):
    """``express_configuration``."""

    admin_login_domain: Words
    connection_profile_id: Id
    enable_client: bool
    enable_organization: bool
    initiate_login_uri_template: Words
    okta_oin_client_id: Words
    user_attribute_profile_id: Id
    linked_clients: Annotated[list[LinkedClient], Meta(max_length=200)] | UnsetType | None = UNSET
    oin_submission_id: Words | UnsetType | None = UNSET
