"""What connectors may use of our own: keys, and a memory for what counts once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.contract import ConnectorError, KeyPair
from idp.directory.connections import keys
from idp.directory.connections.keys import Key
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import signer, store

ONCE = "source-once"
ASSERTION_TYPE = "client-authentication+jwt"
"""No token of ours has it, so that what shows a provider who we are is good for nothing here."""


class OwnKeys:
    """See :class:`connectors.contract.OwnKeys`."""

    def __init__(self, work: Work, connection_id: str) -> None:
        self._work, self._connection_id = work, connection_id

    def pairs(self) -> Sequence[KeyPair]:
        """See :class:`connectors.contract.OwnKeys`."""
        return self._own(keys.SIGNING) or self._tenants()

    def decrypting(self) -> Sequence[KeyPair]:
        """See :class:`connectors.contract.OwnKeys`. The tenant's keys stay: sources learn of others when they read."""
        return [*self._own(keys.ENCRYPTION), *self._own(keys.SIGNING), *self._tenants()]

    def _own(self, use: str) -> list[KeyPair]:
        return [
            KeyPair(
                keys.private_key(self._work, self._connection_id, key),
                key.certificate,
                key.kid,
                use == keys.ENCRYPTION,
            )
            for key in keys.ring(self._work, self._connection_id, use)
            if key.jwk.get("kty") == "RSA"
        ]

    def _tenants(self) -> list[KeyPair]:
        return [KeyPair(store.private_key(self._work, key), key.certificate) for key in store.rsa_keys(self._work)]


class Assertions:
    """See :class:`connectors.contract.SigningKeys`: the connection's key that signs now, with the algorithm it is for;
    where it has none, the tenant's of that algorithm.
    """

    def __init__(self, work: Work, connection_id: str) -> None:
        self._work, self._connection_id = work, connection_id

    def sign(self, claims: Mapping[str, Any], algorithm: str) -> str:
        """See :class:`connectors.contract.SigningKeys`."""
        own = next(iter(keys.ring(self._work, self._connection_id, keys.SIGNING)), None)
        if own is not None:
            return self._signed(claims, own)
        try:
            return signer.sign(self._work, dict(claims), typ=ASSERTION_TYPE, alg=algorithm)
        except LookupError as error:
            raise ConnectorError(
                "server_error", "This way to sign in is not set up yet.", detail=f"no key for {algorithm}"
            ) from error

    def _signed(self, claims: Mapping[str, Any], key: Key) -> str:
        from joserfc import jws
        from joserfc.jwk import ECKey, RSAKey

        kind: Any = RSAKey if key.jwk["kty"] == "RSA" else ECKey
        private = kind.import_key(keys.private_key(self._work, self._connection_id, key))
        header = {"alg": key.alg, "typ": ASSERTION_TYPE, "kid": key.kid}
        return jws.serialize_compact(header, msgspec.json.encode(claims), private, algorithms=[key.alg])


class Once:
    """See :class:`connectors.contract.OneTimeUse`: one conditional insert for each connection and name."""

    def __init__(self, work: Work, connection_id: str) -> None:
        self._work = work
        self._connection_id = connection_id

    def first_time(self, name: str, *, until: int) -> bool:
        """See :class:`connectors.contract.OneTimeUse`."""
        left = max(until - clock.now_ms(), 1)
        try:
            one_time.put(self._work, ONCE, f"{self._connection_id}\0{name}", None, ttl_ms=left)
        except UniqueViolation:
            return False
        return True
