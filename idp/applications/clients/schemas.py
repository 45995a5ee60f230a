"""What the Management API takes and shows of clients (spec/management-api.md section 6)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from idp.applications.clients import documents
from idp.applications.clients.addons import Addons
from idp.foundation.apikit import Body, Query, View
from idp.foundation.apikit.documents import TokenQuota
from idp.foundation.kernel.formats import (
    Callback,
    DateTime,
    LoginPage,
    LogoutUrl,
    Origin,
    WebUrl,
    WebUrlOrBlank,
    whole,
)
from idp.foundation.kernel.secret import (
    HARMLESS,
    SECRET_DOCUMENT,
    HarmlessDocument,
    ReadableSecret,
    Secret,
    protected,
)
from idp.tenant.settings.schemas import Compatibility

Text = Annotated[str, Meta(max_length=2048)]
Callbacks = Annotated[list[Callback], Meta(max_length=2000)]
LogoutUrls = Annotated[list[LogoutUrl], Meta(max_length=2000)]
Origins = Annotated[list[Origin], Meta(max_length=2000)]
WebUrls = Annotated[list[WebUrl], Meta(max_length=2000)]
Name = Annotated[str, whole("[^<>]+", min_length=1, max_length=255, description="Name of the client")]
Seconds = Annotated[int, Meta(ge=1, le=157_788_000)]
AppType = Literal[
    "native",
    "spa",
    "regular_web",
    "non_interactive",
    "resource_server",
    "express_configuration",
    "rms",
    "box",
    "cloudbees",
    "concur",
    "dropbox",
    "mscrm",
    "echosign",
    "egnyte",
    "newrelic",
    "office365",
    "salesforce",
    "sentry",
    "sharepoint",
    "slack",
    "springcm",
    "zendesk",
    "zoom",
    "sso_integration",
    "oag",
]
GrantType = Annotated[
    str,
    whole(
        "(authorization_code|implicit|refresh_token|client_credentials|password|[a-z][a-z0-9+.-]{0,30}:[!-~]{1,200})",
        description="A grant type of RFC 6749, or the absolute URI of another one (RFC 6749 4.5)",
    ),
]
"""A URI is taken whether or not there is a grant of that name: the token endpoint says so when it is asked for one."""
AuthMethod = Literal[
    "none",
    "client_secret_post",
    "client_secret_basic",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
]
"""The last four are ours: ``private_key_jwt`` with the keys of ``jwks`` and ``jwks_uri``, certificates by the name that
the client says or by the ``x5c`` of its keys; with registered credentials it is ``client_authentication_methods`` that
says so.
"""
CertificateName = Annotated[str, whole(r"[ -~]+", min_length=1, max_length=256)]
SubjectName = Annotated[str, Meta(min_length=1, max_length=256)]
AssertionAlgorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"
]


SigningAlgorithm = Literal["HS256", "RS256", "RS512", "PS256", "ES256", "EdDSA"]


EncryptionAlgorithm = Literal[
    "RSA-OAEP",
    "RSA-OAEP-256",
    "ECDH-ES",
    "ECDH-ES+A128KW",
    "ECDH-ES+A192KW",
    "ECDH-ES+A256KW",
    "A128KW",
    "A192KW",
    "A256KW",
    "dir",
]
"""How the key of an encrypted token reaches its client (RFC 7518 4); the last four by the client's secret."""
ContentAlgorithm = Literal["A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A192GCM", "A256GCM"]
RequestEncryption = Literal["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]
RequestContent = Literal["A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM"]
RequestAlgorithm = Literal[
    "none", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""``none``: the client's request objects are not signed (OIDC Core 6.1)."""


class JwtConfiguration(Body):
    """``jwt_configuration``; ``alg`` none does not exist (security.md W9)."""

    lifetime_in_seconds: Annotated[int, Meta(ge=1, le=2_592_000)] | UnsetType = UNSET
    secret_encoded: bool | UnsetType = UNSET
    scopes: HarmlessDocument | UnsetType = UNSET
    alg: SigningAlgorithm | UnsetType = UNSET


class RefreshTokenPolicy(Body):
    """Scopes of one API that a multi-resource refresh token may ask for."""

    audience: Text
    scope: list[Text]


class RefreshTokenSettings(Body):
    """``refresh_token``; lifetimes and leeway in seconds."""

    rotation_type: Literal["rotating", "non-rotating"]
    expiration_type: Literal["expiring", "non-expiring"]
    leeway: Annotated[int, Meta(ge=0, le=60)] | UnsetType = UNSET
    token_lifetime: Seconds | UnsetType = UNSET
    infinite_token_lifetime: bool | UnsetType = UNSET
    idle_token_lifetime: Seconds | UnsetType = UNSET
    infinite_idle_token_lifetime: bool | UnsetType = UNSET
    policies: list[RefreshTokenPolicy] | UnsetType = UNSET


class LogoutInitiators(Body):
    """Which ends of a session are told to the client."""

    mode: Literal["custom", "all"] | UnsetType = UNSET
    selected_initiators: (
        list[
            Literal[
                "rp-logout",
                "idp-logout",
                "password-changed",
                "session-expired",
                "session-revoked",
                "account-deleted",
                "email-identifier-changed",
                "mfa-phone-unenrolled",
                "account-deactivated",
                "profile-changed",
            ]
        ]
        | UnsetType
    ) = UNSET


class OidcLogout(Body):
    """``oidc_logout``: back-channel logout of this client."""

    backchannel_logout_urls: WebUrls | UnsetType = UNSET
    backchannel_logout_initiators: LogoutInitiators | UnsetType = UNSET
    backchannel_logout_session_metadata: documents.SessionMetadata | UnsetType = UNSET


class _Members(Body):
    """What create and update share."""

    description: Annotated[str, Meta(max_length=140)] | UnsetType | None = UNSET
    logo_uri: WebUrlOrBlank | UnsetType | None = UNSET
    policy_uri: WebUrlOrBlank | UnsetType | None = UNSET
    tos_uri: WebUrlOrBlank | UnsetType | None = UNSET
    callbacks: Callbacks | UnsetType | None = UNSET
    allowed_logout_urls: LogoutUrls | UnsetType | None = UNSET
    web_origins: Origins | UnsetType | None = UNSET
    allowed_origins: Origins | UnsetType | None = UNSET
    initiate_login_uri: LoginPage | UnsetType | None = UNSET
    grant_types: list[GrantType] | UnsetType | None = UNSET
    app_type: AppType | UnsetType | None = UNSET
    token_endpoint_auth_method: AuthMethod | UnsetType | None = UNSET
    token_endpoint_auth_signing_alg: AssertionAlgorithm | UnsetType | None = UNSET
    jwks_uri: WebUrl | UnsetType | None = UNSET
    jwks: documents.KeySet | UnsetType | None = UNSET
    client_secret: Annotated[Secret, Meta(min_length=1, max_length=512)] | UnsetType = UNSET
    is_first_party: bool | UnsetType = UNSET
    oidc_conformant: bool | UnsetType = UNSET
    is_token_endpoint_ip_header_trusted: bool | UnsetType = UNSET
    jwt_configuration: JwtConfiguration | UnsetType | None = UNSET
    authorization_signed_response_alg: SigningAlgorithm | UnsetType | None = UNSET
    refresh_token: RefreshTokenSettings | UnsetType | None = UNSET
    oidc_logout: OidcLogout | UnsetType | None = UNSET
    oidc_backchannel_logout: OidcLogout | UnsetType | None = UNSET
    frontchannel_logout_uri: WebUrlOrBlank | UnsetType | None = UNSET
    frontchannel_logout_session_required: bool | UnsetType | None = UNSET
    client_metadata: (
        Annotated[dict[Annotated[str, Meta(max_length=255)], Annotated[str, Meta(max_length=255)] | None], HARMLESS]
        | UnsetType
        | None
    ) = UNSET
    client_aliases: list[Text] | UnsetType | None = UNSET
    allowed_clients: list[Text] | UnsetType | None = UNSET
    require_pushed_authorization_requests: bool | UnsetType | None = UNSET
    require_proof_of_possession: bool | UnsetType | None = UNSET
    dpop_bound_access_tokens: bool | UnsetType | None = UNSET
    tls_client_certificate_bound_access_tokens: bool | UnsetType | None = UNSET
    tls_client_auth_subject_dn: SubjectName | UnsetType | None = UNSET
    tls_client_auth_san_dns: CertificateName | UnsetType | None = UNSET
    tls_client_auth_san_uri: CertificateName | UnsetType | None = UNSET
    tls_client_auth_san_ip: CertificateName | UnsetType | None = UNSET
    tls_client_auth_san_email: CertificateName | UnsetType | None = UNSET
    require_dpop_nonce: bool | UnsetType | None = UNSET
    organization_usage: Literal["deny", "allow", "require"] | UnsetType | None = UNSET
    organization_require_behavior: Literal["no_prompt", "pre_login_prompt", "post_login_prompt"] | UnsetType | None = (
        UNSET
    )
    organization_discovery_methods: list[Literal["email", "organization_name"]] | UnsetType | None = UNSET
    default_organization: documents.DefaultOrganization | UnsetType | None = UNSET
    client_authentication_methods: documents.AuthenticationMethods | UnsetType | None = UNSET
    signed_request_object: documents.SignedRequestObject | UnsetType | None = UNSET
    request_uris: Annotated[list[WebUrl], Meta(max_length=100)] | UnsetType | None = UNSET
    request_object_signing_alg: RequestAlgorithm | UnsetType | None = UNSET
    userinfo_signed_response_alg: SigningAlgorithm | UnsetType | None = UNSET
    introspection_signed_response_alg: SigningAlgorithm | UnsetType | None = UNSET
    id_token_encrypted_response_alg: EncryptionAlgorithm | UnsetType | None = UNSET
    id_token_encrypted_response_enc: ContentAlgorithm | UnsetType | None = UNSET
    userinfo_encrypted_response_alg: EncryptionAlgorithm | UnsetType | None = UNSET
    userinfo_encrypted_response_enc: ContentAlgorithm | UnsetType | None = UNSET
    authorization_encrypted_response_alg: EncryptionAlgorithm | UnsetType | None = UNSET
    authorization_encrypted_response_enc: ContentAlgorithm | UnsetType | None = UNSET
    introspection_encrypted_response_alg: EncryptionAlgorithm | UnsetType | None = UNSET
    introspection_encrypted_response_enc: ContentAlgorithm | UnsetType | None = UNSET
    request_object_encryption_alg: RequestEncryption | UnsetType | None = UNSET
    request_object_encryption_enc: RequestContent | UnsetType | None = UNSET
    subject_type: Literal["public", "pairwise"] | UnsetType | None = UNSET
    sector_identifier_uri: WebUrl | UnsetType | None = UNSET
    compliance_level: documents.ComplianceLevel | UnsetType | None = UNSET
    session_transfer: documents.SessionTransfer | UnsetType | None = UNSET
    session_cookie_mode: Literal["persistent", "non-persistent"] | UnsetType | None = UNSET
    """Ours: how sessions begin by this client, whatever the tenant says."""
    encryption_key: Annotated[documents.EncryptionKey, SECRET_DOCUMENT] | UnsetType | None = UNSET
    addons: Annotated[dict[str, Any], protected(Addons)] | UnsetType | None = UNSET
    mobile: documents.Mobile | UnsetType | None = UNSET
    native_social_login: documents.NativeSocialLogin | UnsetType | None = UNSET
    fedcm_login: documents.FedCmLogin | UnsetType | None = UNSET
    token_exchange: documents.TokenExchange | UnsetType | None = UNSET
    trusted_issuers: Annotated[list[documents.TrustedIssuer], Meta(max_length=20)] | UnsetType | None = UNSET
    """Ours: who may assert people to the client (RFC 7523 2.1)."""
    backchannel_token_delivery_mode: Literal["poll", "ping"] | UnsetType | None = UNSET
    backchannel_client_notification_endpoint: WebUrl | UnsetType | None = UNSET
    backchannel_authentication_request_signing_alg: RequestAlgorithm | UnsetType | None = UNSET
    token_quota: TokenQuota | UnsetType | None = UNSET
    par_request_expiry: Annotated[int, Meta(ge=10, le=600)] | UnsetType | None = UNSET
    async_approval_notification_channels: list[Text] | UnsetType | None = UNSET
    redirection_policy: Text | UnsetType | None = UNSET
    third_party_security_mode: Text | UnsetType | None = UNSET
    skip_non_verifiable_callback_uri_confirmation_prompt: bool | UnsetType | None = UNSET
    resource_server_identifier: Text | UnsetType | None = UNSET
    my_organization_configuration: documents.MyOrganization | UnsetType | None = UNSET
    express_configuration: documents.Express | UnsetType | None = UNSET
    identity_assertion_authorization_grant: documents.IdentityAssertion | UnsetType | None = UNSET
    sso: bool | UnsetType | None = UNSET
    sso_disabled: bool | UnsetType | None = UNSET
    cross_origin_auth: bool | UnsetType | None = UNSET
    cross_origin_authentication: bool | UnsetType | None = UNSET
    cross_origin_loc: WebUrlOrBlank | UnsetType | None = UNSET
    custom_login_page_on: bool | UnsetType | None = UNSET
    custom_login_page: Annotated[str, Meta(max_length=100_000)] | UnsetType | None = UNSET
    custom_login_page_preview: Annotated[str, Meta(max_length=100_000)] | UnsetType | None = UNSET
    form_template: Annotated[str, Meta(max_length=100_000)] | UnsetType | None = UNSET
    compatibility: Compatibility | UnsetType | None = UNSET
    """Overrides of the tenant's (contract.md section 7); a member left out is inherited."""


class ClientCreate(_Members, kw_only=True):
    """POST /clients."""

    name: Name


class ClientUpdate(_Members):
    """PATCH /clients/{id}: members left out stay, null removes."""

    name: Name | UnsetType = UNSET


class ClientCopy(Body):
    """POST /clients/{id}/duplicate: whether what the other one may ask of APIs, and the connections that it uses, are
    the new one's, too.
    """

    name: Name
    grants: bool = True
    connections: bool = True


class ClientList(Query):
    """GET /clients."""

    is_global: bool | UnsetType = UNSET
    is_first_party: bool | UnsetType = UNSET
    app_type: list[str] | UnsetType = UNSET
    q: str | UnsetType = UNSET


class SigningCertificate(View):
    """The certificate of a key that signs the client's tokens."""

    cert: str


class ClientView(_Members, View, kw_only=True):
    """A client: as much of it as the caller's scopes let it see."""

    client_id: str
    name: str
    tenant: str | UnsetType = UNSET
    global_: bool | UnsetType = field(default=UNSET, name="global")
    client_secret: ReadableSecret | UnsetType = UNSET
    external_client_id: str | UnsetType = UNSET
    external_metadata_type: str | UnsetType = UNSET
    external_metadata_created_by: str | UnsetType = UNSET
    callback_url_template: bool | UnsetType = UNSET
    signing_keys: list[SigningCertificate] | UnsetType = UNSET


class CredentialCreate(Body):
    """POST /clients/{client_id}/credentials: a public key or certificate in PEM."""

    credential_type: documents.CredentialType
    name: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    pem: documents.CredentialPem | UnsetType = UNSET
    alg: documents.CredentialAlgorithm | UnsetType = UNSET
    kid: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    subject_dn: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    parse_expiry_from_cert: bool | UnsetType = UNSET
    expires_at: DateTime | UnsetType = UNSET


class CredentialUpdate(Body):
    """PATCH of a credential."""

    expires_at: DateTime | None = None


class ClientCredentialView(View):
    """A public key of a client, without the key itself."""

    id: str
    credential_type: str
    created_at: str
    updated_at: str
    name: str | UnsetType = UNSET
    alg: str | UnsetType = UNSET
    kid: str | UnsetType = UNSET
    subject_dn: str | UnsetType = UNSET
    thumbprint_sha256: str | UnsetType = UNSET
    expires_at: str | UnsetType = UNSET


class ClientGrantView(View):
    """What a client may ask of an API."""

    id: str
    client_id: str
    audience: str
    scope: list[str]
    subject_type: str
    organization_usage: str | UnsetType = UNSET
    allow_any_organization: bool | UnsetType = UNSET
    authorization_details_types: list[str] | UnsetType = UNSET
    allow_all_scopes: bool | UnsetType = UNSET
