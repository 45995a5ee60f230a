"""What the Management API takes and shows of a tenant."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, View
from idp.foundation.apikit.documents import AccessToken
from idp.foundation.kernel.formats import (
    ClientId,
    EmailOrBlank,
    LandingPage,
    LogoutUrlOrBlank,
    WebUrl,
    WebUrlOrBlank,
    whole,
)
from idp.tenant.settings import documents

Hours = Annotated[float, Meta(gt=0, le=8760)]
Minutes = Annotated[int, Meta(ge=1, le=525_600)]
RefusedDomains = Annotated[
    list[
        Annotated[str, whole(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+", max_length=253)]
    ],
    Meta(max_length=10_000, description="Domains whose addresses nobody makes an account with, and all below them"),
]
ISSUER = r"(?:https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?|http://(?:localhost|127\.0\.0\.1)(?::[0-9]{1,5})?)/(?:[A-Za-z0-9._~-]+/)*"
"""An issuer with a slash at its end; without TLS on this machine alone."""
Days = Annotated[int, Meta(ge=0, le=3650, description="Days that log entries are kept; 0 for ever")]


class Flags(Body):
    """``flags``; merged key by key."""

    allow_changing_enable_sso: bool | UnsetType = UNSET
    allow_legacy_delegation_grant_types: bool | UnsetType = UNSET
    allow_legacy_ro_grant_types: bool | UnsetType = UNSET
    allow_legacy_tokeninfo_endpoint: bool | UnsetType = UNSET
    allow_other_legacy_grant_types: bool | UnsetType = UNSET
    change_pwd_flow_v1: bool | UnsetType = UNSET
    custom_domains_provisioning: bool | UnsetType = UNSET
    dashboard_insights_view: bool | UnsetType = UNSET
    dashboard_log_streams_next: bool | UnsetType = UNSET
    dashboard_new_onboarding: bool | UnsetType = UNSET
    disable_clickjack_protection_headers: bool | UnsetType = UNSET
    disable_fields_map_fix: bool | UnsetType = UNSET
    disable_impersonation: bool | UnsetType = UNSET
    disable_management_api_sms_obfuscation: bool | UnsetType = UNSET
    enable_adfs_waad_email_verification: bool | UnsetType = UNSET
    enable_apis_section: bool | UnsetType = UNSET
    enable_client_connections: bool | UnsetType = UNSET
    enable_custom_domain_in_emails: bool | UnsetType = UNSET
    enable_dynamic_client_registration: bool | UnsetType = UNSET
    enable_idtoken_api2: bool | UnsetType = UNSET
    enable_legacy_logs_search_v2: bool | UnsetType = UNSET
    enable_legacy_profile: bool | UnsetType = UNSET
    enable_pipeline2: bool | UnsetType = UNSET
    enable_public_signup_user_exists_error: bool | UnsetType = UNSET
    enable_sso: bool | UnsetType = UNSET
    enforce_client_authentication_on_passwordless_start: bool | UnsetType = UNSET
    genai_trial: bool | UnsetType = UNSET
    improved_signup_bot_detection_in_classic: bool | UnsetType = UNSET
    local_resource_discovery: bool | UnsetType = UNSET
    mfa_show_factor_list_on_enrollment: bool | UnsetType = UNSET
    new_universal_login_experience_enabled: bool | UnsetType = UNSET
    no_disclose_enterprise_connections: bool | UnsetType = UNSET
    non_oidc_conformant_updated_at: bool | UnsetType = UNSET
    remove_alg_from_jwks: bool | UnsetType = UNSET
    require_signed_request_object: bool | UnsetType = UNSET
    revoke_refresh_token_grant: bool | UnsetType = UNSET
    trust_azure_adfs_email_verified_connection_property: bool | UnsetType = UNSET
    universal_login: bool | UnsetType = UNSET
    use_scope_descriptions_for_consent: bool | UnsetType = UNSET


class Compatibility(Body):
    """Where Auth0's habit and the standards part (contract.md section 7); merged key by key."""

    updated_at_iso: bool | UnsetType = UNSET
    auth0_statuses: bool | UnsetType = UNSET
    id_token_scope_claims: bool | UnsetType = UNSET
    public_clients_without_pkce: bool | UnsetType = UNSET
    plain_pkce: bool | UnsetType = UNSET
    passkey_requires_mfa: bool | UnsetType = UNSET
    callback_wildcards: bool | UnsetType = UNSET
    logout_url_wildcards: bool | UnsetType = UNSET
    authorization_response_iss: bool | UnsetType = UNSET
    mfa_once: bool | UnsetType = UNSET


