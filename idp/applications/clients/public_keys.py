"""The public keys that a client signs with: those registered as credentials, those in its ``jwks``, and those that its
``jwks_uri`` publishes. What each verifies is its own algorithm's, never what a token's header would like (security.md
E5, A12).
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry
from joserfc.jws import JWSRegistry

from idp.applications.clients import published as key_sets
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work

ALGORITHMS: Mapping[str, tuple[str, str | None]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""What clients may sign with, each with the kind of key and the curve that it needs."""
MIN_RSA_BITS, MOST_RSA_BITS = 2048, 8192
SIZE_OF_RSA = f"An RSA key has {MIN_RSA_BITS} to {MOST_RSA_BITS} bits"
MOST_KEYS = 50
FRESH_S = 300
"""How long a published set is used without another look: a key that is taken out of it is good for that long."""
KEPT_S = 3_600
"""How long it stands in where the address does not answer any more."""
AGAIN_S = 10
"""How long the same address is left alone, whatever anybody signs with: a key that is new to the set waits for that
long at most.
"""
MOST_SETS = 500
"""Published sets that a process remembers."""


class ClientKey(msgspec.Struct, frozen=True):
    """One key; ``alg`` is the only algorithm that it verifies, None any that fits it; ``ends_at`` in ms."""

    kid: str | None
    alg: str | None
    kind: tuple[str, str | None]
    opened: Any
    ends_at: int | None = None
    certificate: str | None = None
    """SHA-256, in hex, of the certificate that the key brings along (``x5c``, RFC 7517 4.7)."""

    def fits(self, alg: str, kid: str | None) -> bool:
        """Whether a signature with that algorithm, of the key that the header names (None: of any), could be its."""
        return (
            ALGORITHMS.get(alg) == self.kind
            and self.alg in (None, alg)
            and kid in (None, self.kid)
            and (self.ends_at is None or self.ends_at > clock.now_ms())
        )

    def verifies(self, alg: str, body: bytes, signature: bytes) -> bool:
        """Whether the signature is its; only where it :meth:`fits`."""
        return bool(JWSRegistry.algorithms[alg].verify(body, signature, self.opened))


class Unusable(ValueError):
    """A key that is no public key of a kind in :data:`ALGORITHMS`; the text is for whoever registers it."""


def read(
    jwk: Mapping[str, Any], *, alg: str | None = None, kid: str | None = None, ends_at: int | None = None
) -> ClientKey:
    """The key of a JWK. Raises Unusable."""
    kind = (str(jwk.get("kty")), jwk.get("crv") if jwk.get("kty") != "RSA" else None)
    if kind not in ALGORITHMS.values():
        raise Unusable("Only RSA keys, keys on P-256, P-384 and P-521, and Ed25519 keys are accepted")
    if "d" in jwk:
        raise Unusable("A private key was given where the public one belongs")
    if jwk.get("use") not in (None, "sig"):
        raise Unusable("The key is for encryption")
    named = alg or jwk.get("alg")
    if named is not None and ALGORITHMS.get(str(named)) != kind:
        raise Unusable(f"The algorithm {str(named)[:20]} does not fit the key")
    usable = {name: value for name, value in jwk.items() if name in {"kty", "crv", "x", "y", "n", "e"}}
    if not all(isinstance(value, str) for value in usable.values()):
        raise Unusable("The key can't be read")
    if kind[0] == "RSA" and not MIN_RSA_BITS <= _bits(usable.get("n", "")) <= MOST_RSA_BITS:
        raise Unusable(SIZE_OF_RSA)
    try:
        opened: Any = JWKRegistry.import_key(usable)
        _ = opened.public_key  # whether there is such a key is looked at when it is first asked for
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise Unusable("The key can't be read") from error
    name = kid or jwk.get("kid")
    certificate = _certificate(jwk["x5c"], opened) if "x5c" in jwk else None
    named = str(named) if named else None
    return ClientKey(str(name) if name is not None else None, named, kind, opened, ends_at, certificate)


