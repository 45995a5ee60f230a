"""``custom_password_hash`` of an import: what it may say, how it is kept with an account, whether a password fits.

It is kept as a text of its own kind, so that everybody sees whose hash it is: whoever has signed in with it has one of
ours instead, and no import replaces that (security.md Z3).
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec

from idp.directory.users.foreign_hashes import costs, digests
from idp.directory.users.foreign_hashes.schemes import SCHEMES, binary, scrypt

_PREFIX = "imported:"
PLAIN = frozenset({"md4", "md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
"""Digests of salt and password."""
SALTED = PLAIN | {"bcrypt", "scrypt", "firebase_scrypt"}
"""Algorithms that take a ``salt`` of its own; in all others it stands in the hash."""
ALGORITHMS = frozenset({*SCHEMES, *PLAIN, "hmac", "scrypt", "firebase_scrypt"})
_CODECS = {
    "ascii": "ascii",
    "utf8": "utf-8",
    "utf16le": "utf-16-le",
    "ucs2": "utf-16-le",
    "latin1": "latin-1",
    "binary": "latin-1",
}
Document = Mapping[str, Any]


def is_imported(password_hash: str) -> bool:
    """Whether the text is one of :func:`kept`."""
    return password_hash.startswith(_PREFIX)


def kept(document: Document) -> str:
    """The text that stands with the account for a hash that :func:`problem` found nothing wrong with."""
    return _PREFIX + msgspec.json.encode(document).decode()


def problem(document: Document) -> str | None:
    """What is wrong with a hash whose members have their types, in words for whoever imports it; else None."""
    algorithm = document["algorithm"]
    if algorithm not in SALTED and "salt" in document:
        return f"{algorithm} takes no salt of its own"
    try:
        _check(algorithm, document)
    except (costs.TooCostly, ValueError) as error:
        return str(error) or "The hash cannot be read"
    return None


def fits_imported(password_hash: str, password: str) -> bool:
    """Whether the password fits a text of :func:`kept`: as it was typed, or in its composed form."""
    document = msgspec.json.decode(password_hash.removeprefix(_PREFIX), type=dict[str, Any])
    composed = unicodedata.normalize("NFC", password)
    return any(_fits(document, each) for each in dict.fromkeys((password, composed)))


def _check(algorithm: str, document: Document) -> None:
    hashed, scheme = document["hash"], SCHEMES.get(algorithm)
    if (hashed["encoding"] == "utf8") is not (scheme is not None):
        raise ValueError(f"hash.encoding of {algorithm} is {'utf8' if scheme else 'hex or base64'}")
    if "salt" in document:
        _bytes(document["salt"], "base64" if algorithm == "firebase_scrypt" else "utf8")
    if scheme is not None:
        scheme.check(hashed["value"])
        return
    length = len(_bytes(hashed))
    if algorithm == "scrypt":
        if document.get("keylen") != length:
            raise ValueError("keylen is the number of bytes of the hash")
        costs.scrypt(*_scrypt_costs(document), length)
    elif algorithm == "firebase_scrypt":
        _check_firebase(document)
    elif algorithm == "hmac":
        _check_hmac(hashed)
    elif not digests.available(algorithm):
        raise ValueError(f"{algorithm} cannot be computed here")


def _check_hmac(hashed: Document) -> None:
    name = digests.named(str(hashed.get("digest") or ""))
    if name is None or not isinstance(hashed.get("key"), Mapping):
        raise ValueError("hmac needs hash.digest and hash.key")
    if not digests.available(name):
        raise ValueError(f"{name} cannot be computed here")
    _bytes(hashed["key"], "utf8")


def _check_firebase(document: Document) -> None:
    if not document.get("signer_key"):
        raise ValueError("firebase_scrypt needs signer_key")
    binary(document["signer_key"])
    binary(document.get("salt_separator", ""))
    costs.scrypt(*_firebase_costs(document), 64)


def _fits(document: Document, typed: str) -> bool:
    encoding = (document.get("password") or {}).get("encoding", "utf8")
    try:
        password = typed.encode(_CODECS[encoding])
    except UnicodeEncodeError:
        return False
    algorithm, hashed = document["algorithm"], document["hash"]
    if algorithm in SCHEMES:
        return SCHEMES[algorithm].fits(hashed["value"], _salted(document, password))
    known = _bytes(hashed)
    if algorithm == "hmac":
        name = digests.named(hashed["digest"]) or ""
        made = digests.keyed(name, _bytes(hashed["key"], "utf8"), password)
    elif algorithm == "scrypt":
        salt = _bytes(document["salt"], "utf8") if "salt" in document else b""
        made = scrypt(password, salt, *_scrypt_costs(document), len(known))
    elif algorithm == "firebase_scrypt":
        made = _firebase(document, password)
    else:
        made = digests.digest(algorithm, _salted(document, password))
    return hmac.compare_digest(made, known)


def _salted(document: Document, password: bytes) -> bytes:
    if "salt" not in document:
        return password
    salt = _bytes(document["salt"], "utf8")
    return password + salt if document["salt"].get("position") == "suffix" else salt + password


def _scrypt_costs(document: Document) -> tuple[int, int, int]:
    return document.get("cost", 16_384), document.get("blockSize", 8), document.get("parallelization", 1)


def _firebase_costs(document: Document) -> tuple[int, int, int]:
    memory = int(document.get("memory_cost", 14))
    if not 1 <= memory <= 20:
        raise costs.TooCostly("memory_cost is from 1 to 20")
    return 2**memory, int(document.get("rounds", 8)), 1


def _firebase(document: Document, password: bytes) -> bytes:
    """Firebase Authentication: the project's key, encrypted with a key that scrypt makes of the password."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    salt = _bytes(document["salt"], "base64") if "salt" in document else b""
    made = scrypt(password, salt + binary(document.get("salt_separator", "")), *_firebase_costs(document), 64)
    encryptor = Cipher(algorithms.AES(made[:32]), modes.CTR(bytes(16))).encryptor()
    return encryptor.update(binary(document["signer_key"])) + encryptor.finalize()


def _bytes(part: Document, usual: str = "") -> bytes:
    """A value in the encoding that stands beside it. Raises ValueError."""
    encoding, value = part.get("encoding", usual), part["value"]
    if encoding == "hex":
        return bytes.fromhex(value)
    return binary(value) if encoding == "base64" else value.encode("utf-8")
