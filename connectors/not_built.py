"""Strategies that Auth0 documents and nobody built yet: their connections can be configured and read back, so that an
exported configuration imports, and not used.

A strategy that is built gets a file of its own and leaves this table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from connectors.strategy import Harmless, Kind, Options, Strategy

_SOCIAL = """
amazon apple asana atlassian baidu bitbucket bitly box cloudflare-mcp custom daccount dropbox dwolla evernote
evernote-sandbox exact facebook fitbit github gitlab google-oauth2 hubspot-mcp instagram line linear-mcp linkedin
notion-mcp oauth1 oauth2 paypal paypal-sandbox planningcenter salesforce salesforce-community salesforce-sandbox
sentry-mcp shop shopify slack soundcloud thirtysevensignals twitter untappd vkontakte weibo windowslive wordpress yahoo
yandex
"""
_ENTERPRISE = """
ad adfs auth0-adldap auth0-oidc google-apps ip office365 oidc okta pingfederate samlp sharepoint waad
"""
HARMLESS = """
accessTokenURL adfs_server agentIP agentVersion allowed_audiences app_domain app_id assertion_decryption_settings
attributes authentication_methods authorizationURL authorization_endpoint cert certs client_authorizequery client_id
client_protocol connection_settings destinationUrl digestAlgorithm discovery_url domain domain_aliases dpop_signing_alg
email entityId fedMetadataXml fieldsMap freeform_scopes from gateway_url global_token_revocation_jwt_iss
global_token_revocation_jwt_sub icon_url id_token_signed_response_algs identity_api idpinitiated ips issuer jwks_uri kid
logoutUrl max_groups_to_retrieve messaging_service_sid metadataUrl metadataXml mfa name non_persistent_attrs
oidc_metadata passkey_options passwordPolicy password_complexity_options password_dictionary password_history
password_no_personal_info password_options pingFederateBaseUrl precedence prev_thumbprints protocol protocolBinding
provider pushed_authorization_request_endpoint recipientUrl requestTemplate requestTokenURL schema_version scope
set_user_root_attributes should_trust_email_verified_connection signInEndpoint signOutEndpoint signatureAlgorithm
signatureMethod signingCert strategy_version syntax team_id template tenantId tenant_domain thumbprints
thumbprints_sha384 tokenURL token_endpoint token_endpoint_auth_method token_endpoint_auth_signing_alg
token_endpoint_jwtca_aud_format totp twilio_sid type userAuthorizationURL user_id_attribute userid_attribute
userinfo_endpoint validation waad_protocol
"""
"""Documented options that hold no secret, whatever the strategy. All others are treated as secrets, those too in which
people put what they like (``upstream_params``, ``scripts``, ``customHeaders``).
"""


def _sync(options: Any) -> Any:
    """As configured, whatever was sent."""
    return "on_each_login" if options.set_user_root_attributes is UNSET else options.set_user_root_attributes


if TYPE_CHECKING:
    NotBuiltOptions = Options
else:
    NotBuiltOptions = msgspec.defstruct(
        "NotBuiltOptions",
        [(name, Harmless, UNSET) for name in HARMLESS.split()],
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
    Strategy(name="email", kind="passwordless", amr="otp", options=NotBuiltOptions, account_key="email"),
    Strategy(name="sms", kind="passwordless", amr="otp", options=NotBuiltOptions, account_key="phone_number"),
)
