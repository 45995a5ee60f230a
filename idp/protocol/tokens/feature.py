"""The feature: authorizations and tokens."""

from __future__ import annotations

from idp.foundation.db.purge import BEFORE, Purge
from idp.foundation.feature import Feature
from idp.protocol.tokens.log_types import TokenLog
from idp.protocol.tokens.models import Authorization, Token
from idp.protocol.tokens.reactions import REACTIONS

FEATURE = Feature(
    name="tokens",
    apis=("idp.protocol.tokens.api",),
    reactions=REACTIONS,
    purges=(Purge(Token, Token.purge_at < BEFORE), Purge(Authorization, Authorization.purge_at < BEFORE)),
    log_types=(TokenLog,),
)
