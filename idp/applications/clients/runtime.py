"""Clients as requests see them: typed, read once per configuration version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.clients import compliance
from idp.applications.clients.compliance import Level
from idp.applications.clients.models import Client, ClientGrant
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel.documents import fitting
from idp.foundation.tenancy.settings import Compatibility
from idp.foundation.tenancy.work import Work

DEFAULT_ID_TOKEN_LIFETIME_S = 36_000
TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - a name, no secret
MOST_ID = 255
"""Characters of an id that a request may name a client by."""


class _ClientRow(msgspec.Struct, frozen=True):
    client_id: str
    name: str
    secret_sealed: str | None
    external_client_id: str | None
    is_first_party: bool
    is_global: bool
    data: Json[dict[str, Any]]


class _GrantRow(msgspec.Struct, frozen=True):
    scope: Json[list[str]]
    data: Json[dict[str, Any]] | None


_COLUMNS = (
    Client.client_id,
    Client.name,
    Client.secret_sealed,
    Client.external_client_id,
    Client.is_first_party,
    Client.is_global,
    Client.data,
)
_BY_ID = Statement(
    "client_by_id",
    select(*_COLUMNS).where(Client.tenant_id == bindparam("tenant"), Client.client_id == bindparam("client_id")),
    row=_ClientRow,
)
_BY_ADDRESS = Statement(
    "client_by_address",
    select(*_COLUMNS).where(
        Client.tenant_id == bindparam("tenant"), Client.external_client_id == bindparam("client_id")
    ),
    row=_ClientRow,
)
_GRANT = Statement(
    "client_grant_scope",
    select(ClientGrant.scope, ClientGrant.data).where(
        ClientGrant.tenant_id == bindparam("tenant"),
        ClientGrant.client_id == bindparam("client_id"),
        ClientGrant.audience == bindparam("audience"),
        ClientGrant.subject_type == bindparam("subject"),
    ),
    row=_GrantRow,
)


class RefreshPolicy(msgspec.Struct, frozen=True):
    """An API that the client's refresh tokens are good for besides, and its scopes (``refresh_token.policies``)."""

    audience: str
    scope: list[str] = []


class RefreshTokenConfig(msgspec.Struct, frozen=True):
    """``refresh_token`` of a client (spec/authentication-api.md section 3); lifetimes in seconds."""

    rotation_type: str = "non-rotating"
    expiration_type: str = "non-expiring"
    leeway: int = 0
    token_lifetime: int = 2_592_000
    infinite_token_lifetime: bool = False
    idle_token_lifetime: int = 1_296_000
    infinite_idle_token_lifetime: bool = False
    policies: list[RefreshPolicy] = []


class JwtConfig(msgspec.Struct, frozen=True):
    """``jwt_configuration`` of a client."""

    alg: str = "RS256"
    lifetime_in_seconds: int = DEFAULT_ID_TOKEN_LIFETIME_S


class LogoutInitiators(msgspec.Struct, frozen=True):
    """Which ends of a session are told to the client."""

    mode: str = "custom"
    selected_initiators: list[str] = []


class LogoutMetadata(msgspec.Struct, frozen=True):
    """Whether logout tokens carry the metadata of their session."""

    include: bool = False


class LogoutConfig(msgspec.Struct, frozen=True):
    """``oidc_logout`` of a client, with front-channel logout's members of the registration specification."""

    backchannel_logout_urls: list[str] = []
    backchannel_logout_initiators: LogoutInitiators = LogoutInitiators(selected_initiators=["rp-logout"])
    backchannel_logout_session_metadata: LogoutMetadata = LogoutMetadata()


class AndroidApp(msgspec.Struct, frozen=True):
    """``mobile.android``."""

    app_package_name: str | None = None
    sha256_cert_fingerprints: list[str] | None = None


class IosApp(msgspec.Struct, frozen=True):
    """``mobile.ios``."""

    team_id: str | None = None
    app_bundle_identifier: str | None = None


class Mobile(msgspec.Struct, frozen=True):
    """``mobile``: the client's applications on telephones."""

    android: AndroidApp | None = None
    ios: IosApp | None = None


