"""Tokens that are signed for one client, and encrypted to it where it wants that: ID tokens, answers of
``/userinfo``, of the authorization endpoint (JARM) and of introspection (RFC 9701).
"""

from __future__ import annotations

from typing import Any

from idp.applications.clients import compliance, encryption
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.secrets import signs_hs256
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import signer


def made(
    work: Work, client: ClientConfig, what: str, alg: str | None, payload: dict[str, Any], *, typ: str = "JWT"
) -> str:
    """``payload`` signed with ``alg``, and nested in a JWE where the client has ``what`` encrypted. HS256 is with the
    client's secret; one that is too short for that signs nothing. Without ``alg`` it is RS256. A client with a profile
    is sent nothing that is signed otherwise than the profile has it: the algorithm of its ID tokens takes the place. No
    transaction is open.

    :raises OAuthError: the client has no key to encrypt to.
    """
    if client.profile is not None and alg not in compliance.ALGORITHMS:
        alg = client.data.jwt_configuration.alg
    if alg == "HS256" and client.secret and signs_hs256(client.secret):
        token = signer.sign_hs256(client.secret, payload, typ=typ)
    else:
        token = signer.sign(work, payload, alg="RS256" if alg in (None, "HS256") else alg, typ=typ)
    return encryption.nested(work, client, what, token)
