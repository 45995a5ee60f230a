"""Authorization responses as one signed token (JWT Secured Authorization Response Mode, JARM)."""

from __future__ import annotations

from collections.abc import Mapping

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock
from idp.foundation.kernel.secrets import signs_hs256
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import signer

LIFETIME_S = 600
"""JARM 2.1 wants ten minutes at most."""


def signed(work: Work, client: ClientConfig, params: Mapping[str, str]) -> str:
    """JARM 2.1: the parameters of an answer or an error, for that client, with the algorithm it is set to."""
    payload = {"iss": work.config.issuer, "aud": client.known_as, "exp": clock.now() + LIFETIME_S, **params}
    alg = client.data.authorization_signed_response_alg
    if alg == "HS256" and client.secret and signs_hs256(client.secret):  # an error may say that it is too short
        return signer.sign_hs256(client.secret, payload)
    return signer.sign(work, payload, alg="RS256" if alg == "HS256" else alg)