class SessionCookie(Body):
    """``session_cookie``."""

    mode: Literal["persistent", "non-persistent"]


class Sessions(Body):
    """``sessions``."""

    oidc_logout_prompt_enabled: bool


class OidcLogout(Body):
    """``oidc_logout``."""

    rp_logout_end_session_endpoint_discovery: bool


class ErrorPage(Body):
    """``error_page``."""

    html: Annotated[str, Meta(max_length=100_000)] | UnsetType | None = UNSET
    show_log_link: bool | UnsetType = UNSET
    url: WebUrlOrBlank | UnsetType | None = UNSET


class HtmlPage(Body):
    """``change_password`` and ``guardian_mfa_page``."""

    enabled: bool | UnsetType = UNSET
    html: Annotated[str, Meta(max_length=100_000)] | UnsetType = UNSET


class FormerTenant(Body):
    """``former_tenant``: whose refresh tokens are exchanged here once; ``clients`` are the applications that were moved
    (every one without it).
    """

    issuer: Annotated[str, whole(ISSUER, max_length=500)]
    clients: Annotated[list[ClientId], Meta(max_length=1000)] | UnsetType | None = UNSET


Hosts = Annotated[
    list[Annotated[str, whole(r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", max_length=253)]],
    Meta(max_length=200, description="Host names; *. and a name: everything below it"),
]
GrantTypes = Annotated[list[Annotated[str, whole("[!-~]{1,200}")]], Meta(min_length=1, max_length=20)]


class SoftwareIssuer(Body):
    """Whose software statements count, and where its keys are."""

    issuer: Annotated[str, whole("[!-~]{1,500}")]
    jwks_uri: WebUrl


class ClientRegistration(Body):
    """``client_registration``: rules for clients that make themselves known; merged key by key."""

    open: bool | UnsetType = UNSET
    max_clients: Annotated[int, Meta(ge=0, le=100_000)] | UnsetType = UNSET
    unused_days: Annotated[int, Meta(ge=0, le=3650)] | UnsetType = UNSET
    idle_days: Annotated[int, Meta(ge=0, le=3650)] | UnsetType = UNSET
    grant_types: GrantTypes | UnsetType = UNSET
    redirect_hosts: Hosts | UnsetType = UNSET
    document_hosts: Hosts | UnsetType = UNSET
    software_statement_issuers: Annotated[list[SoftwareIssuer], Meta(max_length=20)] | UnsetType = UNSET
    require_software_statement: bool | UnsetType = UNSET


EntityId = Annotated[
    str, whole(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?", max_length=1024)
]
"""The address of an entity of a federation (OpenID Federation 1.0, 1.2)."""


class TrustAnchor(Body):
    """An entity whose word counts, with its keys: a set of public ones, each with its ``kid``."""

    entity_id: EntityId
    jwks: documents.KeySet


class Federation(Body):
    """``federation``: whether the tenant is an entity of federations, under whom, and whom it trusts; merged key by
    key.
    """

    enabled: bool | UnsetType = UNSET
    authority_hints: Annotated[list[EntityId], Meta(max_length=20)] | UnsetType = UNSET
    trust_anchors: Annotated[list[TrustAnchor], Meta(max_length=20)] | UnsetType = UNSET
    required_trust_marks: (
        Annotated[list[Annotated[str, whole("[!-~]{1,500}")]], Meta(max_length=20, description="Types of trust marks")]
        | UnsetType
    ) = UNSET


class TenantSettingsUpdate(Body):
    """PATCH /tenants/settings."""

    change_password: HtmlPage | UnsetType | None = UNSET
    guardian_mfa_page: HtmlPage | UnsetType | None = UNSET
    default_audience: Annotated[str, Meta(max_length=600)] | UnsetType | None = UNSET
    default_directory: Annotated[str, Meta(max_length=128)] | UnsetType | None = UNSET
    default_redirection_uri: LandingPage | UnsetType | None = UNSET
    error_page: ErrorPage | UnsetType | None = UNSET
    device_flow: documents.DeviceFlow | UnsetType | None = UNSET
    default_token_quota: documents.TokenQuotas | UnsetType | None = UNSET
    flags: Flags | UnsetType = UNSET
    friendly_name: Annotated[str, Meta(max_length=255)] | UnsetType | None = UNSET
    picture_url: WebUrlOrBlank | UnsetType | None = UNSET
    support_email: EmailOrBlank | UnsetType | None = UNSET
    support_url: WebUrlOrBlank | UnsetType | None = UNSET
    allowed_logout_urls: Annotated[list[LogoutUrlOrBlank], Meta(max_length=2000)] | UnsetType = UNSET
    session_lifetime: Hours | UnsetType | None = UNSET
    session_lifetime_in_minutes: Minutes | UnsetType | None = UNSET
    idle_session_lifetime: Hours | UnsetType | None = UNSET
    idle_session_lifetime_in_minutes: Minutes | UnsetType | None = UNSET
    ephemeral_session_lifetime: Hours | UnsetType | None = UNSET
    ephemeral_session_lifetime_in_minutes: Minutes | UnsetType | None = UNSET
    idle_ephemeral_session_lifetime: Hours | UnsetType | None = UNSET
    idle_ephemeral_session_lifetime_in_minutes: Minutes | UnsetType | None = UNSET
    sandbox_version: Annotated[str, Meta(max_length=8)] | UnsetType = UNSET
    legacy_sandbox_version: Annotated[str, Meta(max_length=8)] | UnsetType | None = UNSET
    enabled_locales: Annotated[list[Annotated[str, whole("[a-zA-Z0-9-]{2,10}")]], Meta(min_length=1)] | UnsetType = (
        UNSET
    )
    access_token: AccessToken | UnsetType | None = UNSET
    security_headers: documents.SecurityHeaders | UnsetType | None = UNSET
    session_cookie: SessionCookie | UnsetType | None = UNSET
    sessions: Sessions | UnsetType | None = UNSET
    oidc_logout: OidcLogout | UnsetType = UNSET
    universal_login: documents.UniversalLogin | UnsetType | None = UNSET
    customize_mfa_in_postlogin_action: bool | UnsetType | None = UNSET
    allow_organization_name_in_authentication_api: bool | UnsetType | None = UNSET
    acr_values_supported: list[Annotated[str, Meta(max_length=255)]] | UnsetType | None = UNSET
    mtls: documents.Mtls | UnsetType | None = UNSET
    pushed_authorization_requests_supported: bool | UnsetType | None = UNSET
    require_pushed_authorization_requests: bool | UnsetType | None = UNSET
    authorization_response_iss_parameter_supported: bool | UnsetType | None = UNSET
    dpop_strict_refresh_token_binding: bool | UnsetType | None = UNSET
    require_dpop_nonce: bool | UnsetType | None = UNSET
    skip_non_verifiable_callback_uri_confirmation_prompt: bool | UnsetType | None = UNSET
    resource_parameter_profile: Literal["audience", "compatibility"] | UnsetType = UNSET
    client_id_metadata_document_supported: bool | UnsetType = UNSET
    client_id_metadata_document_dynamic_registration_supported: bool | UnsetType = UNSET
    enable_ai_guide: bool | UnsetType = UNSET
    phone_consolidated_experience: bool | UnsetType = UNSET
    include_session_metadata_in_tenant_logs: bool | UnsetType = UNSET
    dynamic_client_registration_security_mode: Literal["strict", "permissive"] | UnsetType = UNSET
    country_codes: documents.CountryCodes | UnsetType | None = UNSET
    compatibility: Compatibility | UnsetType = UNSET
    time_zone: (
        Annotated[str, whole("[A-Za-z0-9_+/-]{1,64}", description="Name of the IANA database, such as Europe/Berlin")]
        | UnsetType
        | None
    ) = UNSET
    log_retention_days: Days | UnsetType | None = UNSET
    deleted_users_in_logs: Literal["kept", "pseudonymized"] | UnsetType | None = UNSET
    gravatar: bool | UnsetType | None = UNSET
    extended_user_search: bool | UnsetType | None = UNSET
    account_deletion_days: (
        Annotated[int, Meta(ge=1, le=365, description="Days until an account is erased whose owner asks for it")]
        | UnsetType
        | None
    ) = UNSET
    suggest_account_linking: bool | UnsetType | None = UNSET
    profile_form_logins: Annotated[int, Meta(ge=1, le=1_000)] | UnsetType | None = UNSET
    refused_email_domains: RefusedDomains | UnsetType | None = UNSET
    former_tenant: FormerTenant | UnsetType | None = UNSET
    client_registration: ClientRegistration | UnsetType = UNSET
    federation: Federation | UnsetType = UNSET
    session_management: bool | UnsetType | None = UNSET


class TenantSettingsView(TenantSettingsUpdate, View, kw_only=True):
    """The settings in force."""

    sandbox_versions_available: list[str]


class PromptSettings(Body):
    """GET and PATCH /prompts."""

    universal_login_experience: Literal["new", "classic"] | UnsetType = UNSET
    identifier_first: bool | UnsetType | None = UNSET
    webauthn_platform_first_factor: bool | UnsetType | None = UNSET


class PromptSettingsView(PromptSettings, View, kw_only=True):
    """Universal Login's switches in force."""
