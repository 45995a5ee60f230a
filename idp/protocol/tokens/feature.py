"""The feature: authorizations and tokens."""

from __future__ import annotations

from sqlalchemy import and_, exists, or_
from sqlalchemy.orm import aliased

from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.protocol.tokens.log_types import TokenLog
from idp.protocol.tokens.models import Authorization, Token
from idp.protocol.tokens.reactions import REACTIONS

KEPT_MS = 30 * DAY_MS
"""How long what is over is still recognized: a spent refresh token that comes back within it ends its whole family."""
_FAMILY = and_(Authorization.tenant_id == Token.tenant_id, Authorization.id == Token.authorization_id)
_REVOKED = Authorization.revoked_at < BEFORE
_UNUSED_FOR_LONG = and_(Token.purge_at.is_(None), Token.expires_at < BEFORE)
"""A refresh token whose family never ends, but which nobody used in time."""
_other = aliased(Token)
_LAST_OF_ITS_FAMILY = ~exists().where(
    _other.tenant_id == Token.tenant_id,
    _other.authorization_id == Token.authorization_id,
    or_(_other.expires_at.is_(None), _other.expires_at >= BEFORE),
)

FEATURE = Feature(
    name="tokens",
    apis=("idp.protocol.tokens.api",),
    reactions=REACTIONS,
    purges=(
        Purge(Token, Token.purge_at < BEFORE),
        Purge(Token, Token.used_at < BEFORE, KEPT_MS, label="used"),
        Purge(Token, _REVOKED, KEPT_MS, of=(Authorization, _FAMILY), label="revoked"),
        Purge(
            Authorization,
            and_(_UNUSED_FOR_LONG, _LAST_OF_ITS_FAMILY),
            KEPT_MS,
            of=(Token, _FAMILY),
            label="idle",
        ),
        Purge(Token, _UNUSED_FOR_LONG, KEPT_MS, label="idle"),
        Purge(Authorization, Authorization.purge_at < BEFORE),
        Purge(Authorization, _REVOKED, KEPT_MS, label="revoked"),
    ),
    log_types=(TokenLog,),
)
