"""Strategies that Auth0 has and nobody can sign in through here, each with its reason: their connections can be
configured and read back, so that an exported configuration imports, and not used.

A strategy that is built gets a file of its own and leaves this table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from connectors.strategy import Harmless, Kind, Options, Strategy, Sync

_TOOLS = (
    "its server of tools (MCP) gives tokens for these tools and says nothing about who somebody is: a sign-in and an "
    "account that is connected (`/me/v1/connected-accounts`) need that"
)
UNUSABLE: tuple[tuple[str, Kind, str], ...] = (
    ("cloudflare-mcp", "social", _TOOLS),
    ("hubspot-mcp", "social", _TOOLS),
    ("linear-mcp", "social", _TOOLS + "; people of Linear sign in with `linear`"),
    ("notion-mcp", "social", _TOOLS + "; people of Notion sign in with `notion`"),
    ("sentry-mcp", "social", _TOOLS),
    (
        "custom",
        "social",
        "a name of Auth0's own past without a documented protocol: `oauth2` or `oidc` takes its place",
    ),
    (
        "daccount",
        "social",
        (
            "NTT DOCOMO shows the specification of d ACCOUNT Connect to its contract partners alone. It is OpenID "
            "Connect: who has the contract configures `oidc` with the endpoints in it"
        ),
    ),
    (
        "dwolla",
        "social",
        "Dwolla ended signing in with accounts of its users; its API knows tokens of applications alone",
    ),
    ("shop", "social", "Shopify documents no sign-in with Shop accounts for others than its own shops"),
    (
        "sharepoint",
        "enterprise",
        (
            "add-ins that signed in through Azure Access Control ended on 2 April 2026; accounts of Microsoft 365 sign "
            "in with `waad`"
        ),
    ),
)
"""Name, kind, and why nobody signs in through it."""
TEXTS = """
accessTokenURL adfs_server agentIP agentVersion app_domain app_id authorizationURL authorization_endpoint cert
client_authorizequery client_id destinationUrl discovery_url domain entityId fedMetadataXml from gateway_url
global_token_revocation_jwt_iss global_token_revocation_jwt_sub icon_url issuer jwks_uri kid logoutUrl
messaging_service_sid metadataUrl metadataXml pingFederateBaseUrl pushed_authorization_request_endpoint recipientUrl
requestTemplate requestTokenURL signInEndpoint signOutEndpoint signingCert team_id template tenantId tokenURL
token_endpoint twilio_sid userAuthorizationURL user_id_attribute userinfo_endpoint
"""
"""Documented options that are a text, whatever the strategy, and hold no secret."""
LISTS = """
allowed_audiences certs domain_aliases freeform_scopes id_token_signed_response_algs ips non_persistent_attrs
precedence prev_thumbprints thumbprints thumbprints_sha384
"""
"""Those that are a list of texts."""
HARMLESS = """
assertion_decryption_settings attributes authentication_methods client_protocol connection_settings digestAlgorithm
dpop_signing_alg email fieldsMap identity_api idpinitiated max_groups_to_retrieve mfa name oidc_metadata
passkey_options passwordPolicy password_complexity_options password_dictionary password_history
password_no_personal_info password_options protocol protocolBinding provider schema_version scope
should_trust_email_verified_connection signatureAlgorithm signatureMethod strategy_version syntax tenant_domain
token_endpoint_auth_method token_endpoint_auth_signing_alg token_endpoint_jwtca_aud_format totp type userid_attribute
validation waad_protocol
"""
"""Those that are something else, or differ between strategies. All other options are treated as secrets, those too in
which people put what they like (``upstream_params``, ``scripts``, ``customHeaders``).
"""
Text = Annotated[str, Meta(max_length=65_536)] | UnsetType | None
Texts = Annotated[list[Annotated[str, Meta(max_length=2048)]], Meta(max_length=1000)] | UnsetType | None


def _sync(options: Any) -> Sync:
    """As configured."""
    found: Sync | UnsetType | None = options.set_user_root_attributes
    return found or "on_each_login"


if TYPE_CHECKING:
    NotBuiltOptions = Options
else:
    NotBuiltOptions = msgspec.defstruct(
        "NotBuiltOptions",
        [
            *((name, Text, UNSET) for name in TEXTS.split()),
            *((name, Texts, UNSET) for name in LISTS.split()),
            *((name, Harmless, UNSET) for name in HARMLESS.split()),
            ("set_user_root_attributes", Sync | UnsetType | None, UNSET),
        ],
        bases=(Options,),
        frozen=True,
        kw_only=True,
        namespace={
            "__doc__": "Options of a strategy that nobody built: kept as they were sent.",
            "__module__": __name__,
            "sync": _sync,
        },
    )


NOT_BUILT: tuple[Strategy, ...] = tuple(
    Strategy(name=name, kind=kind, amr="fed", options=NotBuiltOptions, unusable=why) for name, kind, why in UNUSABLE
)
