"""The feature: shared signals."""

from __future__ import annotations

from idp.foundation.db.personal import Personal, by_user_id
from idp.foundation.db.purge import BEFORE, Purge
from idp.foundation.feature import Feature
from idp.foundation.queue.lanes import SIGNALS
from idp.protocol.signals.kept import KEPT_MS
from idp.protocol.signals.log_types import SignalLog
from idp.protocol.signals.models import SignalEvent, SignalSubject
from idp.protocol.signals.reactions import REACTIONS

FEATURE = Feature(
    name="signals",
    apis=("idp.protocol.signals.api",),
    blueprints=("idp.protocol.signals.views:blueprint",),
    reactions=REACTIONS,
    tasks={"signals.push": "idp.protocol.signals.delivery:push"},
    lanes={"signals.push": SIGNALS},
    purges=(Purge(SignalEvent, SignalEvent.created_at < BEFORE, keep_ms=KEPT_MS),),
    log_types=(SignalLog,),
    personal=(
        Personal(model=SignalSubject, of=by_user_id(SignalSubject)),
        Personal(model=SignalEvent, of=by_user_id(SignalEvent), hidden=frozenset({"taken_until"})),
    ),
)
