"""The feature: authorizations and tokens."""

from __future__ import annotations

from sqlalchemy import and_, func, not_, or_

from idp.foundation.db.personal import Personal, by_user_id
from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.protocol.tokens.log_types import TokenLog
from idp.protocol.tokens.models import ADOPTED, BlacklistedToken, DeviceKey, Token
from idp.protocol.tokens.models import Authorization as A
from idp.protocol.tokens.reactions import REACTIONS

KEPT_MS = 30 * DAY_MS
"""How long a spent token of a release that stored them is recognized: it ends its family."""
REFUSED_MS = 31 * DAY_MS
"""How long a refused token is remembered: longer than any access token lives."""
AGAIN_MS = 30 * DAY_MS
"""When to look again at a family that has no end."""
_DUE = A.purge_at < BEFORE
_LIVES = and_(
    A.revoked_at.is_(None),
    A.code_used_at.is_not(None),
    or_(A.live_until.is_(None), A.live_until + DAY_MS >= BEFORE),
)
"""Something of it is good, or was until yesterday."""
_LOOK_AGAIN = func.coalesce(A.live_until + DAY_MS, BEFORE + AGAIN_MS)
_FAMILY = and_(A.tenant_id == Token.tenant_id, A.id == Token.authorization_id)

FEATURE = Feature(
    name="tokens",
    apis=("idp.protocol.tokens.api", "idp.protocol.tokens.blacklist_api"),
    reactions=REACTIONS,
    purges=(
        Purge(
            A,
            and_(_DUE, _LIVES),
            then={A.purge_at: _LOOK_AGAIN},
            label="later",
        ),
        Purge(Token, Token.purge_at < BEFORE),
        Purge(Token, and_(Token.used_at < BEFORE, Token.kind != ADOPTED), KEPT_MS, label="used"),
        Purge(Token, and_(_DUE, not_(_LIVES)), of=(A, _FAMILY), label="of_family"),
        Purge(A, and_(_DUE, not_(_LIVES))),
        Purge(BlacklistedToken, BlacklistedToken.created_at < BEFORE, REFUSED_MS),
    ),
    log_types=(TokenLog,),
    personal=(
        Personal(model=Token, of=by_user_id(Token), hidden=frozenset({"token_hash", "purge_at"})),
        Personal(
            model=A,
            of=by_user_id(A),
            hidden=frozenset({"code_hash", "code_expires_at", "revoked_tokens", "request", "purge_at"}),
        ),
        Personal(model=DeviceKey, of=by_user_id(DeviceKey)),
    ),
)
