"""Signing keys in memory: opened once per process, however often the configuration changes.

Loading an RSA key costs 35 ms (docs/performance.md), so opened keys are remembered by ``kid`` for the life of the
process.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import bindparam, select

from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel.secrets import b64url
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import hardware
from idp.tenant.keys.models import SigningKey

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
KEY_ALG = {alg: alg for alg in ("RS256", "RS512", "PS256", "ES256", "EdDSA")}
"""Algorithm of a token -> algorithm of the key that signs it: one each, since the JWKS names a key's only one (RFC
7517 4.4).
"""
ALGORITHMS = tuple(KEY_ALG)
FEDERATION, FEDERATION_ALG = "RS256-federation", "RS256"
"""What keys are called that sign entity statements and nothing else (OpenID Federation 1.0, 1.2), and with what they
sign.
"""

_opened: dict[tuple[str, str], PrivateKey] = {}


class Key(msgspec.Struct, frozen=True):
    """One signing key. ``jwk`` is public."""

    kid: str
    alg: str
    state: str
    private_sealed: str
    jwk: Json[dict[str, Any]]
    certificate: str


_ALL = Statement(
    "signing_keys_all",
    select(
        SigningKey.kid,
        SigningKey.alg,
        SigningKey.state,
        SigningKey.private_sealed,
        SigningKey.public_jwk.label("jwk"),
        SigningKey.certificate,
    )
    .where(SigningKey.tenant_id == bindparam("tenant"))
    .order_by(SigningKey.created_at),
    row=Key,
)


@dataclass(frozen=True)
class KeyRing:
    """A tenant's keys at one configuration version."""

    tenant_id: str
    keys: tuple[Key, ...]

    def current(self, alg: str) -> Key:
        """The key that signs with ``alg`` now. Raises LookupError when the tenant has none."""
        wanted = KEY_ALG[alg]
        for key in self.keys:
            if key.alg == wanted and key.state == "current":
                return key
        raise LookupError(f"no current {wanted} key")

    def verifying(self, kid: str) -> Key | None:
        """The key with that id unless it was revoked; a plain dictionary look-up (security.md U3)."""
        return next((key for key in self.keys if key.kid == kid and key.state != "revoked"), None)

    def public(self) -> list[dict[str, Any]]:
        """Public members of every key that is not revoked: next, current and previous; those for federations have a
        set of their own.
        """
        return [key.jwk for key in self.keys if key.state != "revoked" and key.alg != FEDERATION]

    def for_federation(self) -> list[Key]:
        """The keys that sign entity statements, unless they were revoked: the current one first. Raises LookupError
        where there is none that signs now.
        """
        found = [key for key in self.keys if key.alg == FEDERATION and key.state != "revoked"]
        if not any(key.state == "current" for key in found):
            raise LookupError("no current key for federations")
        return sorted(found, key=lambda key: key.state != "current")


def ring(work: Work) -> KeyRing:
    """The tenant's keys, remembered with its configuration."""
    return work.config.remember("keys", "", lambda: _load(work))


def _load(work: Work) -> KeyRing:
    return KeyRing(work.tenant_id, tuple(work.hot.all(_ALL, tenant=work.tenant_id)))


def rsa_keys(work: Work) -> list[Key]:
    """The RS256 keys that are not revoked, the one that signs now first, then the next one: what XML is signed with
    and encrypted to.
    """
    order = {"current": 0, "next": 1}
    found = [key for key in ring(work).keys if key.alg == "RS256" and key.state != "revoked"]
    return sorted(found, key=lambda key: order.get(key.state, 2))


def private_key(work: Work, key: Key) -> PrivateKey:
    """The opened private key."""
    found = _opened.get((work.tenant_id, key.kid))
    if found is None:
        text = pem(work, key)
        if text.startswith(hardware.MARK):
            settings = work.platform.settings
            found = _opened[work.tenant_id, key.kid] = hardware.opened(settings, text.removeprefix(hardware.MARK))
        else:
            found = _opened[work.tenant_id, key.kid] = load_pem_private_key(text.encode(), None)  # type: ignore[assignment]
    return found  # type: ignore[return-value]


def pem(work: Work, key: Key) -> str:
    """The private key in PKCS #8, for libraries that open it themselves."""
    return work.sealer(SigningKey.private_sealed, kid=key.kid).open(key.private_sealed)


def sign_bytes(key: PrivateKey, alg: str, data: bytes) -> bytes:
    """The JWS signature of ``data`` (RFC 7518 3; RFC 8037 for EdDSA)."""
    if isinstance(key, rsa.RSAPrivateKey):
        if alg == "PS256":
            return key.sign(data, _PSS, SHA256())
        return key.sign(data, _PKCS1, SHA512() if alg == "RS512" else SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return key.sign(data)


_PKCS1 = padding.PKCS1v15()
_PSS = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)


def header(alg: str, kid: str, typ: str) -> str:
    """The encoded protected header."""
    return b64url(msgspec.json.encode({"alg": alg, "typ": typ, "kid": kid}))


def decode_segment(segment: str) -> bytes:
    """Base64url without padding, strictly. Raises ValueError."""
    return base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
