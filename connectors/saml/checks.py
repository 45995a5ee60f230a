"""What keeps options from working, told when they are saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors.saml import requests
from connectors.saml.options import Pair, SamlOptions
from connectors.saml_format import keys, metadata
from connectors.saml_format.documents import SamlError
from connectors.web_addresses import is_address

NAMES_TARGET = ("signInEndpoint", "metadataUrl", "metadataXml", "pingFederateBaseUrl")


def problem(options: SamlOptions) -> str | None:
    """In words for the caller, the first of what is wrong; None where nothing is."""
    if not any(getattr(options, name) for name in NAMES_TARGET):
        return "A SAML connection needs options.signInEndpoint, or options.metadataUrl or options.metadataXml"
    for name, check in _CHECKS.items():
        if not getattr(options, name):
            continue
        try:
            check(options)
        except SamlError as error:
            return f"options.{name}: {error}"
    has_key = any(getattr(options, name) for name in ("signingCert", "cert", "certs", "metadataUrl"))
    if not has_key and not (options.metadataXml and metadata.identity_provider(options.metadataXml).signing):
        return "A SAML connection needs the certificate that its identity provider signs with: options.signingCert"
    unsolicited = options.idpinitiated
    if unsolicited and unsolicited.enabled and not unsolicited.client_id:
        return "options.idpinitiated.client_id has to name the application that people are signed in to"
    return None


def _page(name: str) -> Callable[[SamlOptions], None]:
    def check(options: SamlOptions) -> None:
        if not is_address(getattr(options, name)):
            raise SamlError("is not the address of a web page")

    return check


def _certificate(text: object) -> None:
    keys.certificates(str(text))


def _certificates(options: SamlOptions) -> None:
    for each in options.certs or ():
        keys.certificates(each)


def _metadata(options: SamlOptions) -> None:
    found = metadata.identity_provider(str(options.metadataXml))
    if not found.sign_in and not options.signInEndpoint:
        raise SamlError("the metadata name no SingleSignOnService")


def _decryption(options: SamlOptions) -> None:
    found = options.decryptionKey
    if isinstance(found, Pair):
        keys.private_key(str(found.key or ""))
    else:
        keys.private_key(str(found))


def _signing(options: SamlOptions) -> None:
    if isinstance(options.signing_key, Pair):
        keys.private_key(str(options.signing_key.key or ""))
        keys.certificates(str(options.signing_key.cert or ""))


def _template(options: SamlOptions) -> None:
    requests.check_template(str(options.requestTemplate))


_CHECKS: Mapping[str, Callable[[SamlOptions], None]] = {
    **{name: _page(name) for name in ("signInEndpoint", "signOutEndpoint", "metadataUrl", "pingFederateBaseUrl")},
    "signingCert": lambda options: _certificate(options.signingCert),
    "cert": lambda options: _certificate(options.cert),
    "certs": _certificates,
    "metadataXml": _metadata,
    "decryptionKey": _decryption,
    "signing_key": _signing,
    "requestTemplate": _template,
}
