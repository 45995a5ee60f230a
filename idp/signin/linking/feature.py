"""The feature: suggested linking."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from idp.foundation.db.personal import Personal, Whose
from idp.foundation.db.purge import BEFORE, Purge
from idp.foundation.feature import Feature
from idp.signin.linking.log_types import LinkingLog
from idp.signin.linking.models import DeclinedLink
from idp.signin.linking.reactions import REACTIONS
from idp.signin.linking.service import ASKED_AGAIN_MS


def _declined(whose: Whose) -> ColumnElement[bool]:
    return or_(DeclinedLink.user_id == whose.user_id, DeclinedLink.other_id == whose.user_id)


FEATURE = Feature(
    name="linking",
    reactions=REACTIONS,
    purges=(Purge(DeclinedLink, DeclinedLink.declined_at < BEFORE, keep_ms=ASKED_AGAIN_MS),),
    log_types=(LinkingLog,),
    personal=(Personal(model=DeclinedLink, of=_declined),),
)
