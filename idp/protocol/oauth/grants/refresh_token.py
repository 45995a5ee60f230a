"""``refresh_token`` with rotation, reuse detection and leeway (RFC 6749 6, RFC 9700 4.14, spec/authentication-api.md
section 3).
"""

from __future__ import annotations

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock, scopes
from idp.foundation.kernel.errors import OAuthError, invalid_grant, invalid_request
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.grants.contract import TokenRequest
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.tokens import issuer, store
from idp.protocol.tokens.issuance_policy import may_issue
from idp.protocol.tokens.issuer import Issued
from idp.protocol.tokens.log_types import TokenLog
from idp.protocol.tokens.store import FoundToken
from idp.tenant.audit import log

INVALID = "Unknown or invalid refresh token."


class RefreshToken:
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    grant_type = "refresh_token"

    def find(self, request: TokenRequest) -> FoundToken | None:
        """The stored token."""
        token = request.params.get("refresh_token")
        if not token:
            raise invalid_request("Missing required parameter: refresh_token")
        found = store.by_token(request.work, digest(token[:512]))
        if found is None:
            request.work.refresh()
        return found

    def redeem(self, request: TokenRequest, client: ClientConfig) -> Issued:
        """Exchange it; a rotating token is spent by the first statement of the transaction that stores its child."""
        work, found = request.work, request.found
        if found is None or found.kind != "refresh" or found.client_id != client.client_id:
            raise invalid_grant(INVALID)
        rotating = client.refresh.rotation_type == "rotating"
        self._check(work, client, found)
        may_issue(work, client, self.grant_type, user=found.granted.user, connection_id=found.granted.connection_id)
        scope = _narrowed(request.params.get("scope"), found.scope)
        issued = issuer.for_user(
            work, client, found.granted, scope, gty="refresh_token", refresh=rotating, audience=found.audience
        )
        token_hash = digest(request.params["refresh_token"][:512])
        self._store(work, client, found, issued, token_hash, rotating=rotating)
        log.batch.add(
            work,
            OAuthLog.REFRESH_TOKEN_EXCHANGED,
            client_id=client.client_id,
            client_name=client.name,
            user_id=found.granted.user_id,
            user_name=found.granted.user.email,
            audience=found.audience,
            scope=scope or None,
        )
        return issued

    def _check(self, work: Work, client: ClientConfig, found: FoundToken) -> None:
        moment = clock.now_ms()
        if found.revoked_at is not None or found.granted.revoked_at is not None:
            raise invalid_grant(INVALID)
        if found.expires_at is not None and found.expires_at <= moment:
            raise invalid_grant(INVALID)
        if found.granted.expires_at is not None and found.granted.expires_at <= moment:
            raise invalid_grant(INVALID)
        if (
            found.used_at is not None and moment - found.used_at >= client.refresh.leeway * 1000
        ):  # 0: not even within this millisecond
            raise self._reused(work, client, found)

    def _store(
        self, work: Work, client: ClientConfig, found: FoundToken, issued: Issued, token_hash: str, *, rotating: bool
    ) -> None:
        if not rotating or found.used_at is not None:  # inside the leeway: a sibling of the token that came of it
            store.insert_tokens(work, issued.rows)
            return
        siblings = client.refresh.leeway > 0
        if not store.spend_refresh_token(work, token_hash, issued.rows, siblings=siblings) and not siblings:
            raise self._reused(work, client, found)

    def _reused(self, work: Work, client: ClientConfig, found: FoundToken) -> OAuthError:
        """A spent token came back: the whole family is revoked (security.md F1)."""
        with work.hot.transaction():
            store.revoke(work, found.granted.id)
            log.write(
                work,
                TokenLog.REUSED,
                "Unsuccessful Refresh Token exchange, reused refresh token detected",
                client_id=client.client_id,
                client_name=client.name,
                user_id=found.granted.user_id,
                details={"familyId": found.granted.id},
            )
        return invalid_grant(INVALID, detail=f"family {found.granted.id} revoked: reuse")


def _narrowed(asked: str | None, granted: str) -> str:
    """A subset of what was granted (security.md F4). Raises ``invalid_scope`` for anything beyond it."""
    if not asked:
        return granted
    wanted, had = scopes.parse(asked), scopes.parse(granted)
    if not set(wanted) <= set(had):
        raise OAuthError("invalid_scope", "The requested scope exceeds what was granted")
    return scopes.join([scope for scope in had if scope in wanted])
