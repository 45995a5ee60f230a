"""Delivers what the outbox holds: to SMTP, or to the mailbox in development. Knows no templates, so that the worker stays small."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from idp.mail import mailbox
from idp.mail.message import Mail
from idp.queue.tasks import Outage
from idp.tenants.context import Context


def deliver(ctx: Context, payload: dict[str, Any]) -> None:
    """The handler of ``mail.send``. Raises Outage, GiveUp."""
    mail = msgspec.convert(payload, Mail)
    settings = ctx.platform.settings
    if settings.smtp_url:
        _smtp(settings.smtp_url, settings.outbound_ca)(mail)
    elif settings.development:
        mailbox.keep(ctx.hot, ctx.tenant_id, mail)
    else:
        raise Outage("SMTP_URL is not set: no mail leaves this deployment")


@lru_cache(maxsize=1)
def _smtp(url: str, ca_file: str | None) -> Any:
    from idp.mail.smtp import Smtp

    return Smtp.from_url(url, ca_file).deliver
