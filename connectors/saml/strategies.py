"""The strategies that speak SAML 2.0."""

from __future__ import annotations

from connectors.saml.certificates import trusted_until
from connectors.saml.connector import SamlConnector
from connectors.saml.options import SamlOptions
from connectors.strategy import Strategy, entries

_METADATA = {
    "metadataUrl": ("Metadata URL", "Certificates that change there are taken over by themselves."),
    "metadataXml": ("Metadata", "The document itself, where it stands at no address."),
    "signInEndpoint": ("Sign-in URL", "Where no metadata say it."),
    "signingCert": ("Signing certificate", "In PEM, where no metadata hold it."),
}
_ASKS = {
    "samlp": entries(_METADATA),
    "pingfederate": entries(
        {"pingFederateBaseUrl": ("Server URL", "https://ping.acme.example:9031"), "signingCert": "Signing certificate"}
    ),
}
SAML: tuple[Strategy, ...] = tuple(
    Strategy(
        name=name,
        called=called,
        asks=_ASKS[name],
        page="saml.md",
        kind="enterprise",
        amr="fed",
        options=SamlOptions,
        open=SamlConnector,
        display_name="",
        ids_by_connection=True,
        key_algorithms=("RS256",),
        trusted_until=trusted_until,
    )
    for name, called in (("samlp", "SAML 2.0"), ("pingfederate", "PingFederate"))
)
"""By the names under which Auth0 has them."""
