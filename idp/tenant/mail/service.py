"""Use cases on mail: ask for one, through the outbox."""

from __future__ import annotations

from idp.foundation.kernel import ids
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.tenant.mail import delivery

TASK = "mail.send"
"""The outbox task that delivers one mail."""
TENANTS_LANGUAGE = ""
"""Stands for the language of a reader of whom nothing is known: the tenant's default."""


def send(work: Work, template: str, to: str, locale: str, **context: object) -> None:
    """Put ``templates/mail/<template>`` for ``to`` into the outbox, inside the caller's transaction; the worker renders
    it, in the reader's language ``locale`` (:data:`TENANTS_LANGUAGE` where nobody knows that).

    ``to`` is the stored address, never what somebody typed (security.md Q3). ``context`` is plain data.
    """
    host = work.config.host.partition(":")[0].strip("[]")
    wanted = delivery.Wanted(template, to, locale, context, f"<{ids.alphanumeric(24)}@{host}>")
    outbox.put(work, TASK, wanted.as_payload(), receiver=to.rpartition("@")[2])