class ClientData(msgspec.Struct, frozen=True):
    """The members of a client that change what requests do; all others pass through the Management API untouched."""

    app_type: str | None = None
    description: str | None = None
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    callbacks: list[str] = []
    allowed_logout_urls: list[str] = []
    web_origins: list[str] = []
    allowed_origins: list[str] = []
    initiate_login_uri: str | None = None
    grant_types: list[str] = []
    token_endpoint_auth_method: str = "client_secret_post"  # noqa: S105 - a name, no secret
    jwt_configuration: JwtConfig = JwtConfig()
    authorization_signed_response_alg: str = "RS256"
    refresh_token: RefreshTokenConfig | None = None
    oidc_logout: LogoutConfig = LogoutConfig()
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    require_pushed_authorization_requests: bool = False
    require_proof_of_possession: bool = False
    dpop_bound_access_tokens: bool = False
    tls_client_certificate_bound_access_tokens: bool = False
    tls_client_auth_subject_dn: str | None = None
    tls_client_auth_san_dns: str | None = None
    tls_client_auth_san_uri: str | None = None
    tls_client_auth_san_ip: str | None = None
    tls_client_auth_san_email: str | None = None
    require_dpop_nonce: bool = False
    token_endpoint_auth_signing_alg: str | None = None
    jwks_uri: str | None = None
    jwks: dict[str, Any] | None = None
    credentials: list[dict[str, Any]] = []
    par_request_expiry: int | None = None
    request_uris: list[str] = []
    request_object_signing_alg: str | None = None
    signed_request_object: dict[str, Any] | None = None
    client_authentication_methods: dict[str, Any] | None = None
    compliance_level: str | None = None
    organization_usage: str | None = None
    sso_disabled: bool = False
    session_cookie_mode: str | None = None
    cross_origin_authentication: bool = False
    is_token_endpoint_ip_header_trusted: bool = False
    compatibility: dict[str, Any] | None = None
    addons: dict[str, Any] | None = None
    userinfo_signed_response_alg: str | None = None
    introspection_signed_response_alg: str | None = None
    id_token_encrypted_response_alg: str | None = None
    id_token_encrypted_response_enc: str | None = None
    userinfo_encrypted_response_alg: str | None = None
    userinfo_encrypted_response_enc: str | None = None
    authorization_encrypted_response_alg: str | None = None
    authorization_encrypted_response_enc: str | None = None
    introspection_encrypted_response_alg: str | None = None
    introspection_encrypted_response_enc: str | None = None
    subject_type: str | None = None
    sector_identifier_uri: str | None = None
    client_aliases: list[str] = []
    external_metadata_type: str | None = None
    """How it made itself known, where it did."""
    mobile: Mobile | None = None
    native_social_login: dict[str, Any] | None = None
    token_exchange: dict[str, Any] | None = None
    trusted_issuers: list[dict[str, Any]] = []
    backchannel_token_delivery_mode: str = "poll"  # noqa: S105 - a word, no secret
    backchannel_client_notification_endpoint: str | None = None
    backchannel_authentication_request_signing_alg: str | None = None
    async_approval_notification_channels: list[str] | None = None


