"""Keys and certificates: read as administrators paste them, and used on bytes."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from connectors.saml_format.documents import SamlError
from connectors.saml_format.names import RSA_SHA1

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.x509 import Certificate

_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
LEAST_RSA_BITS = 2048


@dataclass(frozen=True)
class KeyPair:
    """A private key of ``cryptography`` with its certificate (PEM)."""

    private_key: Any
    certificate: str


def certificates(text: str) -> list[str]:
    """The certificates in a text, as PEM: one or several PEM blocks, the base64 of those (as Auth0's ``signingCert``),
    or the bare base64 of one certificate (as metadata has it).

    :raises SamlError: there is none, or one cannot be read or has a key that nothing can be verified with.
    """
    blocks = _BLOCK.findall(text)
    if not text.strip():
        raise SamlError("no certificate")
    if not blocks:
        try:
            inner = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise SamlError("no certificate: neither PEM nor base64") from error
        blocks = _BLOCK.findall(inner.decode("ascii", "replace")) or [base64.b64encode(inner).decode()]
    return [_pem(block) for block in blocks]


def _pem(block: str) -> str:
    body = "".join(block.split())
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    pem = f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
    _usable(opened(pem))
    return pem


@lru_cache(maxsize=256)
def opened(pem: str) -> Certificate:
    """The certificate.

    :raises SamlError: it cannot be read.
    """
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise SamlError("the certificate cannot be read") from error


def _usable(certificate: Certificate) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SamlError("the key of the certificate cannot be read") from error
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < LEAST_RSA_BITS:
            raise SamlError(f"the RSA key of the certificate has {key.key_size} bits, fewer than {LEAST_RSA_BITS}")
    elif not isinstance(key, ec.EllipticCurvePublicKey):
        raise SamlError("the certificate has neither an RSA nor an EC key")


def ends(pem: str) -> dt.datetime:
    """When the certificate expires."""
    return opened(pem).not_valid_after_utc


def body(pem: str) -> str:
    """The certificate as metadata has it: base64, without the lines around."""
    return "".join(line for line in pem.splitlines() if "-----" not in line)


def private_key(text: str) -> Any:
    """An RSA private key of a PEM text.

    :raises SamlError: it cannot be read, or is no RSA key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SamlError("the private key cannot be read: unencrypted PEM is needed") from error
    if not isinstance(key, RSAPrivateKey):
        raise SamlError("the private key is no RSA key")
    return key


def public_key(text: str) -> RSAPublicKey:
    """The RSA key of a certificate, in whatever form :func:`certificates` takes, or a PEM of the key itself.

    :raises SamlError: it cannot be read, or is no RSA key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(text.encode()) if "PUBLIC KEY-----" in text else None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SamlError("the public key cannot be read") from error
    found = opened(certificates(text)[0]).public_key() if key is None else key
    if not isinstance(found, RSAPublicKey):
        raise SamlError("the key to encrypt with is no RSA key")
    return found


def sign(key: Any, algorithm: str, data: bytes) -> bytes:
    """An RSA signature (PKCS #1 v1.5) with the algorithm of that name."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    signature: bytes = key.sign(data, PKCS1v15(), _hash(algorithm))
    return signature


def verifies(pem: str, algorithm: str, data: bytes, signature: bytes) -> bool:
    """Whether the certificate's key made it. The caller knows that the algorithm is one that is believed."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    key = opened(pem).public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey) and "rsa" in algorithm:
            key.verify(signature, data, PKCS1v15(), _hash(algorithm))
            return True
        if isinstance(key, ec.EllipticCurvePublicKey) and "ecdsa" in algorithm:
            half = len(signature) // 2
            pair = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            key.verify(encode_dss_signature(*pair), data, ec.ECDSA(_hash(algorithm)))
            return True
    except InvalidSignature:
        return False
    return False


def _hash(algorithm: str) -> Any:
    from cryptography.hazmat.primitives import hashes

    if algorithm == RSA_SHA1:
        return hashes.SHA1()  # noqa: S303 - for requests to a source that reads nothing else, where its operator says so
    known: dict[str, Any] = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
    return known[algorithm.rpartition("-")[2]]()
