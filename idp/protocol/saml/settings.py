"""``addons.samlp`` of a client: what an application that speaks SAML is told, and how (spec/management-types.tsv,
ClientAddonSaml; docs/saml-applications.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from connectors.saml_format import keys
from connectors.saml_format.documents import SamlError
from connectors.saml_format.names import UNSPECIFIED
from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import redirects
from idp.foundation.kernel.documents import fitting
from idp.foundation.kernel.errors import OAuthError, PageError
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import requirements

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
    encryptionCert: str | None = None  # noqa: N815
    encryptionPublicKey: str | None = None  # noqa: N815
    encryptionAlgorithm: Literal["aes256-gcm", "aes256-cbc"] = "aes256-gcm"  # noqa: N815
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
    def encrypts_for(self) -> str | None:
        """The certificate or the key that assertions are encrypted for, None where they are not."""
        return self.encryptionCert or self.encryptionPublicKey

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
        return self.settings.issuer or default_issuer(work)

    def address(self, work: Work) -> str:
        """Where it sends people to sign in."""
        return f"{work.config.url}samlp/{self.client.client_id}"

    def registered(self, name: str) -> bool:
        """Whether the application may be called so by whoever asks without a signature: what it is called is whom a
        token is for, and one for somebody else may not be had here. Names are registered in ``client_aliases``; an
        address of the same origin as one of its callbacks is its own, and so is its id.
        """
        client = self.client
        if name in {client.client_id, f"urn:{client.client_id}", *client.data.client_aliases}:
            return True
        origin = redirects.origin(name)
        return origin is not None and origin in {redirects.origin(each) for each in client.data.callbacks}


def default_issuer(work: Work) -> str:
    """How we call ourselves where nothing else is configured: the same under every domain of the tenant."""
    return f"urn:{work.config.own_url.partition('://')[2].rstrip('/')}"


def find(work: Work, client_id: str, addon: str = ADDON) -> SamlApplication:
    """The application, which uses that add-on.

    :raises PageError: there is none, its add-on is off, or it needs what is not offered.
    """
    client = clients.find(work, client_id[:256])
    if client is None:
        raise PageError("invalid_request", "Unknown client: the application that sent you here is not registered.")
    found = of_client(client, addon)
    if found is None:
        raise PageError("invalid_request", f"This application does not sign in that way: its add-on {addon} is off.")
    try:
        requirements.check_assertions(client)
        if found.settings.encrypts_for is not None:
            keys.public_key(found.settings.encrypts_for)  # nothing goes out in the clear instead
    except OAuthError as error:
        raise PageError(error.error, error.description) from error
    except SamlError as error:
        words = "This application is not set up correctly: what its assertions are encrypted for cannot be used."
        raise PageError("invalid_request", words, detail=str(error)) from error
    return found


def of_client(client: ClientConfig, addon: str = ADDON) -> SamlApplication | None:
    """The client as an application of that add-on, or None where it is off."""
    options: Any = (client.data.addons or {}).get(addon)
    if not isinstance(options, dict):
        return None
    given = {name: value for name, value in options.items() if value is not None}
    return SamlApplication(client, msgspec.convert(fitting(given, SamlSettings), SamlSettings))
