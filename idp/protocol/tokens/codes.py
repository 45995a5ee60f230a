"""Authorization codes: 256 random bits, hashed at rest, good for a minute and once (security.md A18, B1-B5)."""

from __future__ import annotations

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import issuer, store
from idp.protocol.tokens.store import AuthorizationRequest

LIFETIME_MS = 60_000
REPLAY_MS = 86_400_000


def create(
    work: Work,
    client: ClientConfig,
    *,
    user_id: str,
    connection_id: str | None,
    session_id: str,
    scope: str,
    audience: str | None,
    offline: bool,
    request: AuthorizationRequest,
) -> str:
    """Store the authorization and answer its code."""
    code = ids.token()
    moment = clock.now_ms()
    family_end = issuer.family_expiry(client) if offline else moment + REPLAY_MS
    store.insert_authorization(
        work,
        id=f"rlp_{ids.alphanumeric(19)}",
        client_id=client.client_id,
        user_id=user_id,
        connection_id=connection_id,
        session_id=session_id,
        scope=scope,
        audience=audience,
        request=msgspec.json.encode(request).decode(),
        code_hash=digest(code),
        code_expires_at=moment + LIFETIME_MS,
        offline=offline,
        rotating=client.refresh.rotation_type == "rotating",
        device=msgspec.json.encode({"initial_ip": work.ip, "initial_user_agent": work.user_agent[:512]}).decode(),
        created_at=moment,
        expires_at=family_end if offline else None,
        purge_at=moment + REPLAY_MS,
    )
    return code
