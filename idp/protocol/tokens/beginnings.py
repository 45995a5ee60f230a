"""Authorizations that are made and redeemed at once: what proved them is spent in the transaction that stores them."""

from __future__ import annotations

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import invalid_grant
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import codes, room, stored
from idp.protocol.tokens.codes import NewAuthorization
from idp.protocol.tokens.proofs import PersonProof
from idp.protocol.tokens.store import AuthorizationRequest, Exchange, Granted
from idp.signin.factors import policy as factors


def request_of(proof: PersonProof, api: ResourceServerConfig | None) -> AuthorizationRequest:
    """What the authorization remembers of what they proved, for that API."""
    return AuthorizationRequest(
        auth_time=clock.now_ms() // 1000 if proof.auth_time is None else proof.auth_time,
        acr=factors.acr_of(proof.amr),
        amr=list(proof.amr) or None,
        api_id=api.id if api else None,
        details=proof.details,
        act=proof.act,
    )


def of_person(
    work: Work, client: ClientConfig, granted: Granted, new: NewAuthorization, proof: PersonProof, exchange: Exchange
) -> None:
    """Of somebody who proved who they are, or whose refresh token is adopted. Raises OAuthError for the loser of
    a race.
    """
    try:
        with work.transaction():
            if proof.spend is not None:
                proof.spend()
            codes.insert(work, client, granted.id, new)
            room.redeem(work, granted, exchange)
            if proof.adopts is not None:
                stored.adopt(work, proof.adopts, granted, spent=client.refresh.rotation_type == "rotating")
    except UniqueViolation as error:
        raise invalid_grant("The refresh token was exchanged a moment ago") from error


def of_another(work: Work, client: ClientConfig, granted: Granted, new: NewAuthorization, exchange: Exchange) -> None:
    """One that came of another authorization, and brings no refresh token."""
    with work.transaction():
        codes.insert(work, client, granted.id, new)
        room.redeem(work, granted, exchange)
