"""The feature: mail."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from idp.foundation.db.personal import Personal, Whose
from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.foundation.queue.lanes import MAIL
from idp.tenant.mail import deliveries
from idp.tenant.mail.models import Delivery, MailboxMessage
from idp.tenant.mail.reactions import REACTIONS


def _deliveries(whose: Whose) -> ColumnElement[bool]:
    return deliveries.of_people([whose.user_id], whose.identifiers)


FEATURE = Feature(
    name="mail",
    apis=("idp.tenant.mail.api", "idp.tenant.mail.deliveries_api"),
    reactions=REACTIONS,
    tasks={"mail.send": "idp.tenant.mail.delivery:deliver"},
    lanes={"mail.send": MAIL},
    purges=(
        Purge(MailboxMessage, MailboxMessage.created_at < BEFORE, 7 * DAY_MS),
        Purge(Delivery, Delivery.created_at < BEFORE, deliveries.DAYS * DAY_MS),
    ),
    upkeep=(deliveries.trim,),
    personal=(Personal(model=Delivery, of=_deliveries, hidden=frozenset({"task_id"})),),
)
