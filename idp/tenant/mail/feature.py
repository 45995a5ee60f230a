"""The feature: mail."""

from __future__ import annotations

from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.foundation.queue.lanes import MAIL
from idp.tenant.mail.models import MailboxMessage

FEATURE = Feature(
    name="mail",
    apis=("idp.tenant.mail.api",),
    tasks={"mail.send": "idp.tenant.mail.delivery:deliver"},
    lanes={"mail.send": MAIL},
    purges=(Purge(MailboxMessage, MailboxMessage.created_at < BEFORE, 7 * DAY_MS),),
)
