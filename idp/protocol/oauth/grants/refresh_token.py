"""``refresh_token`` with rotation, reuse detection and leeway (RFC 6749 6, RFC 9700 4.14, spec/authentication-api.md
section 3).
"""

from __future__ import annotations

from functools import partial

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import invalid_grant, invalid_request
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.grants.contract import MarkedRefusal, RefusalEntry, TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import details, former, online, store
from idp.protocol.tokens import found as tokens
from idp.protocol.tokens.found import FoundToken
from idp.protocol.tokens.log_types import TokenLog
from idp.protocol.tokens.proofs import PersonProof, UserProof
from idp.protocol.tokens.store import Exchange

INVALID = "Unknown or invalid refresh token."
USED_EVERY_MS = 60_000
"""The use of a token that stays as it is is remembered at most this often."""


class RefreshToken:
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = "refresh_token"
    success = OAuthLog.REFRESH_TOKEN_EXCHANGED
    failure = OAuthLog.REFRESH_TOKEN_EXCHANGE_FAILED

    def find(self, request: TokenRequest) -> FoundToken | None:
        """The token with its family."""
        token = request.params.get("refresh_token")
        if not token:
            raise invalid_request("Missing required parameter: refresh_token")
        return tokens.refresh_token(request.work, token[: former.LONGEST])

    def prove(self, request: TokenRequest, client: ClientConfig, found: FoundToken | None) -> UserProof | PersonProof:
        """The token is the client's and good; a rotating one is exchanged for its successor. One that nobody knows here
        may be the former tenant's.
        """
        if found is None:
            proof = former.exchange(request.work, client, request.params["refresh_token"], request.params.get("scope"))
            if proof is not None:
                return proof
        if found is None or found.kind != "refresh" or found.client_id != client.client_id:
            raise invalid_grant(INVALID)
        _check(request.work, client, found)
        spend = None
        rotates = client.refresh.rotation_type == "rotating" and not found.granted.online
        if not rotates:
            spend = partial(_use, request.work, found) if _due(found) else None
        elif found.used_at is None:  # else, inside the leeway: another of the generation that came of it
            spend = partial(_rotate, request.work, client, found)
        return UserProof(
            authorization=found.granted,
            scope=request.params.get("scope"),
            resource=request.resource,
            beside=_beside(request, client, found),
            details=details.read(request.params.get("authorization_details")),
            refresh=rotates,
            offline=True,
            gty="refresh_token",
            bound=found.bound,
            spend=spend,
        )


def _beside(request: TokenRequest, client: ClientConfig, found: FoundToken) -> str | None:
    """The other API that is asked for, where the client's tokens are good for several. Without policies ``audience``
    says nothing here, as in Auth0, and ``resource`` is compared.
    """
    named = request.audience if client.refresh.policies else None
    return named if named is not None and named != found.granted.audience else None


def _check(work: Work, client: ClientConfig, found: FoundToken) -> None:
    moment, family = clock.now_ms(), found.granted
    if found.revoked_at is not None or family.revoked_at is not None:
        raise invalid_grant(INVALID)
    if any(end is not None and end <= moment for end in (found.expires_at, family.expires_at)):
        raise invalid_grant(INVALID)
    leeway_ms = client.refresh.leeway * 1000  # 0: not even within this millisecond
    if found.used_at is not None and moment - found.used_at >= leeway_ms:
        raise _reused(work, found)


def _rotate(work: Work, client: ClientConfig, found: FoundToken, exchange: Exchange) -> None:
    if tokens.rotate(work, found, exchange):
        return
    if client.refresh.leeway == 0:
        raise _reused(work, found)
    family = store.by_id(work, found.granted.id)
    if family is None or family.revoked_at is not None:  # what came first was no exchange
        raise invalid_grant(INVALID)


def _due(found: FoundToken) -> bool:
    return clock.now_ms() - (found.granted.exchanged_at or 0) >= USED_EVERY_MS


def _use(work: Work, found: FoundToken, exchange: Exchange) -> None:
    if found.granted.online:
        online.used(work, found.granted)
    if not store.use(work, found.granted, exchange):
        raise invalid_grant(INVALID)


def _reused(work: Work, found: FoundToken) -> MarkedRefusal:
    """A spent token came back: the whole family is revoked (security.md F1)."""
    family = found.granted
    return MarkedRefusal(
        INVALID,
        mark=partial(store.revoke, work, family.id),
        entry=RefusalEntry(
            kind=TokenLog.REUSED,
            description="Unsuccessful Refresh Token exchange, reused refresh token detected",
            user_id=family.user_id,
            details={"familyId": family.id},
        ),
    )
