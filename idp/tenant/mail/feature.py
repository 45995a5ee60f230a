"""The feature: mail."""

from __future__ import annotations

from idp.foundation.db.purge import BEFORE, DAY_MS, Purge
from idp.foundation.feature import Feature
from idp.tenant.mail.models import MailboxMessage

FEATURE = Feature(
    name="mail",
    tasks={"mail.send": "idp.tenant.mail.delivery:deliver"},
    purges=(Purge(MailboxMessage, MailboxMessage.created_at < BEFORE, 7 * DAY_MS),),
)
