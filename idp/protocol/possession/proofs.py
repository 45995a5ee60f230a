"""A proof and the request that it came with: made for just this one, now, and used for the first time on any process
(RFC 9449 4.3, 11.1).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from idp.applications.clients import compliance
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call
from idp.protocol.possession import addresses, dpop, nonces
from idp.protocol.possession.dpop import Proof

OLDEST_S: Final = 60
AHEAD_S: Final = 30
"""How far ``iat`` of a proof without a nonce may be from now. Whose clock is further off is asked for a nonce, which
shows when the proof was made (RFC 9449 11.1).
"""
INVALID: Final = "invalid_dpop_proof"
WANTS_NONCE: Final = "use_dpop_nonce"
HEADER: Final = "DPoP-Nonce"
_KIND: Final = "dpop_proof"
MOST_PROOFS: Final = 60_000
"""Proofs with one key that a process takes in a minute: each is a row until it is too old to be tried again."""
_MINUTE_S: Final = 60
_MOST_KEYS: Final = 10_000


@dataclass(frozen=True)
class Checked:
    """A proof that is good here and now. ``next_nonce`` where its nonce grows old; ``left_ms``: how long it would
    stay good.
    """

    proof: Proof
    left_ms: int
    next_nonce: str | None


def check(
    work: Work, call: Call, client: ClientConfig | None, *, wants_nonce: bool, token: str | None = None
) -> Checked:
    """The proof of the request, which has one, of that client. ``token``: the access token that comes along.

    :raises OAuthError: ``invalid_dpop_proof``, or ``use_dpop_nonce`` with a nonce to use.
    """
    try:
        proof = dpop.read(call.dpop or "")
    except dpop.Refused as problem:
        raise OAuthError(INVALID, str(problem)) from problem
    if client is not None and client.profile is not None and proof.alg not in compliance.ALGORITHMS:
        raise OAuthError(INVALID, "The client's profile has PS256, ES256 and EdDSA for DPoP proofs")
    wrong = dpop.matches(proof.claims, call.method, addresses.called(work, call, proof.claims.htu), token)
    if wrong is not None:
        raise OAuthError(INVALID, wrong)
    return _timely(work, proof, wants_nonce=wants_nonce)


def spend(work: Work, checked: Checked) -> None:
    """Nobody uses the proof again, whatever process they come to: one insert decides.

    :raises OAuthError: it was used before, or its key makes too many.
    """
    proof = checked.proof
    _count(f"{work.tenant_id}\0{proof.jkt}")
    try:
        one_time.put(work, _KIND, f"{proof.jkt}\0{proof.claims.jti}", None, ttl_ms=checked.left_ms)
    except UniqueViolation as error:
        raise OAuthError(INVALID, "The DPoP proof was used before") from error


def _timely(work: Work, proof: Proof, *, wants_nonce: bool) -> Checked:
    now, said = clock.now(), proof.claims
    age = nonces.age(work, said.nonce) if said.nonce is not None else None
    if age is not None:
        renewed = nonces.made(work) if age >= nonces.NEW_AFTER_S else None
        return Checked(proof, (nonces.LIFETIME_S - age) * 1000, renewed)
    if wants_nonce or said.nonce is not None or not now - OLDEST_S <= said.iat <= now + AHEAD_S:
        why = "The DPoP proof needs a nonce" if said.nonce is None else "The nonce of the DPoP proof is over"
        raise OAuthError(WANTS_NONCE, why, headers={HEADER: nonces.made(work)})
    return Checked(proof, int(said.iat + OLDEST_S + 1 - now) * 1000, None)


_counts: OrderedDict[str, tuple[int, int]] = OrderedDict()
"""By key: the minute, and the proofs in it. Of this process."""
_one_at_a_time = threading.Lock()


def _count(key: str) -> None:
    minute = clock.now() // _MINUTE_S
    with _one_at_a_time:
        began, count = _counts.get(key, (minute, 0))
        count = count + 1 if began == minute else 1
        _counts[key] = (minute, count)
        _counts.move_to_end(key)
        while len(_counts) > _MOST_KEYS:
            _counts.popitem(last=False)
    if count > MOST_PROOFS:
        raise OAuthError("temporarily_unavailable", "Too many proofs with this key", status=429)
