"""Hashes and encryption of secrets at rest.

Opaque tokens are stored as SHA-256 (they carry 256 bits of entropy, a slow hash adds nothing); what must be read back
(client secrets, private keys, mails that hold a link) is sealed with AES-256-GCM under a key derived from
``IDP_SECRET_KEY``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Sequence

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MIN_MASTER_KEY_BYTES = 32
MIN_HS256_BYTES = 32
"""RFC 7518 3.2: a key as long as the hash."""


def digest(token: str) -> str:
    """SHA-256 of an opaque token, hex: what the database holds."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def equal(a: str, b: str) -> bool:
    """Constant-time comparison of two strings."""
    return hmac.compare_digest(a.encode("utf-8", "surrogatepass"), b.encode("utf-8", "surrogatepass"))


def signs_hs256(secret: str) -> bool:
    """Whether the secret is long enough to sign with HMAC-SHA256: a shorter one is guessed from a single signature."""
    return len(secret.encode()) >= MIN_HS256_BYTES


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


SEALED = re.compile(r"v[12]\.[0-9a-f]{8}\.[A-Za-z0-9_-]+")
"""What a sealed text looks like: its version, the id of its master key, nonce and ciphertext."""


class UnknownMasterKey(ValueError):
    """A value was sealed with a master key that is not among those given."""


class Sealer:
    """Encrypts with the first of the master keys and decrypts with any, so that keys can rotate.

    ``purpose`` separates the derived keys: what was sealed for one purpose does not open for another. :meth:`at` binds
    to a place; nothing is sealed without one (decision 0109).
    """

    def __init__(self, master_keys: Sequence[str], purpose: str) -> None:
        self._keys = [(_key_id(key), AESGCM(derive(key, f"seal:{purpose}"))) for key in master_keys]

    @property
    def newest(self) -> str:
        """Id of the key that seals."""
        return self._keys[0][0]

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Ids of all keys, the newest first."""
        return tuple(key_id for key_id, _ in self._keys)

    def at(self, *place: str) -> BoundSealer:
        """For the values of one place: what is sealed for it opens nowhere else."""
        return BoundSealer(self, msgspec.json.encode(place))

    def cipher(self, key_id: str) -> AESGCM:
        """The cipher of that key. Raises UnknownMasterKey."""
        for known, cipher in self._keys:
            if known == key_id:
                return cipher
        raise UnknownMasterKey("sealed with a master key that IDP_SECRET_KEY does not list")


class BoundSealer:
    """Seals and opens what one place holds: a column of a row of a tenant."""

    def __init__(self, sealer: Sealer, place: bytes) -> None:
        self._sealer = sealer
        self._place = place

    def seal(self, text: str) -> str:
        """``v2.<key id>.<nonce and ciphertext>``; random 96-bit nonce (security.md U9), the place is associated
        data.
        """
        key_id = self._sealer.newest
        nonce = os.urandom(12)
        sealed = self._sealer.cipher(key_id).encrypt(nonce, text.encode(), self._associated(key_id))
        return f"v2.{key_id}.{b64url(nonce + sealed)}"

    def open(self, sealed: str) -> str:
        """The text again. What an earlier version sealed (``v1``) is bound to no place.

        :raises UnknownMasterKey: none of the master keys is the one it was sealed with.
        :raises ValueError: the text was changed, or belongs elsewhere.
        """
        version, key_id, body = sealed.split(".", 2)
        cipher = self._sealer.cipher(key_id)
        try:
            raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
            associated = key_id.encode() if version == "v1" else self._associated(key_id)
            return cipher.decrypt(raw[:12], raw[12:], associated).decode()
        except InvalidTag as error:
            raise ValueError("sealed value does not open") from error

    def is_current(self, sealed: str) -> bool:
        """Whether it is sealed with the newest key, and for a place."""
        return sealed.startswith(f"v2.{self._sealer.newest}.")

    def _associated(self, key_id: str) -> bytes:
        return key_id.encode() + b"\0" + self._place


def key_id_of(sealed: str) -> str:
    """Id of the master key that sealed it."""
    return sealed.split(".", 2)[1]


class Signer:
    """Short keyed tags (HMAC-SHA256) for values that only have to be recognised as ours."""

    def __init__(self, master_keys: Sequence[str], purpose: str) -> None:
        self._keys = [derive(key, f"sign:{purpose}") for key in master_keys]

    def tag(self, value: str) -> str:
        """Base64url tag made with the first master key."""
        return _tag(self._keys[0], value)

    def check(self, value: str, tag: str) -> bool:
        """Whether any of the master keys made ``tag`` for ``value``; constant time."""
        return any(
            [hmac.compare_digest(_tag(key, value).encode(), tag.encode("utf-8", "replace")) for key in self._keys]
        )


def derive(master: str, info: str) -> bytes:
    """A 32-byte key of its own for each use of the master key (HKDF, RFC 5869)."""
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"gatehouse", info=info.encode()).derive(master.encode())


def _key_id(master: str) -> str:
    return hashlib.sha256(b"key id\0" + master.encode()).hexdigest()[:8]


def _tag(key: bytes, value: str) -> str:
    return b64url(hmac.new(key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).digest())
