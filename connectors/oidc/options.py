"""Options of OpenID Connect connections, under Auth0's names (spec/management-api.md, "Connections")."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from connectors.oauth2.options import Line, OAuthOptions
from connectors.strategy import HarmlessMap
from connectors.web_addresses import is_address

Algorithm = Literal["ES256", "ES384", "PS256", "PS384", "RS256", "RS384", "RS512"]
ALGORITHMS: tuple[str, ...] = Algorithm.__args__  # type: ignore[attr-defined]
"""Of ID tokens, and of the keys we sign with ourselves. None with a shared secret, and not ``none``."""
AuthMethod = Literal["client_secret_post", "client_secret_basic", "private_key_jwt", "none"]
BY_KEY: AuthMethod = "private_key_jwt"
"""Who asks for tokens shows who they are with a key."""
Domain = Annotated[str, Meta(pattern=r"^([A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(:[0-9]+)?\Z", max_length=253)]


class ConnectionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``connection_settings``: ``auto`` is S256."""

    pkce: Literal["auto", "S256", "plain", "disabled"] | None = None


class AttributeMap(msgspec.Struct, frozen=True, kw_only=True):
    """``attribute_map``: ``attributes`` are ours by name, each a text with ``${context.tokenset.<claim>}`` (of the ID
    token) or ``${context.userinfo.<claim>}``, or a value as it is. With ``use_map`` nothing else is taken.
    """

    attributes: Annotated[dict[Annotated[str, Meta(max_length=150)], Any], Meta(max_length=100)] | None = None
    mapping_mode: Literal["bind_all", "use_map", "basic_profile"] | None = None
    userinfo_scope: Line | None = None


class OidcOptions(OAuthOptions, frozen=True, kw_only=True):
    """Options of a connection to an OpenID provider. Endpoints are pinned when it is saved."""

    type: Literal["back_channel", "front_channel"] | UnsetType | None = UNSET
    discovery_url: Line | UnsetType | None = UNSET
    issuer: Line | UnsetType | None = UNSET
    authorization_endpoint: Line | UnsetType | None = UNSET
    token_endpoint: Line | UnsetType | None = UNSET
    userinfo_endpoint: Line | UnsetType | None = UNSET
    jwks_uri: Line | UnsetType | None = UNSET
    pushed_authorization_request_endpoint: Line | UnsetType | None = UNSET
    enable_pushed_authorization_requests: bool | UnsetType | None = UNSET
    oidc_metadata: HarmlessMap | UnsetType | None = UNSET
    token_endpoint_auth_method: AuthMethod | UnsetType | None = UNSET
    token_endpoint_auth_signing_alg: Algorithm | UnsetType | None = UNSET
    token_endpoint_jwtca_aud_format: Literal["issuer", "token_endpoint"] | UnsetType | None = UNSET
    id_token_signed_response_algs: (
        Annotated[list[Algorithm], Meta(min_length=1, max_length=len(ALGORITHMS))] | UnsetType | None
    ) = UNSET
    connection_settings: ConnectionSettings | UnsetType | None = UNSET
    attribute_map: AttributeMap | UnsetType | None = UNSET
    send_back_channel_nonce: bool | UnsetType | None = UNSET
    useOauthSpecScope: bool | UnsetType | None = UNSET  # noqa: N815 - Auth0's name
    id_token_session_expiry_supported: bool | UnsetType | None = UNSET
    dpop_signing_alg: Literal["ES256", "ES384", "ES512", "Ed25519"] | UnsetType | None = UNSET
    tenant_domain: Line | UnsetType | None = UNSET

    @property
    def front_channel(self) -> bool:
        """Whether the browser brings the ID token itself. Where nobody said, whoever can speak to the token endpoint
        does.
        """
        secret = self.client_secret or self.token_endpoint_auth_method in {"private_key_jwt", "none"}
        return (self.type or ("back_channel" if secret else "front_channel")) == "front_channel"

    @property
    def metadata(self) -> dict[str, Any]:
        """What discovery said."""
        return self.oidc_metadata if isinstance(self.oidc_metadata, dict) else {}

    def signs_out_at(self) -> str | None:
        """Where the provider ends its session, as far as discovery said so."""
        said = self.metadata.get("end_session_endpoint")
        return said if isinstance(said, str) and is_address(said) else None

    def signs_with(self) -> str | None:
        """See :class:`connectors.strategy.Options`."""
        if self.token_endpoint_auth_method != BY_KEY or self.front_channel:
            return None
        return self.token_endpoint_auth_signing_alg or "RS256"

    def discovered_at(self) -> str | None:
        """Where the provider describes itself, or None."""
        if self.discovery_url:
            return self.discovery_url
        return f"{self.issuer.rstrip('/')}/.well-known/openid-configuration" if self.issuer else None

    def contradiction(self) -> str | None:
        """See :class:`connectors.strategy.Options`."""
        for name in ADDRESSES:
            value = getattr(self, name)
            if value and not is_address(value):
                return f"options.{name} is not the address of a web page"
        if self.metadata.get("end_session_endpoint") and self.signs_out_at() is None:
            return "options.oidc_metadata.end_session_endpoint is not the address of a web page"
        if self.front_channel and self.type and self.enable_pushed_authorization_requests:
            return "options.enable_pushed_authorization_requests needs options.type back_channel"
        return super().contradiction()


class DomainOptions(OidcOptions, frozen=True, kw_only=True):
    """Options of a connection to a provider that is known by its domain (Okta, Auth0): ``domain`` is enough beside the
    client's credentials.
    """

    domain: Domain | UnsetType | None = UNSET

    def discovered_at(self) -> str | None:
        """See :class:`OidcOptions`."""
        found = super().discovered_at()
        return found or (f"https://{self.domain}/.well-known/openid-configuration" if self.domain else None)


ADDRESSES = (
    "discovery_url",
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "pushed_authorization_request_endpoint",
)
