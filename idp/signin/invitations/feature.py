"""The feature: invitations by mail."""

from __future__ import annotations

from idp.foundation.db.personal import Personal, by_user_id
from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.signin.invitations.log_types import InvitationLog
from idp.signin.invitations.models import Invitation
from idp.signin.invitations.reactions import REACTIONS

KEPT_MS = 30 * DAY_MS
"""How long administrators see what became of an invitation."""
FEATURE = Feature(
    name="invitations",
    apis=("idp.signin.invitations.api",),
    reactions=REACTIONS,
    purges=(Purge(Invitation, Invitation.expires_at < BEFORE, keep_ms=KEPT_MS),),
    log_types=(InvitationLog,),
    personal=(Personal(model=Invitation, of=by_user_id(Invitation), hidden=frozenset({"email_key"})),),
)
