"""A local certificate authority and a certificate for localhost, so that clients that insist on https can be tried.

Files in the folder: ``ca.pem`` (what clients trust), ``ca.key``, ``localhost.pem``, ``localhost.key``; keys are mode
600.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 397
RENEW_DAYS = 30
_NAMES = ("localhost",)
_ADDRESSES = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class LocalCertificate:
    """Where the PEM files are."""

    authority: Path
    certificate: Path
    key: Path


def ensure(folder: Path) -> LocalCertificate:
    """The files, made where they are missing and renewed before they end. The authority stays as long as it
    is valid.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = LocalCertificate(folder / "ca.pem", folder / "localhost.pem", folder / "localhost.key")
    authority_key = folder / "ca.key"
    if not (authority_key.exists() and _lasts(made.authority)):
        _make_authority(made.authority, authority_key)
        made.certificate.unlink(missing_ok=True)
    if not (made.key.exists() and _lasts(made.certificate)):
        _make_certificate(made, authority_key)
    return made


def _lasts(file: Path) -> bool:
    if not file.exists():
        return False
    ends = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    return ends - _now() > dt.timedelta(days=RENEW_DAYS)


def _make_authority(file: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Gatehouse local development CA")])
    built = (
        _builder(name, name, key.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_file, key)
    file.write_bytes(built.public_bytes(Encoding.PEM))


def _make_certificate(made: LocalCertificate, authority_key_file: Path) -> None:
    authority_key = load_pem_private_key(authority_key_file.read_bytes(), None)
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    if not isinstance(authority_key, ec.EllipticCurvePrivateKey):
        raise TypeError("ca.key is not the key that was written there")
    key = ec.generate_private_key(ec.SECP256R1())
    names = [*map(x509.DNSName, _NAMES), *(x509.IPAddress(ipaddress.ip_address(each)) for each in _ADDRESSES)]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    built = (
        _builder(subject, authority.subject, key.public_key(), CERTIFICATE_DAYS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _write_key(made.key, key)
    made.certificate.write_bytes(built.public_bytes(Encoding.PEM) + made.authority.read_bytes())


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    start = _now() - dt.timedelta(minutes=5)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
        handle.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
