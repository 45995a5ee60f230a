"""The feature: administrators."""

from __future__ import annotations

from idp.foundation.db.personal import Personal, by_user_id
from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.tenant.members.log_types import MemberLog
from idp.tenant.members.models import Member, MemberInvitation, MemberSession, SavedFilter
from idp.tenant.members.reactions import REACTIONS
from idp.tenant.members.visits import ABSOLUTE_MS

INVITED_DAYS = 90
"""For how long a role waits for whoever was invited: no invitation lives longer."""

FEATURE = Feature(
    name="members",
    reactions=REACTIONS,
    purges=(
        Purge(MemberSession, MemberSession.seen_at < BEFORE, keep_ms=ABSOLUTE_MS),
        Purge(MemberInvitation, MemberInvitation.created_at < BEFORE, keep_ms=INVITED_DAYS * DAY_MS),
    ),
    log_types=(MemberLog,),
    personal=(
        Personal(model=Member, of=by_user_id(Member)),
        Personal(model=MemberSession, of=by_user_id(MemberSession)),
        Personal(model=SavedFilter, of=by_user_id(SavedFilter)),
    ),
)
