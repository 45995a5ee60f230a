"""Use cases on signing keys: make, rotate, revoke. Runs in the caller's unit of work and raises the configuration
version.
"""

from __future__ import annotations

import base64
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import select

from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.kernel.ids import alphanumeric
from idp.foundation.kernel.secrets import b64url
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import hardware
from idp.tenant.keys.certificates import self_signed
from idp.tenant.keys.models import SigningKey
from idp.tenant.keys.store import FEDERATION, FEDERATION_ALG, KEY_ALG, PrivateKey

RSA_BITS = 2048
RSA_ENCRYPTION, EC_ENCRYPTION = "RSA-OAEP", "ECDH-ES"
"""What the keys are called that clients encrypt to."""


def ensure(work: Work, alg: str = "RS256") -> None:
    """Make sure the tenant has a current and a next key for ``alg`` (one of store.ALGORITHMS)."""
    key_alg = KEY_ALG.get(alg, alg)
    if not _missing(work, key_alg):
        return
    _lock(work)
    missing = _missing(work, key_alg)
    for state in missing:
        work.rows.add(_generate(work, key_alg, state))
    if missing:
        work.rows.flush()
        work.configuration_changed()


def _missing(work: Work, alg: str) -> list[str]:
    states = set(
        work.rows.scalars(select(SigningKey.state).where(SigningKey.alg == alg, SigningKey.tenant_id == work.tenant_id))
    )
    return [state for state in ("current", "next") if state not in states]


def _lock(work: Work) -> None:
    """Keys are made and turned one at a time: under the tenant's own row, since a key that is being made has none."""
    work.rows.lock_one(Tenant, work.tenant_id)


def ensure_for(work: Work, alg: object) -> None:
    """Make sure that what was just set to sign with ``alg`` can; algorithms with a shared secret need no key."""
    if isinstance(alg, str) and alg in KEY_ALG:
        ensure(work, alg)


def ensure_encryption(work: Work) -> None:
    """Make sure that clients can encrypt something to the tenant."""
    for name in (RSA_ENCRYPTION, EC_ENCRYPTION):
        ensure(work, name)


def ensure_federation(work: Work) -> None:
    """Make sure that the tenant can sign what it says of itself in federations."""
    ensure(work, FEDERATION)


def rotate(work: Work) -> SigningKey:
    """Next becomes current, current becomes previous, a new next is made; for every algorithm in use. Answers the
    RS256 current key.
    """
    _lock(work)
    algs = set(
        work.rows.scalars(
            select(SigningKey.alg).where(SigningKey.state == "current", SigningKey.tenant_id == work.tenant_id)
        )
    )
    for alg in sorted(algs):
        _rotate_alg(work, alg)
    work.configuration_changed()
    work.rows.flush()
    return work.rows.scalars(
        select(SigningKey).where(
            SigningKey.state == "current", SigningKey.alg == "RS256", SigningKey.tenant_id == work.tenant_id
        )
    ).one()


def revoke(work: Work, kid: str) -> SigningKey:
    """Take a key out of the JWKS at once. Revoking the current key rotates first. Raises NotFound, BadRequest (already
    revoked).
    """
    _lock(work)
    key = work.rows.lock_one(SigningKey, kid)
    if key is None:
        raise NotFound("The signing key does not exist.", "inexistent_signing_key")
    if key.state == "revoked":
        raise BadRequest("The signing key is revoked already.", "operation_not_supported")
    if key.state in {"current", "next"}:
        _rotate_alg(work, key.alg)
        if key.state == "current":  # it was the next one: a second turn takes it off duty
            _rotate_alg(work, key.alg)
    key.state, key.revoked_at = "revoked", clock.now_ms()
    work.configuration_changed()
    work.rows.flush()
    return key


def _rotate_alg(work: Work, alg: str) -> None:
    moment = clock.now_ms()
    keys = {
        key.state: key
        for key in work.rows.lock_all(
            select(SigningKey).where(SigningKey.alg == alg, SigningKey.tenant_id == work.tenant_id)
        )
        if key.state in {"next", "current"}
    }
    if "current" in keys:
        keys["current"].state, keys["current"].current_until = "previous", moment
    turned = keys.get("next") or _generate(work, alg, "next")
    turned.state, turned.current_since = "current", moment
    work.rows.add(turned)
    work.rows.add(_generate(work, alg, "next"))
    work.rows.flush()


def _generate(work: Work, alg: str, state: str) -> SigningKey:
    private: PrivateKey
    kid = alphanumeric(21)
    settings, named = work.platform.settings, alg
    alg = FEDERATION_ALG if alg == FEDERATION else alg
    if hardware.makes(settings, alg):
        private = hardware.generate(settings, alg, kid, bits=RSA_BITS)
    elif alg in {"RS256", "RS512", "PS256", RSA_ENCRYPTION}:
        private = rsa.generate_private_key(65537, RSA_BITS)
    elif alg in {"ES256", EC_ENCRYPTION}:
        private = ec.generate_private_key(ec.SECP256R1())
    else:
        private = ed25519.Ed25519PrivateKey.generate()
    moment = clock.now_ms()
    certificate = self_signed(private)
    held = hardware.MARK + kid if hardware.makes(settings, alg) else _pem(private)
    return SigningKey(
        tenant_id=work.tenant_id,
        kid=kid,
        alg=named,
        state=state,
        private_sealed=work.sealer(SigningKey.private_sealed, kid=kid).seal(held),
        public_jwk=_public_jwk(private, alg, kid, certificate),
        certificate=certificate.public_bytes(Encoding.PEM).decode(),
        created_at=moment,
        current_since=moment if state == "current" else None,
    )


def _pem(private: PrivateKey) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _public_jwk(private: PrivateKey, alg: str, kid: str, certificate: x509.Certificate) -> dict[str, Any]:
    kinds = {"RS256": RSAKey, "RS512": RSAKey, "PS256": RSAKey, "ES256": ECKey, "EdDSA": OKPKey}
    kind: Any = {**kinds, RSA_ENCRYPTION: RSAKey, EC_ENCRYPTION: ECKey}[alg]
    members = {
        name: value
        for name, value in kind.import_key(private.public_key()).as_dict(private=False).items()
        if name != "kid"
    }
    if alg in {RSA_ENCRYPTION, EC_ENCRYPTION}:  # for each algorithm with such a key
        return {**members, "use": "enc", "kid": kid}
    der = certificate.public_bytes(Encoding.DER)
    extra: dict[str, Any] = {"use": "sig", "alg": alg, "kid": kid}
    if members["kty"] == "RSA":
        extra |= {"x5t": b64url(certificate.fingerprint(hashes.SHA1())), "x5c": [base64.b64encode(der).decode()]}  # noqa: S303
    return {**members, **extra}
