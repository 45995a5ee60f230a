"""Names that a certificate bears, compared with what is written of a client (RFC 8705 2.1.2): its distinguished name,
or one of the names beside it. No name is a pattern of several.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from idp.applications.clients import credentials, tls

if TYPE_CHECKING:
    from cryptography import x509

Names = list[frozenset[tuple[str, str]]]


def is_subject(written: str, certificate: x509.Certificate) -> bool:
    """Whether a name as RFC 4514 writes it is the certificate's; tools write the parts in either order."""
    names, subject = _written(written), _names(certificate.subject)
    return bool(names) and names in (subject, subject[::-1])


def bears(certificate: x509.Certificate, member: str, said: str) -> bool:
    """Whether it bears what a client says in that member of its metadata."""
    if member == tls.SUBJECT:
        return is_subject(said, certificate)
    beside = _beside(certificate)
    return beside is not None and _OF[member](beside, said)


def _beside(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def _dns(names: x509.SubjectAlternativeName, said: str) -> bool:
    from cryptography import x509

    return said.lower().rstrip(".") in {each.lower().rstrip(".") for each in names.get_values_for_type(x509.DNSName)}


def _uri(names: x509.SubjectAlternativeName, said: str) -> bool:
    from cryptography import x509

    return said in names.get_values_for_type(x509.UniformResourceIdentifier)


def _ip(names: x509.SubjectAlternativeName, said: str) -> bool:
    from cryptography import x509

    try:
        return ipaddress.ip_address(said) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        return False


def _email(names: x509.SubjectAlternativeName, said: str) -> bool:
    """The part before the at sign is its host's to read, the host is any host's (RFC 5280 4.2.1.6)."""
    from cryptography import x509

    return _address(said) in map(_address, names.get_values_for_type(x509.RFC822Name))


def _address(text: str) -> tuple[str, str]:
    local, _, host = text.rpartition("@")
    return local, host.lower()


_OF: Mapping[str, Callable[[x509.SubjectAlternativeName, str], bool]] = {
    "tls_client_auth_san_dns": _dns,
    "tls_client_auth_san_uri": _uri,
    "tls_client_auth_san_ip": _ip,
    "tls_client_auth_san_email": _email,
}


def _names(name: x509.Name) -> Names:
    """The parts of a distinguished name, case and spaces folded."""
    return [
        frozenset((part.oid.dotted_string, " ".join(str(part.value).split()).casefold()) for part in rdn)
        for rdn in name.rdns
    ]


@lru_cache(maxsize=256)
def _written(text: str) -> Names:
    try:
        return _names(credentials.distinguished(text))
    except ValueError:
        return []
