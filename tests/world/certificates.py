"""Certificates that clients show, of authorities of a test or their own, and how a proxy tells them."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from joserfc.jwk import ECKey

HEADER = "X-Client-Cert"
PROXY = "10.1.2.3"
CLIENT_AUTH, SERVER_AUTH = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
DAY = dt.timedelta(days=1)


@dataclass
class Certified:
    """A key with its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key with its certificate (RFC 7517 4.7)."""
        made = ECKey.import_key(self.key.public_key()).as_dict(private=False)
        return {**made, "x5c": [base64.b64encode(self.der).decode()]}

    @property
    def x5t(self) -> str:
        """``x5t#S256``."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.der).digest()).rstrip(b"=").decode()

    @property
    def escaped(self) -> str:
        """As nginx writes ``$ssl_client_escaped_cert``."""
        return quote(self.pem)


@dataclass
class Authority:
    """Signs certificates of clients."""

    name: str = "Partners"
    own: Certified = field(init=False)

    def __post_init__(self) -> None:
        self.own = certified(f"CN={self.name}", ca=True)

    def issue(self, subject: str, **more: object) -> Certified:
        """A certificate for that name (RFC 4514)."""
        return certified(subject, by=self.own, **more)  # type: ignore[arg-type]


def certified(
    subject: str,
    *,
    by: Certified | None = None,
    ca: bool = False,
    days: tuple[int, int] = (-1, 30),
    usage: ObjectIdentifier | None = CLIENT_AUTH,
    beside: Sequence[x509.GeneralName] = (),
) -> Certified:
    """A new key and its certificate, self-signed unless ``by`` somebody; good from and until ``days`` from now.
    ``beside``: further names of the subject.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string(subject)
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by.certificate.subject if by else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if usage is not None and not ca:
        built = built.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if beside:
        built = built.add_extension(x509.SubjectAlternativeName(beside), critical=False)
    return Certified(key, built.sign(by.key if by else key, hashes.SHA256()))


def behind_a_proxy(file: Path, *authorities: Authority) -> dict[str, str]:
    """Settings of a process that :data:`PROXY` tells certificates, in :data:`HEADER`; authorities are kept in a
    file.
    """
    file.write_text("".join(each.own.pem for each in authorities))
    return {
        "IDP_CLIENT_CERTIFICATE_HEADER": HEADER,
        "IDP_CLIENT_CERTIFICATE_PROXIES": "10.0.0.0/8",
        "IDP_CLIENT_CERTIFICATE_CA": str(file),
    }
