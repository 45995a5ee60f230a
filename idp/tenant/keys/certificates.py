"""Certificates around keys of our own: what others want to see of a key, and what is shown of it."""

from __future__ import annotations

import datetime as dt
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from idp.tenant.keys.store import PrivateKey

_YEARS = 10


def self_signed(private: PrivateKey) -> x509.Certificate:
    """A certificate for ten years that the key signs itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gatehouse signing key")])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=365 * _YEARS))
    )
    return builder.sign(private, None if isinstance(private, ed25519.Ed25519PrivateKey) else hashes.SHA256())


def opened(pem: str) -> x509.Certificate:
    """The certificate of a PEM text that we wrote."""
    return x509.load_pem_x509_certificate(pem.encode())


def as_pkcs7(certificate: x509.Certificate) -> str:
    """PEM of a PKCS #7 document that holds it."""
    from cryptography.hazmat.primitives.serialization import pkcs7  # with it comes half of the email package

    return pkcs7.serialize_certificates([certificate], Encoding.PEM).decode()


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-1 in upper-case hexadecimal digits, as Auth0 names keys."""
    return hashlib.sha1(certificate.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest().upper()


def fingerprint(certificate: x509.Certificate) -> str:
    """:func:`thumbprint` with a colon after every second digit."""
    digest = thumbprint(certificate)
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))
