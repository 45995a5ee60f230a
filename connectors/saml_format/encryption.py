"""XML Encryption 1.1, the part that SAML uses: an assertion under an AES key, that key under an RSA one.

AES in GCM and CBC, RSA-OAEP. Not RSA PKCS #1 v1.5 and not triple DES (security.md U8). Every failure is the same one,
whatever went wrong: CBC has no integrity of its own, so nobody may learn what the padding looked like; what was
encrypted counts only once a signature around or inside of it was found good.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from connectors.saml_format import documents, keys
from connectors.saml_format.documents import SamlError, child, children, required, text, unbase64
from connectors.saml_format.names import ASSERTION, ASSERTION_1, ENCRYPTION, ENCRYPTION_11, SIGNATURE, SIGNATURE_MORE, q

if TYPE_CHECKING:
    from lxml.etree import _Element

_AES = {
    f"{ENCRYPTION}aes128-cbc": 16,
    f"{ENCRYPTION}aes192-cbc": 24,
    f"{ENCRYPTION}aes256-cbc": 32,
    f"{ENCRYPTION_11}aes128-gcm": 16,
    f"{ENCRYPTION_11}aes192-gcm": 24,
    f"{ENCRYPTION_11}aes256-gcm": 32,
}
"""Bytes of the key."""
_OAEP_SHA1, _OAEP = f"{ENCRYPTION}rsa-oaep-mgf1p", f"{ENCRYPTION_11}rsa-oaep"
_HASHES = {
    f"{SIGNATURE}sha1": "SHA1",
    f"{ENCRYPTION}sha256": "SHA256",
    f"{SIGNATURE_MORE}sha384": "SHA384",
    f"{ENCRYPTION}sha512": "SHA512",
    f"{ENCRYPTION_11}mgf1sha1": "SHA1",
    f"{ENCRYPTION_11}mgf1sha256": "SHA256",
    f"{ENCRYPTION_11}mgf1sha384": "SHA384",
    f"{ENCRYPTION_11}mgf1sha512": "SHA512",
}
ALGORITHMS = {"aes256-gcm": f"{ENCRYPTION_11}aes256-gcm", "aes256-cbc": f"{ENCRYPTION}aes256-cbc"}
"""Auth0's names of those that we encrypt with."""
_BLOCK, _IV, _TAG = 16, 12, 16
_ASSERTIONS = frozenset({q(ASSERTION, "Assertion"), q(ASSERTION_1, "Assertion")})


def decrypted(encrypted: _Element, private_keys: Sequence[Any]) -> _Element:
    """The assertion of an ``EncryptedAssertion``, or of whatever else holds one ``EncryptedData``, as the root of a
    document of its own. The first of the keys that fits opens it.

    :raises SamlError: an algorithm is not offered, or it cannot be opened.
    """
    data = required(encrypted, ENCRYPTION, "EncryptedData")
    algorithm = str(required(data, ENCRYPTION, "EncryptionMethod").get("Algorithm") or "")
    if algorithm not in _AES:
        raise SamlError(f"encrypted with {algorithm[:100]}", about="encryption")
    key_element = _encrypted_key(encrypted, data)
    padding = _padding(key_element)
    wrapped, content = _cipher(key_element), _cipher(data)
    if not private_keys:
        raise SamlError("there is no key to open the assertion with", about="encryption")
    for key in private_keys:
        plain = _opened(key, padding, wrapped, algorithm, content)
        if plain is not None:
            return _assertion(encrypted, plain)
    raise SamlError("the assertion cannot be opened with our keys", about="encryption")


def _encrypted_key(encrypted: _Element, data: _Element) -> _Element:
    """It stands inside of the data's ``KeyInfo`` or beside the data (XML Encryption 3.5)."""
    found = list(encrypted.iter(q(ENCRYPTION, "EncryptedKey")))
    inside = child(data, SIGNATURE, "KeyInfo")
    allowed = [*children(encrypted), *(children(inside) if inside is not None else ())]
    if len(found) != 1 or found[0] not in allowed:
        raise SamlError("the assertion has not exactly one encrypted key", about="encryption")
    return found[0]


