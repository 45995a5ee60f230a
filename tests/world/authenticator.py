"""A software authenticator: keys, counters and flags of WebAuthn (Level 3), with every wrong turn a test wants."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of it."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Passkey:
    """A key of somebody's."""

    rp_id: str
    id: bytes
    user_handle: bytes
    sign: Callable[[bytes], bytes]
    public_key: bytes
    backup_eligible: bool = True
    backed_up: bool = True
    count: int = 0


@dataclass
class Authenticator:
    """A device that makes passkeys; ``counts``: it counts their uses, ``synced``: they may be backed up."""

    origin: str
    synced: bool = True
    counts: bool = False
    verifies: bool = True
    algorithm: int = -7
    attachment: str = "platform"
    passkeys: list[Passkey] = field(default_factory=list)

    def create(self, options: Mapping[str, Any], **changed: Any) -> str:
        """What ``navigator.credentials.create`` would answer, as JSON."""
        sign, public = _pair(self.algorithm)
        made = Passkey(
            options["rp"]["id"],
            secrets.token_bytes(changed.pop("id_bytes", 32)),
            unb64(options["user"]["id"]),
            sign,
            public,
            self.synced,
            self.synced,
            1 if self.counts else 0,
        )
        self.passkeys.append(made)
        client = self._client("webauthn.create", options, changed)
        key = b"\0" * 16 + len(made.id).to_bytes(2, "big") + made.id + public
        data = self._data(made, changed, AT) + key
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        response = {
            "clientDataJSON": b64(client),
            "attestationObject": b64(cbor2.dumps(attestation)),
            "transports": ["internal"],
        }
        return self._answer(made, response, changed)

    def get(self, options: Mapping[str, Any], passkey: Passkey | None = None, **changed: Any) -> str:
        """What ``navigator.credentials.get`` would answer, as JSON. ``changed`` are what is to be wrong: ``type``,
        ``challenge``, ``origin``, ``cross_origin``, ``rp_id``, ``flags`` (all of them), ``count``, ``user_handle``,
        ``signature``.
        """
        used = passkey or self.passkeys[-1]
        client = self._client("webauthn.get", options, changed)
        if self.counts:
            used.count += 1
        data = self._data(used, changed, 0)
        signed = used.sign(data + hashlib.sha256(client).digest())
        handle = changed.get("user_handle", used.user_handle)
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(changed.get("signature", signed)),
            **({"userHandle": b64(handle)} if handle is not None else {}),
        }
        return self._answer(used, response, changed)

    def _client(self, kind: str, options: Mapping[str, Any], changed: dict[str, Any]) -> bytes:
        client = {
            "type": changed.get("type", kind),
            "challenge": changed.get("challenge", options["challenge"]),
            "origin": changed.get("origin", self.origin),
            "crossOrigin": changed.get("cross_origin", False),
        }
        return json.dumps(client).encode()

    def _data(self, passkey: Passkey, changed: dict[str, Any], extra: int) -> bytes:
        flags = UP | (UV if self.verifies else 0)
        flags |= (BE if passkey.backup_eligible else 0) | (BS if passkey.backed_up else 0)
        flags = int(changed.get("flags", flags)) | extra
        count = int(changed.get("count", passkey.count))
        rp_id = str(changed.get("rp_id", passkey.rp_id))
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _answer(self, passkey: Passkey, response: dict[str, Any], changed: dict[str, Any]) -> str:
        shown = b64(changed.get("id", passkey.id))
        answer = {
            "id": shown,
            "rawId": shown,
            "type": "public-key",
            "authenticatorAttachment": self.attachment,
            "clientExtensionResults": {},
            "response": response,
        }
        return json.dumps(answer)


def _pair(algorithm: int) -> tuple[Callable[[bytes], bytes], bytes]:
    """How a new key signs, and its public half (COSE, RFC 9053)."""
    if algorithm == -8:
        edwards = ed25519.Ed25519PrivateKey.generate()
        return edwards.sign, cbor2.dumps({1: 1, 3: -8, -1: 6, -2: edwards.public_key().public_bytes_raw()})
    if algorithm == -257:
        key = rsa.generate_private_key(65537, 2048)
        numbers = key.public_key().public_numbers()
        public = {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")}
        return lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256()), cbor2.dumps(public)
    curve = ec.generate_private_key(ec.SECP256R1())
    point = curve.public_key().public_numbers()
    public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
    return lambda data: curve.sign(data, ec.ECDSA(hashes.SHA256())), cbor2.dumps(public)
