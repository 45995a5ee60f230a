"""``authorization_code`` (RFC 6749 4.1.3, RFC 7636 4.6)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import OAuthError, invalid_grant, invalid_request
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.grants.contract import TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import issuer, store
from idp.protocol.tokens.codes import REPLAY_MS
from idp.protocol.tokens.issuance_policy import may_issue
from idp.protocol.tokens.issuer import Issued
from idp.protocol.tokens.store import Granted
from idp.tenant.audit import log

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
INVALID = "Invalid authorization code"


class AuthorizationCode:
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = "authorization_code"

    def find(self, request: TokenRequest) -> Granted | None:
        """The authorization of the code."""
        code = request.params.get("code")
        if not code:
            raise invalid_request("Missing required parameter: code")
        found = store.by_code(request.work, code[:512])
        if found is None:
            request.work.refresh()
        return found

    def redeem(self, request: TokenRequest, client: ClientConfig) -> Issued:
        """Sign first, then one short transaction: spend the code, store the tokens."""
        work, granted = request.work, request.found
        if granted is None or granted.client_id != client.client_id:
            raise invalid_grant(INVALID)
        if granted.code_used_at is not None:
            raise self._replayed(work, client, granted)
        self._check(request, client, granted)
        may_issue(work, client, self.grant_type, user=granted.user, connection_id=granted.connection_id)
        issued = issuer.for_user(work, client, granted, granted.scope, gty="", refresh=granted.offline)
        if not store.spend_code(work, granted.id, _purge_at(granted), issued.rows):
            raise self._replayed(work, client, granted)
        log.batch.add(
            work,
            OAuthLog.CODE_EXCHANGED,
            client_id=client.client_id,
            client_name=client.name,
            user_id=granted.user_id,
            user_name=granted.user.email,
            audience=granted.audience,
            scope=granted.scope or None,
        )
        return issued

    def _check(self, request: TokenRequest, client: ClientConfig, granted: Granted) -> None:
        if granted.revoked_at is not None or (granted.code_expires_at or 0) <= clock.now_ms():
            raise invalid_grant(INVALID)
        problem = _redirect_problem(request, granted) or _pkce_problem(request, granted)
        if problem:
            with request.work.hot.transaction():  # the code is spent by a wrong try (security.md D2)
                store.consume_code(request.work, granted.id, _purge_at(granted))
            raise invalid_grant(problem)

    def _replayed(self, work: Work, client: ClientConfig, granted: Granted) -> OAuthError:
        """A second use: every token of the first one dies with its family (security.md B1)."""
        with work.hot.transaction():
            store.revoke(work, granted.id)
            log.write(
                work,
                OAuthLog.CODE_EXCHANGE_FAILED,
                "Authorization code reused",
                client_id=client.client_id,
                client_name=client.name,
                user_id=granted.user_id,
            )
        return invalid_grant(INVALID, detail=f"code of {granted.id} used twice")


def _purge_at(granted: Granted) -> int | None:
    """Keep the family as long as its refresh tokens live; None for ever."""
    return granted.expires_at if granted.offline else clock.now_ms() + issuer.OPAQUE_LIFETIME_S * 1000 * 30 + REPLAY_MS


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
