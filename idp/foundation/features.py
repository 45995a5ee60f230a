"""What the foundation itself brings along: files that pages need, records that expire, the outbox."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from idp.foundation.db.personal import Personal, Whose
from idp.foundation.db.purge import BEFORE, DAY_MS, HOUR_MS, Purge
from idp.foundation.ephemeral.models import Counter, OneTime, OneTimeCode
from idp.foundation.ephemeral.reactions import REACTIONS
from idp.foundation.feature import Feature
from idp.foundation.queue.models import OutboxItem


def _put_down(whose: Whose) -> ColumnElement[bool]:
    return OneTime.subject == whose.user_id


WEB = Feature(name="web", blueprints=("idp.foundation.web.assets:assets", "idp.foundation.web.well_known:blueprint"))
EPHEMERAL = Feature(
    name="ephemeral",
    reactions=REACTIONS,
    purges=(
        Purge(OneTime, OneTime.expires_at < BEFORE, HOUR_MS),
        Purge(OneTimeCode, OneTimeCode.expires_at < BEFORE, HOUR_MS),
        Purge(Counter, Counter.expires_at < BEFORE),
    ),
    personal=(Personal(model=OneTime, of=_put_down, archived=False),),
)
QUEUE = Feature(
    name="queue",
    purges=(
        Purge(OutboxItem, OutboxItem.done_at < BEFORE, 7 * DAY_MS),
        Purge(OutboxItem, OutboxItem.created_at < BEFORE, 30 * DAY_MS, label="never_done"),
    ),
)
