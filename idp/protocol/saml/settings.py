"""``addons.samlp`` of a client: what an application that speaks SAML is told, and how (spec/management-types.tsv,
ClientAddonSaml; docs/saml-applications.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.saml_format import keys
from connectors.saml_format.documents import SamlError
from connectors.saml_format.names import UNSPECIFIED
from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.documents import fitting
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work

ADDON = "samlp"
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
MAPPINGS: Mapping[str, str] = {
    "user_id": f"{CLAIMS}/nameidentifier",
    "email": f"{CLAIMS}/emailaddress",
    "name": f"{CLAIMS}/name",
    "given_name": f"{CLAIMS}/givenname",
    "family_name": f"{CLAIMS}/surname",
    "upn": f"{CLAIMS}/upn",
    "groups": "http://schemas.xmlsoap.org/claims/Group",
}
"""Attribute of the user -> name of the SAML attribute, unless ``mappings`` are given."""
PROBES = (f"{CLAIMS}/nameidentifier", f"{CLAIMS}/emailaddress", f"{CLAIMS}/name")
UNSPECIFIED_CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"


class LogoutSettings(msgspec.Struct, frozen=True):
    """``logout``: where the application hears of sign-outs, and whether it does."""

    callback: str | None = None
    slo_enabled: bool = True


class SamlSettings(msgspec.Struct, frozen=True):
    """The add-on, with its defaults. Signatures use SHA-256 unless it says otherwise."""

    audience: str | None = None
    recipient: str | None = None
    destination: str | None = None
    issuer: str | None = None
    mappings: dict[str, str | list[str]] | None = None
    createUpnClaim: bool = True  # noqa: N815 - Auth0's names
    passthroughClaimsWithNoMapping: bool = True  # noqa: N815
    mapUnknownClaimsAsIs: bool = False  # noqa: N815
    mapIdentities: bool = True  # noqa: N815
    signatureAlgorithm: str = "rsa-sha256"  # noqa: N815
    digestAlgorithm: str = "sha256"  # noqa: N815
    lifetimeInSeconds: int = 3600  # noqa: N815
    signResponse: bool = False  # noqa: N815
    nameIdentifierFormat: str = UNSPECIFIED  # noqa: N815
    nameIdentifierProbes: tuple[str, ...] = PROBES  # noqa: N815
    authnContextClassRef: str = UNSPECIFIED_CONTEXT  # noqa: N815
    typedAttributes: bool = True  # noqa: N815
    includeAttributeNameFormat: bool = True  # noqa: N815
    logout: LogoutSettings = LogoutSettings()
    signingCert: str | None = None  # noqa: N815
    RelayState: str | None = None

    @property
    def certificates(self) -> list[str]:
        """Those that the application signs its requests with. One that cannot be read counts as one nothing fits."""
        if not self.signingCert:
            return []
        try:
            return keys.certificates(self.signingCert)
        except SamlError:
            return []

    @property
    def named(self) -> Mapping[str, str | list[str]]:
        """Attribute of the user -> names of the SAML attribute."""
        return self.mappings if self.mappings is not None else MAPPINGS


class SamlApplication(msgspec.Struct, frozen=True):
    """A client with its add-on."""

    client: ClientConfig
    settings: SamlSettings

    def issuer(self, work: Work) -> str:
        """How we call ourselves to it: as configured, else ``urn:`` and where we are, as Auth0 does."""
        return self.settings.issuer or f"urn:{work.config.url.partition('://')[2].rstrip('/')}"

    def address(self, work: Work) -> str:
        """Where it sends people to sign in."""
        return f"{work.config.url}samlp/{self.client.client_id}"


def find(work: Work, client_id: str) -> SamlApplication:
    """The application, which is one of SAML.

    :raises PageError: there is none, or its add-on is off.
    """
    client = clients.find(work, client_id[:256])
    if client is None:
        raise PageError("invalid_request", "Unknown client: the application that sent you here is not registered.")
    found = of_client(client)
    if found is None:
        raise PageError("invalid_request", "This application does not sign in with SAML: its add-on samlp is off.")
    return found


def of_client(client: ClientConfig) -> SamlApplication | None:
    """The client as an application of SAML, or None where its add-on is off."""
    addon: Any = (client.data.addons or {}).get(ADDON)
    if not isinstance(addon, dict):
        return None
    given = {name: value for name, value in addon.items() if value is not None}
    return SamlApplication(client, msgspec.convert(fitting(given, SamlSettings), SamlSettings))
