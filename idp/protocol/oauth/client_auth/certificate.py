"""Clients that authenticate by their TLS connection (RFC 8705 2): ``tls_client_auth`` with a certificate of an
authority that the operator names, ``self_signed_tls_client_auth`` with one that the client registered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from idp.applications.clients import public_keys, tls
from idp.applications.clients.runtime import ClientConfig
from idp.applications.clients.tls import BY_AUTHORITY, SELF_SIGNED
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import OAuthError, invalid_client
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.client_auth import certificate_names
from idp.protocol.possession import certificates

if TYPE_CHECKING:
    from cryptography import x509

log = structlog.get_logger("idp.client_certificates")


def check(work: Work, client: ClientConfig) -> None:
    """The certificate of this connection is the client's, and good now. Raises ``invalid_client``."""
    der = certificates.der(work)
    if der is None:
        raise _refused(client, "no certificate came along, or nobody who may tell us")
    if client.auth_method == SELF_SIGNED:
        problem = _registered(work, client, der)
    else:
        problem = _issued(client, der, work.platform.settings.client_certificate_ca)
    if problem is not None:
        raise _refused(client, problem)


def _registered(work: Work, client: ClientConfig, der: bytes) -> str | None:
    hashed = hashlib.sha256(der).hexdigest()
    by_keys = client.data.token_endpoint_auth_method == SELF_SIGNED and public_keys.has_certificate(
        work, client, hashed
    )
    if not by_keys and all(each.get("thumbprint_sha256") != hashed for each in _in_force(client, SELF_SIGNED)):
        return "the certificate is none of those in force"
    return None if _timely(_read(der)) else "the certificate is not good at this moment"


def _issued(client: ClientConfig, der: bytes, authorities: str | None) -> str | None:
    if authorities is None:
        return "no authorities are known (IDP_CLIENT_CERTIFICATE_CA)"
    certificate = _read(der)
    if certificate is None or not _timely(certificate):
        return "the certificate can't be read, or is not good at this moment"
    if not _for_clients(certificate):
        return "the certificate is not for clients"
    if not any(_has_issued(each, certificate) for each in _known(authorities)):
        return "the certificate is of no known authority"
    written = [str(each.get("subject_dn") or "") for each in _in_force(client, BY_AUTHORITY)]
    if not any(certificate_names.is_subject(each, certificate) for each in written) and not _says(client, certificate):
        return f"the certificate is somebody else's: {certificate.subject.rfc4514_string()[:200]}"
    return None


def _says(client: ClientConfig, certificate: x509.Certificate) -> bool:
    """Whether it bears the one name that the client says of itself (RFC 8705 2.1.2)."""
    if client.data.token_endpoint_auth_method != BY_AUTHORITY:
        return False
    said = ((name, getattr(client.data, name)) for name in tls.NAMES)
    return any(certificate_names.bears(certificate, name, value) for name, value in said if value)


def _in_force(client: ClientConfig, method: str) -> Iterator[Mapping[str, Any]]:
    """The registered credentials that the client authenticates with now."""
    named = ((client.data.client_authentication_methods or {}).get(method) or {}).get("credentials") or ()
    ids, now = {each.get("id") for each in named}, clock.now_ms()
    for each in client.data.credentials:
        ends = each.get("expires_at")
        if each.get("id") in ids and (not ends or datetime.fromisoformat(ends).timestamp() * 1000 > now):
            yield each


@lru_cache(maxsize=256)
def _read(der: bytes) -> x509.Certificate | None:
    """Read as far as anything is asked of it later: the library parses names and extensions late, and who sends a
    certificate has written it.
    """
    from cryptography import x509

    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.subject, certificate.issuer, certificate.extensions
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None
    return certificate


def _known(file: str) -> tuple[x509.Certificate, ...]:
    """The authorities of the operator's file, read anew when it changes; none where it can't be read."""
    try:
        return _authorities(file, Path(file).stat().st_mtime)
    except (OSError, ValueError) as problem:
        log.warning("the authorities of clients' certificates can't be read", file=file, reason=type(problem).__name__)
        return ()


@lru_cache(maxsize=8)
def _authorities(file: str, _changed: float) -> tuple[x509.Certificate, ...]:
    from cryptography import x509

    return tuple(x509.load_pem_x509_certificates(Path(file).read_bytes()))


def _timely(certificate: x509.Certificate | None) -> bool:
    now = datetime.fromtimestamp(clock.now(), UTC)
    return certificate is not None and certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _for_clients(certificate: x509.Certificate) -> bool:
    """Extended key usage, where there is one, lets it (RFC 5280 4.2.1.12)."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except ValueError:
        return False
    return bool({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}.intersection(usage))


def _has_issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    """An authority, good now, that signed it itself: those in between stand in the operator's file as well."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not constraints.ca or not _timely(authority):
            return False
        certificate.verify_directly_issued_by(authority)
    except (x509.ExtensionNotFound, InvalidSignature, ValueError, TypeError):
        return False
    return True


def _refused(client: ClientConfig, why: str) -> OAuthError:
    return invalid_client(detail=f"client {client.client_id}: {why}")
