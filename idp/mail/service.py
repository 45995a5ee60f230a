"""Use cases on mail: send one (through the outbox), and deliver what the outbox holds."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from idp.kernel import ids
from idp.mail import mailbox
from idp.mail.message import Mail
from idp.mail.smtp import Smtp
from idp.queue import outbox
from idp.queue.tasks import Outage
from idp.tenants.context import Context
from idp.tenants.page_context import branding
from idp.web.pages import render_mail

TASK = "mail.send"


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


def deliver(ctx: Context, payload: dict[str, Any]) -> None:
    """The outbox's handler: hand the mail to SMTP, or to the mailbox in development. Raises Outage, GiveUp."""
    mail = msgspec.convert(payload, Mail)
    settings = ctx.platform.settings
    if settings.smtp_url:
        _smtp(settings.smtp_url, settings.outbound_ca).deliver(mail)
    elif settings.development:
        mailbox.keep(ctx.hot, ctx.tenant_id, mail)
    else:
        raise Outage("SMTP_URL is not set: no mail leaves this deployment")


@lru_cache(maxsize=1)
def _smtp(url: str, ca_file: str | None) -> Smtp:
    return Smtp.from_url(url, ca_file)