def _padding(key: _Element) -> Any:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP

    method = required(key, ENCRYPTION, "EncryptionMethod")
    algorithm = str(method.get("Algorithm") or "")
    if algorithm not in {_OAEP, _OAEP_SHA1}:
        raise SamlError(f"the key is encrypted with {algorithm[:100]}", about="encryption")
    digest, mask = child(method, SIGNATURE, "DigestMethod"), child(method, ENCRYPTION_11, "MGF")
    names = [
        str(digest.get("Algorithm")) if digest is not None else f"{SIGNATURE}sha1",
        str(mask.get("Algorithm")) if mask is not None and algorithm == _OAEP else f"{ENCRYPTION_11}mgf1sha1",
    ]
    if any(name not in _HASHES for name in names):
        raise SamlError("the key is encrypted with a digest that is not offered", about="encryption")
    of_data, of_mask = (getattr(hashes, _HASHES[name])() for name in names)
    label = child(method, ENCRYPTION, "OAEPparams")
    return OAEP(MGF1(of_mask), of_data, unbase64(text(label)) if label is not None else None)


def _cipher(element: _Element) -> bytes:
    data = required(element, ENCRYPTION, "CipherData")
    return unbase64(text(required(data, ENCRYPTION, "CipherValue")))


def _opened(key: Any, padding: Any, wrapped: bytes, algorithm: str, content: bytes) -> bytes | None:
    """The plaintext, None where anything does not fit."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        secret = key.decrypt(wrapped, padding)
        if len(secret) != _AES[algorithm]:
            return None
        if algorithm.endswith("gcm"):
            return AESGCM(secret).decrypt(content[:_IV], content[_IV:], None)
        cipher = Cipher(algorithms.AES(secret), modes.CBC(content[:_BLOCK])).decryptor()
        padded = cipher.update(content[_BLOCK:]) + cipher.finalize()
    except (ValueError, InvalidTag):
        return None
    return padded[: -padded[-1]] if padded and 1 <= padded[-1] <= _BLOCK else None


def _assertion(encrypted: _Element, plain: bytes) -> _Element:
    """What was encrypted was an element inside of the message: it may use the prefixes that are known there."""
    spaces = "".join(
        f' xmlns{":" + prefix if prefix else ""}="{_escaped(uri)}"' for prefix, uri in encrypted.nsmap.items()
    )
    try:
        wrapper = documents.parse(f"<opened{spaces}>".encode() + plain + b"</opened>")
    except SamlError as error:
        raise SamlError("the assertion cannot be opened with our keys", about="encryption") from error
    inside = children(wrapper)
    if len(inside) != 1 or inside[0].tag not in _ASSERTIONS:
        raise SamlError("something else than an assertion was encrypted", about="encryption")
    return documents.again(inside[0])


def _escaped(uri: str) -> str:
    return uri.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def encrypted(assertion: _Element, receiver: str, algorithm: str = "aes256-gcm") -> _Element:
    """The assertion as an ``EncryptedAssertion`` for the holder of the private key; ``receiver`` is the certificate or
    the public key, as PEM.

    :raises SamlError: the key cannot be read, or is no RSA key.
    """
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA1

    secret, plain = os.urandom(32), documents.written(assertion)
    if algorithm == "aes256-gcm":
        start = os.urandom(_IV)
        content = start + AESGCM(secret).encrypt(start, plain, None)
    else:
        start, short = os.urandom(_BLOCK), _BLOCK - len(plain) % _BLOCK
        cipher = Cipher(algorithms.AES(secret), modes.CBC(start)).encryptor()
        content = start + cipher.update(plain + os.urandom(short - 1) + bytes([short])) + cipher.finalize()
    wrapped = keys.public_key(receiver).encrypt(secret, OAEP(MGF1(SHA1()), SHA1(), None))  # noqa: S303 - what every receiver reads; OAEP needs no collision resistance
    return _encrypted_element(content, ALGORITHMS[algorithm], wrapped)


def _encrypted_element(content: bytes, algorithm: str, wrapped: bytes) -> _Element:
    from connectors.saml_format.signatures import encoded

    prefixes = {"saml": ASSERTION, "xenc": ENCRYPTION, "ds": SIGNATURE}
    made = documents.element(ASSERTION, "EncryptedAssertion", prefixes)
    data = documents.add(made, ENCRYPTION, "EncryptedData", Type=f"{ENCRYPTION}Element")
    documents.add(data, ENCRYPTION, "EncryptionMethod", Algorithm=algorithm)
    info = documents.add(data, SIGNATURE, "KeyInfo")
    key = documents.add(info, ENCRYPTION, "EncryptedKey")
    method = documents.add(key, ENCRYPTION, "EncryptionMethod", Algorithm=_OAEP_SHA1)
    documents.add(method, SIGNATURE, "DigestMethod", Algorithm=f"{SIGNATURE}sha1")
    documents.add(documents.add(key, ENCRYPTION, "CipherData"), ENCRYPTION, "CipherValue", encoded(wrapped))
    documents.add(documents.add(data, ENCRYPTION, "CipherData"), ENCRYPTION, "CipherValue", encoded(content))
    return made
