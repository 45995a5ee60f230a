"""Renders what the outbox holds and delivers it: to SMTP, or to the mailbox in development.

Templates are loaded with the first mail, so that an idle worker stays small; no transaction is open meanwhile.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from idp.foundation.queue.tasks import Outage
from idp.foundation.tenancy.work import Work
from idp.tenant.mail import mailbox
from idp.tenant.mail.message import Mail

_ready: list[object] = []


class Wanted(msgspec.Struct, frozen=True):
    """A mail that is still to be written. ``message_id`` stays the same over every attempt."""

    template: str
    to: str
    locale: str
    context: dict[str, Any]
    message_id: str

    def as_payload(self) -> dict[str, Any]:
        """For the outbox."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


def prepare() -> None:
    """Import what mails need: by one thread, when the first mail is about to be taken
    (:func:`idp.foundation.queue.tasks.find`).
    """
    from idp.foundation.tenancy import branding
    from idp.foundation.web import pages
    from idp.tenant.mail import smtp

    _ready.extend((branding, pages, smtp))


def deliver(work: Work, payload: dict[str, Any]) -> None:
    """The handler of ``mail.send``. Raises Outage, GiveUp, TryLater."""
    settings = work.platform.settings
    if not settings.smtp_url and not settings.development:
        raise Outage("SMTP_URL is not set: no mail leaves this deployment")
    mail = write(work, msgspec.convert(payload, Wanted))
    if settings.smtp_url:
        _smtp(settings.smtp_url, settings.outbound_ca)(mail)
    else:
        mailbox.keep(work.hot, work.tenant_id, mail)


def write(work: Work, wanted: Wanted) -> Mail:
    """The mail in the tenant's name and the reader's language."""
    from idp.foundation.tenancy.branding import branding
    from idp.foundation.web.i18n import negotiate
    from idp.foundation.web.pages import render_mail

    language = negotiate(wanted.locale, None, work.config.settings.enabled_locales)
    rendered = render_mail(wanted.template, language, branding(work), **wanted.context)
    return Mail(
        sender=f"no-reply@{work.config.host.partition(':')[0].strip('[]')}",
        sender_name=work.config.friendly_name,
        to=wanted.to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=wanted.message_id,
    )


@lru_cache(maxsize=1)
def _smtp(url: str, ca_file: str | None) -> Any:
    from idp.tenant.mail.smtp import Smtp

    return Smtp.from_url(url, ca_file).deliver
