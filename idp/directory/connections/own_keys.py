"""What connectors may use of the tenant's own: its keys, and a memory for what counts once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import ConnectorError, KeyPair
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import signer, store

ONCE = "source-once"
ASSERTION_TYPE = "client-authentication+jwt"
"""No token of ours has it, so that what shows a provider who we are is good for nothing here."""


class OwnKeys:
    """See :class:`connectors.contract.TenantKeys`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def pairs(self) -> Sequence[KeyPair]:
        """See :class:`connectors.contract.TenantKeys`."""
        return [KeyPair(store.private_key(self._work, key), key.certificate) for key in store.rsa_keys(self._work)]


class Assertions:
    """See :class:`connectors.contract.SigningKeys`: the tenant's key of that algorithm that signs now, which its
    key set publishes.
    """

    def __init__(self, work: Work) -> None:
        self._work = work

    def sign(self, claims: Mapping[str, Any], algorithm: str) -> str:
        """See :class:`connectors.contract.SigningKeys`."""
        try:
            return signer.sign(self._work, dict(claims), typ=ASSERTION_TYPE, alg=algorithm)
        except LookupError as error:
            raise ConnectorError(
                "server_error", "This way to sign in is not set up yet.", detail=f"no key for {algorithm}"
            ) from error


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
