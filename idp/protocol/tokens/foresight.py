"""What tokens would say, without there being any: for whoever wants to know before somebody signs in. Nothing is
signed, stored or spent here, and nothing of it opens anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import scopes
from idp.foundation.kernel.errors import invalid_grant
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import claims, codes, gate, issuer, store, subjects
from idp.protocol.tokens.codes import NewAuthorization


@dataclass(frozen=True)
class Foreseen:
    """What an authorization would give. ``access_token`` is None for an opaque one; ``lifetime`` is that of the access
    token, in seconds; ``permissions`` are None where the API enforces none.
    """

    scopes: list[str]
    audience: str | None
    offline: bool
    permissions: tuple[str, ...] | None
    id_token: dict[str, Any] | None
    access_token: dict[str, Any] | None
    userinfo: dict[str, Any] | None
    lifetime: int


def foreseen(work: Work, client: ClientConfig, authorization: NewAuthorization, *, consented: bool) -> Foreseen:
    """What the tokens of an authorization would say that :func:`idp.protocol.tokens.gate.authorized` allows.
    ``consented``: its user would say yes where they are asked.

    :raises OAuthError: what the token endpoint would refuse.
    """
    subject = store.subject(work, authorization.user_id)
    if subject is None:
        raise invalid_grant("The user does not exist any more")
    granted = codes.granted(client, "", authorization, subject)
    stands = gate.standing(work, client, granted, granted.scope, consented=consented)
    id_token = access_token = userinfo = None
    if "openid" in stands.scopes:
        told = gate.told_of(work, client, granted)
        id_token = issuer.id_token_claims(work, client, granted, stands.scopes, told)
        asked = granted.request.userinfo_claims
        userinfo = {
            "sub": subjects.of(work, client, granted.user_id),
            **claims.claims_for(subject, stands.scopes, asked, client.compatibility),
        }
    if stands.api is not None:
        scope = scopes.join(stands.scopes)
        said = issuer.access_token_claims(
            work, client, granted, scope, stands.api, stands.permissions, "", stands.api.data.token_lifetime
        )
        access_token = said | issuer.client_claims(client, stands.api, "")
    return Foreseen(
        stands.scopes,
        granted.audience,
        stands.offline,
        stands.permissions,
        id_token,
        access_token,
        userinfo,
        issuer.OPAQUE_LIFETIME_S if stands.api is None else stands.api.data.token_lifetime,
    )
