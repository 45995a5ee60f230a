"""What is known of a token service: from the options, and from its federation metadata, given or fetched.

Behind ``adfs_server`` metadata are asked for again as those of SAML are (:mod:`connectors.saml.sources`). Where an
administrator knows nothing but fingerprints, the certificate that comes with an answer counts if it has one of them:
then the key is still theirs to choose, and nobody else's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from connectors.contract import ConnectorContext, ConnectorError
from connectors.saml.passive.options import PassiveOptions
from connectors.saml.sources import Fetched
from connectors.saml_format import federation, keys
from connectors.saml_format.documents import SamlError
from connectors.saml_format.federation import TokenService
from connectors.web_addresses import is_address

FETCHED: Fetched[TokenService] = Fetched(federation.token_service)
_SHA1, _SHA384 = re.compile(r"[0-9a-f]{40}\Z"), re.compile(r"[0-9a-f]{96}\Z")
NOT_SET_UP = "The identity provider cannot be used."


@dataclass(frozen=True, kw_only=True)
class Source:
    """A token service; certificates as PEM, fingerprints of certificates in lower-case hexadecimal."""

    entity_id: str | None
    sign_in: str | None
    certificates: tuple[str, ...]
    fingerprints: frozenset[str]


def metadata_url(server: str) -> str:
    """Where the metadata of ``adfs_server`` stand: a host as Auth0 takes it, or the whole address. What is no address
    is left as it is, and nobody calls it.
    """
    address = server if "://" in server else f"https://{server}"
    if not is_address(address):
        return address
    parts = urlsplit(address)
    return address if parts.path.strip("/") else f"{address.rstrip('/')}/{federation.PATH}"


def source(context: ConnectorContext, options: PassiveOptions, *, now: int, newer: bool = False) -> Source:
    """The token service of a connection; what options say comes before what metadata say. ``newer``: what is known
    did not do.

    :raises ConnectorError: its metadata cannot be had or read.
    """
    found: TokenService | None = None
    try:
        if options.fedMetadataXml:
            found = _given(options.fedMetadataXml)
        elif options.adfs_server:
            found = FETCHED.get(context, metadata_url(options.adfs_server), now=now, newer=newer)
        own = _read(options.signingCert) if options.signingCert else ()
    except SamlError as error:
        raise ConnectorError("server_error", NOT_SET_UP, detail=str(error)) from error
    return Source(
        entity_id=found.entity_id if found else None,
        sign_in=options.signInEndpoint or (found.sign_in if found else None),
        certificates=tuple(dict.fromkeys([*own, *(found.signing if found else ())])),
        fingerprints=_fingerprints(options),
    )


def home(options: PassiveOptions) -> str:
    """An address of the token service, as far as the options say one; nothing is fetched."""
    if options.signInEndpoint:
        return options.signInEndpoint
    if options.fedMetadataXml:
        return _given(options.fedMetadataXml).sign_in or ""
    return metadata_url(options.adfs_server or "")


def problem(options: PassiveOptions) -> str | None:
    """In words for the caller, the first of what keeps the options from working; None where nothing does."""
    if not options.fedMetadataXml and not options.adfs_server and not options.signInEndpoint:
        return "The connection needs options.adfs_server, options.fedMetadataXml or options.signInEndpoint"
    for name, check in _CHECKS.items():
        try:
            check(options)
        except SamlError as error:
            return f"options.{name}: {error}"
    given = _given(options.fedMetadataXml).signing if options.fedMetadataXml else ()
    if not (options.signingCert or options.adfs_server or given or _fingerprints(options)):
        return "The connection needs what its token service signs with: options.fedMetadataXml or options.thumbprints"
    return None


def _metadata(options: PassiveOptions) -> None:
    if options.fedMetadataXml and not (_given(options.fedMetadataXml).sign_in or options.signInEndpoint):
        raise SamlError("the metadata name no passive endpoint")


def _server(options: PassiveOptions) -> None:
    if options.adfs_server and not is_address(metadata_url(options.adfs_server)):
        raise SamlError("is neither a host nor the address of a web page")


def _page(options: PassiveOptions) -> None:
    if options.signInEndpoint and not is_address(options.signInEndpoint):
        raise SamlError("is not the address of a web page")


def _certificate(options: PassiveOptions) -> None:
    if options.signingCert:
        _read(options.signingCert)


def _form(name: str, form: re.Pattern[str]) -> Callable[[PassiveOptions], None]:
    def check(options: PassiveOptions) -> None:
        for each in getattr(options, name) or ():
            if form.match(_plain(each)) is None:
                raise SamlError(f"{each[:60]} is no fingerprint of a certificate")

    return check


_CHECKS: Mapping[str, Callable[[PassiveOptions], None]] = {
    "adfs_server": _server,
    "signInEndpoint": _page,
    "fedMetadataXml": _metadata,
    "signingCert": _certificate,
    "thumbprints": _form("thumbprints", _SHA1),
    "prev_thumbprints": _form("prev_thumbprints", _SHA1),
    "thumbprints_sha384": _form("thumbprints_sha384", _SHA384),
}


@lru_cache(maxsize=256)
def _given(document: str) -> TokenService:
    return federation.token_service(document)


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[str, ...]:
    return tuple(keys.certificates(text))


def _fingerprints(options: PassiveOptions) -> frozenset[str]:
    """Those of an older certificate count until they are taken away."""
    said = (options.thumbprints, options.prev_thumbprints, options.thumbprints_sha384)
    return frozenset(_plain(each) for names in said for each in names or ())


def _plain(fingerprint: str) -> str:
    return re.sub(r"[\s:]", "", fingerprint).lower()
