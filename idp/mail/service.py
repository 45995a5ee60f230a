"""Use cases on mail: send one, through the outbox."""

from __future__ import annotations

from idp.kernel import ids
from idp.mail import delivery
from idp.mail.message import Mail
from idp.queue import outbox
from idp.tenants.context import Context
from idp.tenants.page_context import branding
from idp.web.pages import render_mail

TASK = "mail.send"
deliver = delivery.deliver
"""The handler of :data:`TASK`."""


def send(ctx: Context, template: str, to: str, locale: str, **context: object) -> None:
    """Render ``templates/mail/<template>`` for ``to`` and put it into the outbox, inside the caller's transaction.

    ``to`` is the stored address, never what somebody typed (security.md Q3).
    """
    rendered = render_mail(template, locale, branding(ctx), **context)
    host = ctx.config.host.partition(":")[0].strip("[]")
    mail = Mail(
        sender=f"no-reply@{host}",
        sender_name=ctx.config.friendly_name,
        to=to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=f"<{ids.alphanumeric(24)}@{host}>",
    )
    outbox.put(ctx, TASK, mail.as_payload())
