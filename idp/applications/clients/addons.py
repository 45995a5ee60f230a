"""What is documented of ``addons`` (spec/management-types.tsv, ``ClientAddon...``): which members hold a secret, and
which do not. Addons are kept as they were sent; what stands in none of these is treated as a secret.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from idp.foundation.kernel.secret import Harmless, Secret


def _settings(name: str, members: str, *, secret: str = "") -> type[msgspec.Struct]:
    """An addon with those members; the ones named in ``secret`` hold a secret."""
    declared = [(member, Harmless, UNSET) for member in members.split()]
    secrets = [(member, Secret | UnsetType, UNSET) for member in secret.split()]
    return msgspec.defstruct(name, [*declared, *secrets])


_AZURE_BLOB = """
accountName blobName blob_delete blob_read blob_write containerName container_delete container_list container_read
container_write expiration signedIdentifier
"""
_SAML = """
RelayState audience authnContextClassRef binding createUpnClaim destination digestAlgorithm encryptionAlgorithm
encryptionCert encryptionPublicKey includeAttributeNameFormat issuer lifetimeInSeconds logout mapIdentities
mapUnknownClaimsAsIs mappings nameIdentifierFormat nameIdentifierProbes passthroughClaimsWithNoMapping recipient
signResponse signatureAlgorithm signingCert typedAttributes
"""
_SALESFORCE = "clientid communityName community_url_section principal"
ADDONS: dict[str, type[msgspec.Struct]] = {
    "aws": _settings("Aws", "lifetime_in_seconds principal role"),
    "azure_blob": _settings("AzureBlob", _AZURE_BLOB, secret="storageAccessKey"),  # noqa: S106 - a member's name
    "azure_sb": _settings("AzureSb", "entityPath expiration namespace sasKeyName", secret="sasKey"),  # noqa: S106
    "echosign": _settings("EchoSign", "domain"),
    "egnyte": _settings("Egnyte", "domain"),
    "firebase": _settings(
        "Firebase",
        "client_email lifetime_in_seconds private_key_id",
        secret="private_key secret",  # noqa: S106 - names of members
    ),
    "layer": _settings("Layer", "expiration keyId principal providerId", secret="privateKey"),  # noqa: S106
    "mscrm": _settings("Mscrm", "url"),
    "newrelic": _settings("NewRelic", "account"),
    "office365": _settings("Office365", "connection domain"),
    "rms": _settings("Rms", "url"),
    "salesforce": _settings("Salesforce", "entity_id"),
    "salesforce_api": _settings("SalesforceApi", _SALESFORCE),
    "salesforce_sandbox_api": _settings("SalesforceSandboxApi", _SALESFORCE),
    "samlp": _settings("Samlp", _SAML),
    "sap_api": _settings(
        "SapApi",
        "clientid nameIdentifierFormat scope tokenEndpointUrl usernameAttribute",
        secret="servicePassword",  # noqa: S106 - a member's name
    ),
    "sentry": _settings("Sentry", "base_url org_slug"),
    "sharepoint": _settings("Sharepoint", "external_url url"),
    "slack": _settings("Slack", "team"),
    "springcm": _settings("SpringCm", "acsurl"),
    "sso_integration": _settings("SsoIntegration", "name version"),
    "wsfed": _settings("WsFed", _SAML),
    "wams": _settings("Wams", "region", secret="masterkey"),  # noqa: S106 - a member's name
    "zendesk": _settings("Zendesk", "accountName"),
    "zoom": _settings("Zoom", "account"),
}
"""By the name under which a client configures it."""
Addons = msgspec.defstruct("Addons", [(name, type_ | UnsetType, UNSET) for name, type_ in ADDONS.items()])
"""``addons`` of a client."""
