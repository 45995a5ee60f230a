"""Strategies that Auth0 documents and nobody built yet: their connections can be configured and read back, so that an
exported configuration imports, and not used.

A strategy that is built gets a file of its own and leaves this table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from connectors.strategy import Harmless, Kind, Options, Strategy, Sync

_SOCIAL = """
cloudflare-mcp custom daccount dwolla evernote evernote-sandbox hubspot-mcp linear-mcp notion-mcp oauth1
sentry-mcp shop
"""
_ENTERPRISE = """
auth0-oidc ip office365 sharepoint
"""
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


def _named(names: str, kind: Kind) -> tuple[Strategy, ...]:
    return tuple(Strategy(name=name, kind=kind, amr="fed", options=NotBuiltOptions) for name in names.split())


NOT_BUILT: tuple[Strategy, ...] = (
    *_named(_SOCIAL, "social"),
    *_named(_ENTERPRISE, "enterprise"),
)
