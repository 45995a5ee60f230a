"""Tenant settings as the rest of the product reads them, with Auth0's names and defaults
(spec/sessions-cookies-redirects.md).

The stored document may hold more (everything the Management API accepts); only what changes behaviour is named here.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from idp.foundation.kernel.documents import fitting
from idp.foundation.web.i18n import LANGUAGES

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
LOG_RETENTION_DAYS = 30


class Compatibility(msgspec.Struct, frozen=True):
    """Where Auth0's habit and the standards part (contract.md section 7); False is the standard, but for the two that
    are on.
    """

    updated_at_iso: bool = False
    auth0_statuses: bool = False
    id_token_scope_claims: bool = True
    public_clients_without_pkce: bool = False
    plain_pkce: bool = False
    callback_wildcards: bool = False
    logout_url_wildcards: bool = False
    authorization_response_iss: bool = True
    mfa_once: bool = False
    passkey_requires_mfa: bool = False

    def overridden(self, changes: dict[str, Any] | None) -> Compatibility:
        """These, with a client's own ``compatibility`` on top; members it omits are inherited."""
        if not changes:
            return self
        known = {k: v for k, v in changes.items() if k in self.__struct_fields__ and isinstance(v, bool)}
        return msgspec.structs.replace(self, **known)


COMPATIBILITY_MEMBERS = Compatibility.__struct_fields__


class SessionCookie(msgspec.Struct, frozen=True):
    """``session_cookie.mode``: persistent or non-persistent."""

    mode: str = "persistent"


class Sessions(msgspec.Struct, frozen=True):
    """``sessions``: whether ``/oidc/logout`` asks first."""

    oidc_logout_prompt_enabled: bool = True


class OidcLogout(msgspec.Struct, frozen=True):
    """``oidc_logout``: whether discovery names the end-session endpoint."""

    rp_logout_end_session_endpoint_discovery: bool = True


class Flags(msgspec.Struct, frozen=True):
    """``flags`` that change behaviour. ``disable_impersonation`` is on until somebody switches it off: ours."""

    disable_impersonation: bool = True
    enable_client_connections: bool = True
    enable_dynamic_client_registration: bool = False
    enable_public_signup_user_exists_error: bool = False
    enforce_client_authentication_on_passwordless_start: bool = False
    remove_alg_from_jwks: bool = False


class ErrorPage(msgspec.Struct, frozen=True):
    """``error_page``: a page of the tenant's own for errors that stay on our side."""

    url: str | None = None
    show_log_link: bool = False


class Mtls(msgspec.Struct, frozen=True):
    """``mtls``: whether discovery names addresses for clients with certificates."""

    enable_endpoint_aliases: bool = False


class DeviceFlow(msgspec.Struct, frozen=True):
    """``device_flow``: how user codes look; a ``*`` of the mask is a character of the code. Whether people let devices
    in at all, and how long (s) a device's request waits for them, are ours.
    """

    enabled: bool = True
    lifetime_in_seconds: int = 900
    charset: Literal["base20", "digits"] = "base20"
    mask: str = "****-****"


class FormerTenant(msgspec.Struct, frozen=True):
    """``former_tenant``: whom applications had their refresh tokens from before they were moved here. Ours."""

    issuer: str
    """With a slash at its end."""
    clients: list[str] | None = None
    """The applications that were moved; None: every one."""

    def had(self, client_id: str) -> bool:
        """Whether tokens of that application may be the former tenant's."""
        return self.clients is None or client_id in self.clients


class SoftwareIssuer(msgspec.Struct, frozen=True):
    """Whose software statements count, and where its keys are."""

    issuer: str
    jwks_uri: str


class ClientRegistration(msgspec.Struct, frozen=True):
    """``client_registration``: rules for clients that make themselves known. Ours.

    ``open``: anybody may register; else an initial access token is needed. ``max_clients``: of each kind at a time.
    ``unused_days``: how long one stays that nobody ever used, ``idle_days`` one that nobody uses any more; 0 for ever.
    ``grant_types`` and ``redirect_hosts`` (a name, or ``*.`` and a name; none: any) are what clients may register,
    ``document_hosts`` where their metadata documents may be.
    """

    open: bool = False
    max_clients: int = 1_000
    unused_days: int = 30
    idle_days: int = 365
    grant_types: list[str] = msgspec.field(default_factory=lambda: ["authorization_code", "refresh_token"])
    redirect_hosts: list[str] = []
    document_hosts: list[str] = []
    software_statement_issuers: list[SoftwareIssuer] = []
    require_software_statement: bool = False


class TrustAnchor(msgspec.Struct, frozen=True):
    """An entity whose word counts, by its address, with its keys (a JWK set)."""

    entity_id: str
    jwks: dict[str, Any]


class Federation(msgspec.Struct, frozen=True):
    """``federation``: whether this provider is an entity of federations (OpenID Federation 1.0). Ours.

    ``authority_hints`` are its own superiors; relying parties are trusted that a chain joins to one of
    ``trust_anchors`` and that bear every one of ``required_trust_marks`` (their types).
    """

    enabled: bool = False
    authority_hints: list[str] = []
    trust_anchors: list[TrustAnchor] = []
    required_trust_marks: list[str] = []