class ClientConfig(msgspec.Struct, frozen=True):
    """One client at one configuration version. ``secret`` is None for public clients."""

    client_id: str
    name: str
    secret: str | None
    is_first_party: bool
    data: ClientData
    compatibility: Compatibility
    external_id: str | None = None
    """The address of the document that describes it, where it is known by that."""

    @property
    def known_as(self) -> str:
        """What it calls itself, and what tokens call it: everything outside knows it by that."""
        return self.external_id or self.client_id

    @property
    def federated(self) -> bool:
        """Whether it is an entity of a federation: it signs its requests, and is trusted by a chain."""
        return self.data.external_metadata_type == "oidf"

    @property
    def public(self) -> bool:
        """True when the client has no secret to authenticate with (RFC 6749 2.1)."""
        return self.data.token_endpoint_auth_method == "none"  # noqa: S105 - a name, no secret

    @property
    def auth_method(self) -> str:
        """The one method by which the client authenticates, as RFC 7591 2 names it (security.md E8)."""
        named = self.data.client_authentication_methods or {}
        return next((method for method, value in named.items() if value), self.data.token_endpoint_auth_method)

    @property
    def profile(self) -> Level | None:
        """The profile of FAPI that the client keeps, where it keeps one."""
        return compliance.of(self.data.compliance_level)

    @property
    def native(self) -> bool:
        """True for native applications: loopback redirects may use any port."""
        return self.data.app_type == "native"

    @property
    def refresh(self) -> RefreshTokenConfig:
        """Rotation is on for public clients unless they say otherwise (contract.md section 7)."""
        if self.data.refresh_token is not None:
            return self.data.refresh_token
        if self.public:
            return RefreshTokenConfig(rotation_type="rotating", expiration_type="expiring")
        return RefreshTokenConfig()

    def allows(self, grant_type: str) -> bool:
        """Whether ``grant_type`` is switched on; token exchange by what may be exchanged, as in Auth0."""
        return grant_type in self.data.grant_types or (grant_type == TOKEN_EXCHANGE and self._exchanges)

    def exchanges(self, kind: str) -> bool:
        """Whether the client may exchange tokens by any profile of that type (``token_exchange``)."""
        return kind in ((self.data.token_exchange or {}).get("allow_any_profile_of_type") or ())

    def takes_native(self, switch: str) -> bool:
        """Whether it may exchange what a source gives native applications (``native_social_login``)."""
        named = (self.data.native_social_login or {}).get(switch)
        return isinstance(named, dict) and named.get("enabled") is True

    @property
    def _exchanges(self) -> bool:
        of_types = (self.data.token_exchange or {}).get("allow_any_profile_of_type")
        return bool(of_types) or any(self.takes_native(each) for each in self.data.native_social_login or ())


def data_of(document: Mapping[str, Any]) -> ClientData:
    """A client's stored document, typed; what an earlier version stored and does not fit counts as absent."""
    return msgspec.convert(fitting({k: v for k, v in document.items() if v is not None}, ClientData), ClientData)


def find(work: Work, client_id: str) -> ClientConfig | None:
    """The client, or None where the tenant has none of that id. The "All Applications" row is no client."""
    return work.config.remember("client", client_id, lambda: _load(work, client_id))


def is_address(client_id: str) -> bool:
    """Whether it is the address of a document (OAuth Client ID Metadata Document 3)."""
    return client_id.startswith(("https://", "http://"))


def _load(work: Work, client_id: str) -> ClientConfig | None:
    statement = _BY_ADDRESS if is_address(client_id) else _BY_ID
    row = work.hot.one(statement, tenant=work.tenant_id, client_id=client_id)
    if row is None or row.is_global:
        return None
    data = data_of(compliance.applied(row.data))
    sealer = work.sealer(Client.secret_sealed, client_id=row.client_id)
    return ClientConfig(
        client_id=row.client_id,
        external_id=row.external_client_id,
        name=row.name,
        secret=sealer.open(row.secret_sealed) if row.secret_sealed else None,
        is_first_party=row.is_first_party,
        data=data,
        compatibility=work.config.settings.compatibility.overridden(data.compatibility),
    )


def cookie_mode(work: Work, client: ClientConfig) -> str:
    """How sessions begin by that client: ``persistent``, or ``non-persistent`` where they end with the browser."""
    return client.data.session_cookie_mode or work.config.settings.session_cookie.mode


class GrantedScopes(msgspec.Struct, frozen=True):
    """A client grant: ``everything`` means whatever the API offers."""

    scopes: list[str]
    everything: bool = False
    needs_organization: bool = False
    details: list[str] = []
    """Types of ``authorization_details``."""


def granted_scopes(work: Work, client_id: str, audience: str, *, subject: str = "client") -> GrantedScopes | None:
    """The grant of that API to the client, for itself (``client``) or for people (``user``); None where there is none
    (RFC 6749 4.4).
    """
    key = f"{client_id}\0{audience}\0{subject}"
    return work.config.remember("client grant", key, lambda: _load_grant(work, client_id, audience, subject))


def _load_grant(work: Work, client_id: str, audience: str, subject: str) -> GrantedScopes | None:
    row = work.hot.one(_GRANT, tenant=work.tenant_id, client_id=client_id, audience=audience, subject=subject)
    if row is None:
        return None
    more = row.data or {}
    return GrantedScopes(
        scopes=row.scope,
        everything=bool(more.get("allow_all_scopes")),
        needs_organization=more.get("organization_usage") == "require",
        details=more.get("authorization_details_types") or [],
    )