def _certificate(chain: object, opened: Any) -> str | None:
    """The hash of the first certificate of a chain, as far as it is the key's; None for anything else."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        return None
    try:
        der = base64.b64decode(chain[0], validate=True)
        bears: Any = x509.load_der_x509_certificate(der).public_key()
        same = bears == opened.public_key
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return hashlib.sha256(der).hexdigest() if same else None


def _bits(modulus: str) -> int:
    """Bits of a modulus in base64url, before anything is made of it; 0 for what is none."""
    try:
        return int.from_bytes(base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4)), "big").bit_length()
    except ValueError:
        return 0


def fitting(work: Work, client: ClientConfig, use: Sequence[str], alg: str, kid: str | None) -> list[ClientKey]:
    """The keys that may have made a signature; ``use`` is the path of the list of credentials that are in force for
    what was signed. What the client publishes is fetched where it was not, or where no known key fits; whoever calls
    has no transaction open.
    """
    own = [key for key in _registered(work, client, use) if key.fits(alg, kid)]
    if own or client.data.jwks_uri is None:
        return own
    return [key for key in published(work, client.data.jwks_uri, alg, kid) if key.fits(alg, kid)]


def has_certificate(work: Work, client: ClientConfig, hashed: str) -> bool:
    """Whether a certificate is one that the client's set of keys brings along, by its SHA-256 in hex (RFC 8705 2.2). A
    published set is fetched where it lacks it; whoever calls has no transaction open.
    """
    own: frozenset[str | None] = work.config.remember(
        "client certificates",
        client.client_id,
        lambda: frozenset(key.certificate for key in readable((client.data.jwks or {}).get("keys"))),
    )
    if hashed in own or client.data.jwks_uri is None:
        return hashed in own
    return any(key.certificate == hashed for key in _known(work, client.data.jwks_uri, _bears(hashed)))


def _bears(hashed: str) -> Callable[[ClientKey], bool]:
    return lambda key: key.certificate == hashed


def readable(keys: object) -> list[ClientKey]:
    """The keys of a JWK set that can be used; others are passed over (RFC 7517 5)."""
    found = []
    for jwk in keys[:MOST_KEYS] if isinstance(keys, list) else ():
        try:
            found.append(read(jwk) if isinstance(jwk, dict) else None)
        except Unusable:
            continue
    return [key for key in found if key is not None]


def _registered(work: Work, client: ClientConfig, use: Sequence[str]) -> list[ClientKey]:
    key = "\0".join((client.client_id, *use))
    return work.config.remember("client keys", key, lambda: _of_document(client, use))


def _of_document(client: ClientConfig, use: Sequence[str]) -> list[ClientKey]:
    part: Any = getattr(client.data, use[0])
    for name in use[1:]:
        part = (part or {}).get(name)
    in_force = {entry["id"] for entry in part or ()}
    found = readable((client.data.jwks or {}).get("keys"))
    for entry in client.data.credentials:
        if entry.get("id") in in_force and isinstance(entry.get("jwk"), dict):
            found += _credential(entry)
    return found


def _credential(entry: Mapping[str, Any]) -> list[ClientKey]:
    """The key of a registered credential; none of one that an earlier release took and that verifies nothing."""
    ends = entry.get("expires_at")
    ends_at = int(datetime.fromisoformat(ends).timestamp() * 1000) if ends else None
    try:
        return [read(entry["jwk"], alg=entry.get("alg"), kid=entry.get("kid"), ends_at=ends_at)]
    except Unusable as problem:
        log.warning("credential of a client not usable", credential=entry.get("id"), reason=str(problem))
        return []


class _Published(msgspec.Struct):
    """What an address said; moments in seconds."""

    keys: list[ClientKey] = []
    fetched_at: int = 0
    tried_at: int = 0

    def wants_a_look(self, now: int, wanted: Callable[[ClientKey], bool]) -> bool:
        """Whether the set is old, or lacks the key, and the address had its rest."""
        lacks = not any(map(wanted, self.keys))
        return (lacks or now - self.fetched_at > FRESH_S) and now - self.tried_at >= AGAIN_S

    def at(self, now: int) -> list[ClientKey]:
        """The keys that are good now."""
        return self.keys if now - self.fetched_at <= KEPT_S else []


_sets: OrderedDict[tuple[str, str], _Published] = OrderedDict()
_one_at_a_time = threading.Lock()
log = structlog.get_logger("idp.clients.keys")


def published(work: Work, url: str, alg: str, kid: str | None) -> list[ClientKey]:
    """The keys at an address, for a signature with that algorithm and of that key."""
    return _known(work, url, lambda key: key.fits(alg, kid))


def _known(work: Work, url: str, wanted: Callable[[ClientKey], bool]) -> list[ClientKey]:
    """The keys at an address, of which one is ``wanted``. Whoever comes while a set is fetched gets the one that was
    there.
    """
    now = clock.now()
    with _one_at_a_time:
        known = _sets.setdefault((work.tenant_id, url), _Published())
        _sets.move_to_end((work.tenant_id, url))
        while len(_sets) > MOST_SETS:
            _sets.popitem(last=False)
        if not known.wants_a_look(now, wanted):
            return known.at(now)
        known.tried_at = now
    keys = _fetched(work, url)
    if keys is not None:
        known.keys, known.fetched_at = keys, now
    return known.at(now)


def _fetched(work: Work, url: str) -> list[ClientKey] | None:
    """None where the address does not answer with a set."""
    said = key_sets.document(work, url)
    return None if said is None else readable(said.get("keys"))