class TenantSettings(msgspec.Struct, frozen=True):
    """``/api/v2/tenants/settings``, typed."""

    friendly_name: str | None = None
    picture_url: str | None = None
    support_email: str | None = None
    support_url: str | None = None
    default_audience: str | None = None
    default_directory: str | None = None
    default_redirection_uri: str | None = None
    allowed_logout_urls: list[str] = []
    enabled_locales: list[str] = msgspec.field(default_factory=lambda: list(LANGUAGES))
    session_lifetime: float | None = None
    session_lifetime_in_minutes: float | None = None
    idle_session_lifetime: float | None = None
    idle_session_lifetime_in_minutes: float | None = None
    ephemeral_session_lifetime: float | None = None
    ephemeral_session_lifetime_in_minutes: float | None = None
    idle_ephemeral_session_lifetime: float | None = None
    idle_ephemeral_session_lifetime_in_minutes: float | None = None
    session_cookie: SessionCookie = SessionCookie()
    sessions: Sessions = Sessions()
    oidc_logout: OidcLogout = OidcLogout()
    flags: Flags = Flags()
    error_page: ErrorPage = ErrorPage()
    device_flow: DeviceFlow = DeviceFlow()
    mtls: Mtls = Mtls()
    acr_values_supported: list[str] = []
    resource_parameter_profile: str = "compatibility"
    """Whether requests may name an API by ``resource`` (RFC 8707): not with ``audience``."""
    pushed_authorization_requests_supported: bool = True
    require_pushed_authorization_requests: bool = False
    """Whether every client has to push its authorization requests (RFC 9126 5). Ours."""
    dpop_strict_refresh_token_binding: bool = False
    """Whether refresh tokens of clients that authenticate are bound to a key or a certificate, too."""
    require_dpop_nonce: bool = False
    """Whether DPoP proofs have to hold a nonce of ours (RFC 9449 8). Ours."""
    compatibility: Compatibility = Compatibility()
    time_zone: str | None = None
    """Where a day of the statistics begins at midnight; None: UTC. Ours."""
    log_retention_days: int = LOG_RETENTION_DAYS
    """Days that log entries are kept; 0 for ever. Ours; Auth0 decides by the plan."""
    deleted_users_in_logs: Literal["kept", "pseudonymized"] = "kept"
    """What becomes of log entries about people who are deleted. Ours."""
    gravatar: bool = True
    """Whether people without a picture get Gravatar's, with our initials behind it; else the initials alone. Ours."""
    extended_user_search: bool = False
    """Whether searches of users go beyond Auth0's grammar (docs/decisions/0220). Ours."""
    suggest_account_linking: bool = False
    """Whether somebody who signs in is told of another account with their address, and may join the two. Ours."""
    former_tenant: FormerTenant | None = None
    """Whose refresh tokens are exchanged here once (docs/decisions/0250). Ours."""
    profile_form_logins: int | None = None
    """At which sign-in, and again after as many, people are asked what the pieces of ``custom-form`` ask. Ours."""
    session_management: bool = False
    """Whether applications may watch the browser's state (Session Management 1.0). Ours."""
    client_id_metadata_document_supported: bool = False
    """Whether the address of a client's document may be its id."""
    client_id_metadata_document_dynamic_registration_supported: bool = False
    """Whether such clients become known by being asked for, without an administrator."""
    client_registration: ClientRegistration = ClientRegistration()
    federation: Federation = Federation()
    account_deletion_days: int | None = None
    """Days until the account of somebody who asks for its deletion is erased; None: people cannot ask. Ours."""
    refused_email_domains: list[str] = []
    """Nobody makes an account with an address of these, or below them. Ours."""

    def lifetimes_ms(self, mode: str) -> tuple[int, int]:
        """(absolute, idle) lifetime of a session in the cookie mode ``persistent`` or ``non-persistent``."""
        if mode == "non-persistent":
            absolute = _millis(self.ephemeral_session_lifetime_in_minutes, self.ephemeral_session_lifetime, 72)
            return absolute, _millis(
                self.idle_ephemeral_session_lifetime_in_minutes, self.idle_ephemeral_session_lifetime, 24
            )
        absolute = _millis(self.session_lifetime_in_minutes, self.session_lifetime, 168)
        return absolute, _millis(self.idle_session_lifetime_in_minutes, self.idle_session_lifetime, 72)


def _millis(minutes: float | None, hours: float | None, default_hours: float) -> int:
    if minutes is not None:
        return int(minutes * MINUTE_MS)
    return int((hours if hours is not None else default_hours) * HOUR_MS)


class Prompts(msgspec.Struct, frozen=True):
    """``/api/v2/prompts``."""

    universal_login_experience: str = "new"
    identifier_first: bool = False
    webauthn_platform_first_factor: bool = False


class Colors(msgspec.Struct, frozen=True):
    """Branding colours; ``page_background`` is a colour or a gradient (``type``, ``start``, ``end``, ``angle_deg``)."""

    primary: str | None = None
    page_background: Any = None


class Font(msgspec.Struct, frozen=True):
    """``font.url``: where the tenant's own font is."""

    url: str | None = None


class Branding(msgspec.Struct, frozen=True):
    """``/api/v2/branding``."""

    logo_url: str | None = None
    favicon_url: str | None = None
    colors: Colors = Colors()
    font: Font = Font()


T = TypeVar("T", bound=msgspec.Struct)


def read(document: dict[str, Any] | None, kind: type[T]) -> T:
    """A stored document as ``kind``; members it does not know, and those that do not fit, are passed over."""
    return msgspec.convert(fitting(document or {}, kind), kind)
