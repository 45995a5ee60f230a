"""Use cases on mail: ask for one, through the outbox."""

from __future__ import annotations

from idp.kernel import ids
from idp.mail import delivery
from idp.queue import outbox
from idp.tenants.context import Context

TASK = "mail.send"
deliver = delivery.deliver
"""The handler of :data:`TASK`."""


def send(ctx: Context, template: str, to: str, locale: str, **context: object) -> None:
    """Put ``templates/mail/<template>`` for ``to`` into the outbox, inside the caller's transaction; the worker renders it.

    ``to`` is the stored address, never what somebody typed (security.md Q3). ``context`` is plain data.
    """
    host = ctx.config.host.partition(":")[0].strip("[]")
    wanted = delivery.Wanted(template, to, locale, context, f"<{ids.alphanumeric(24)}@{host}>")
    outbox.put(ctx, TASK, wanted.as_payload())
