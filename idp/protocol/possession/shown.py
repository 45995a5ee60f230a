"""What a request to an endpoint that gives something proves to possess."""

from __future__ import annotations

from functools import partial

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.possession import certificates, proofs
from idp.protocol.tokens.binding import NOTHING, Shown


def by(work: Work, call: Call, client: ClientConfig) -> Shown:
    """It, checked and not yet spent. ``client`` has authenticated.

    :raises OAuthError: ``invalid_dpop_proof`` or ``use_dpop_nonce`` for a proof that is no good.
    """
    x5t = certificates.thumbprint(work)
    if call.dpop is None:
        return Shown(x5t=x5t) if x5t else NOTHING
    checked = proofs.check(work, call, client, wants_nonce=wants_nonce(work, client))
    return Shown(checked.proof.jkt, x5t, partial(proofs.spend, work, checked), checked.next_nonce)


def wants_nonce(work: Work, client: ClientConfig) -> bool:
    """Whether proofs of that client have to hold a nonce of ours (``require_dpop_nonce``)."""
    return client.data.require_dpop_nonce or work.config.settings.require_dpop_nonce


def told(reply: Reply, shown: Shown) -> Reply:
    """The answer, with the nonce for the next proof where there is a new one (RFC 9449 8.2)."""
    return reply.add({proofs.HEADER: shown.next_nonce}) if shown.next_nonce is not None else reply
