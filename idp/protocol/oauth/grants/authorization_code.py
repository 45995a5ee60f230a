"""``authorization_code`` (RFC 6749 4.1.3, RFC 7636 4.6)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from functools import partial

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import invalid_grant, invalid_request
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.grants.contract import MarkedRefusal, RefusalEntry, TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import details, room, store
from idp.protocol.tokens.proofs import UserProof
from idp.protocol.tokens.store import Exchange, Granted

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
INVALID = "Invalid authorization code"


class AuthorizationCode:
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = "authorization_code"
    success = OAuthLog.CODE_EXCHANGED
    failure = OAuthLog.CODE_EXCHANGE_FAILED

    def find(self, request: TokenRequest) -> Granted | None:
        """The authorization of the code."""
        code = request.params.get("code")
        if not code:
            raise invalid_request("Missing required parameter: code")
        return store.by_code(request.work, code[:512])

    def prove(self, request: TokenRequest, client: ClientConfig, found: Granted | None) -> UserProof:
        """The code is the client's and good, and came from where it was sent to."""
        if found is None or found.client_id != client.client_id:
            raise invalid_grant(INVALID)
        _check(request, found)
        spend = partial(_spend, request.work, found)
        wanted = details.read(request.params.get("authorization_details"))
        return UserProof(
            authorization=found,
            resource=request.resource,
            refresh=found.offline or found.online,
            spend=spend,
            details=wanted,
        )


def _check(request: TokenRequest, granted: Granted) -> None:
    if granted.code_used_at is not None:
        raise _reused(request.work, granted)
    if granted.revoked_at is not None or granted.code_expires_at <= clock.now_ms():
        raise invalid_grant(INVALID)
    problem = _redirect_problem(request, granted) or _pkce_problem(request, granted)
    if problem:  # the code is spent by a wrong try (security.md D2)
        raise MarkedRefusal(problem, mark=partial(store.spoil, request.work, granted))


def _spend(work: Work, granted: Granted, exchange: Exchange) -> None:
    if not room.redeem(work, granted, exchange):
        raise _reused(work, granted)


def _reused(work: Work, granted: Granted) -> MarkedRefusal:
    """A second use: every token of the first one dies with its family (security.md B1)."""
    return MarkedRefusal(
        INVALID,
        mark=partial(store.revoke, work, granted.id),
        entry=RefusalEntry(
            kind=OAuthLog.CODE_EXCHANGE_FAILED, description="Authorization code reused", user_id=granted.user_id
        ),
    )


def _redirect_problem(request: TokenRequest, granted: Granted) -> str | None:
    """RFC 6749 4.1.3: the same redirect URI as at ``/authorize`` (security.md B4)."""
    return (
        None
        if request.params.get("redirect_uri") == granted.request.redirect_uri
        else "The redirect_uri does not match"
    )


def _pkce_problem(request: TokenRequest, granted: Granted) -> str | None:
    verifier, challenge = request.params.get("code_verifier"), granted.request.code_challenge
    if challenge is None:
        return "code_verifier was sent, but no code_challenge before" if verifier else None  # RFC 9700 4.8
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        return "Failed to verify code verifier"
    if granted.request.code_challenge_method == "S256":
        hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    else:
        hashed = verifier
    return None if hmac.compare_digest(hashed, challenge) else "Failed to verify code verifier"
