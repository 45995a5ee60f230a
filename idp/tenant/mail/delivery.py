"""Renders what the outbox holds and delivers it: to SMTP, or to the mailbox in development.

Templates are loaded with the first mail, so that an idle worker stays small; no transaction is open meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from idp.foundation.queue.tasks import Outage
from idp.foundation.tenancy.models import Tenant, TenantDocument
from idp.foundation.tenancy.work import Work
from idp.tenant.mail import deliveries, mailbox, subjects
from idp.tenant.mail.message import Mail

if TYPE_CHECKING:
    from idp.foundation.web.pages import RenderedMail
    from idp.tenant.mail.templates import Sender, Template

log = structlog.get_logger(__name__)
_ready: list[object] = []


class Wanted(msgspec.Struct, frozen=True):
    """A mail that is still to be written. ``message_id`` stays the same over every attempt. ``about`` names whom it is
    about (``user_id``, ``client_id``, ``connection_id``), for templates that say more of them. ``delivery`` is the id
    of what is told of it (:mod:`idp.tenant.mail.deliveries`).
    """

    template: str
    to: str
    locale: str
    context: dict[str, Any]
    message_id: str
    about: dict[str, str] = {}
    delivery: str = ""

    def as_payload(self) -> dict[str, Any]:
        """For the outbox."""
        return {name: getattr(self, name) for name in self.__struct_fields__}


def prepare() -> None:
    """Import what mails need: by one thread, when the first mail is about to be taken
    (:func:`idp.foundation.queue.tasks.find`).
    """
    from idp.foundation.kernel import struct_types
    from idp.foundation.tenancy import branding
    from idp.foundation.web import pages
    from idp.tenant.mail import administration, providers, smtp, templates

    struct_types.prepare()
    _ready.extend((branding, pages, smtp, administration, providers, templates))


def deliver(work: Work, payload: dict[str, Any]) -> None:
    """The handler of ``mail.send``. Raises Outage, GiveUp, TryLater."""
    wanted = msgspec.convert(payload, Wanted)
    with deliveries.told(work, wanted.delivery, str(wanted.context.get("code") or "")):
        if not can_deliver(work):
            raise Outage("SMTP_URL is not set, and the tenant has no provider of its own: its mails wait")
        hand_over(work, write(work, wanted))


def can_deliver(work: Work) -> bool:
    """Whether there is a way for this tenant's mails."""
    return way(work) != "nowhere"


def hand_over(work: Work, mail: Mail, through: Mapping[str, Any] | None = None) -> None:
    """Through the tenant's own provider (``through``: that one, whether it is enabled or not), else the deployment's
    server, else the mailbox of development. Raises Outage, GiveUp, TryLater.
    """
    settings, own = work.platform.settings, through or _own(work)
    if own is not None:
        from idp.tenant.mail import providers

        providers.deliver(settings, own["name"], own.get("credentials") or {}, own.get("settings") or {}, mail)
    elif settings.smtp_url:
        _smtp(settings.smtp_url, settings.outbound_ca)(mail)
    else:
        mailbox.keep(work.hot, work.tenant_id, mail)


def way(work: Work) -> Literal["own", "server", "mailbox", "nowhere"]:
    """How the tenant's mails leave now: by its own provider, the server of ``SMTP_URL``, the mailbox of development, or
    not at all.
    """
    settings = work.platform.settings
    if _own(work) is not None:
        return "own"
    return "server" if settings.smtp_url else "mailbox" if settings.development else "nowhere"


def sends(work: Work, through: Mapping[str, Any] | None = None) -> str:
    """Who sends the tenant's mails, for people; ``through`` as for :func:`hand_over`."""
    own = through or _own(work)
    if own is not None:
        return f"the tenant's provider {own['name']}"
    return "the server of SMTP_URL" if work.platform.settings.smtp_url else "the mailbox of development"


def write(work: Work, wanted: Wanted) -> Mail:
    """The mail in the tenant's name, or as its own template says, and in the reader's language."""
    from idp.foundation.web.liquid import TemplateError
    from idp.tenant.mail import templates

    found = templates.of_mail(work, wanted.template)
    if found is not None:
        try:
            return write_by(work, wanted, found)
        except TemplateError as error:
            log.warning("an email template failed, ours is sent", template=found.name, reason=str(error))
    return _mail(work, wanted, ours(work, wanted, language_of(work, wanted)))


def write_by(work: Work, wanted: Wanted, found: Template) -> Mail:
    """The mail as a template of the tenant says, whether that is enabled or not. Raises TemplateError."""
    from idp.tenant.mail import templates

    language = language_of(work, wanted)
    rendered, sender = templates.render(found, ours(work, wanted, language), values(work, wanted, language))
    return _mail(work, wanted, rendered, sender)


def ours(work: Work, wanted: Wanted, language: str) -> RenderedMail:
    """The mail in our words."""
    from idp.foundation.tenancy.branding import branding
    from idp.foundation.web.pages import render_mail

    return render_mail(wanted.template, language, branding(work), **wanted.context)


def language_of(work: Work, wanted: Wanted) -> str:
    """The tenant's language that comes closest to the reader's."""
    from idp.foundation.web.i18n import negotiate

    return negotiate(wanted.locale, None, work.config.settings.enabled_locales)


def _mail(work: Work, wanted: Wanted, rendered: RenderedMail, sender: Sender | None = None) -> Mail:
    sender = sender or _own_sender(work)
    return Mail(
        sender=sender.address if sender else f"no-reply@{work.config.host.partition(':')[0].strip('[]')}",
        sender_name=sender.name if sender and sender.name else work.config.friendly_name,
        to=wanted.to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=wanted.message_id,
    )


def values(work: Work, wanted: Wanted, language: str) -> dict[str, Any]:
    """What a template may name, as documented for Liquid in mails."""
    settings = work.config.settings
    known = subjects.find(work, wanted.about) if wanted.about else {}
    user = {"email": wanted.to, **known.get("user", {})}
    application = {"name": wanted.context.get("application") or "", **known.get("application", {})}
    return {
        **wanted.context,
        "tenant": work.tenant_id,
        "friendly_name": work.config.friendly_name,
        "support_email": settings.support_email or "",
        "support_url": settings.support_url or "",
        "picture_url": settings.picture_url or "",
        "request_language": language,
        "domain": work.config.host,
        "connection": known.get("connection", {}),
        "application": application,
        "user": {**user, "source_ip": wanted.context.get("ip") or ""},
        "organization": {},
    }


def _own(work: Work) -> dict[str, Any] | None:
    """The tenant's provider, where one that sends is enabled."""
    from idp.tenant.mail import administration, providers

    found = administration.active(work)
    return found if found is not None and found["name"] in providers.PROVIDERS else None


def tenants_without_own(session: Session) -> list[str]:
    """The tenants whose mails leave by the server of ``SMTP_URL``, or not at all where there is none; by their ids."""
    from idp.tenant.mail import providers
    from idp.tenant.mail.service import ONE, PROVIDER

    kept = select(TenantDocument.tenant_id, TenantDocument.document)
    own = {
        tenant_id
        for tenant_id, document in session.execute(
            kept.where(TenantDocument.kind == PROVIDER, TenantDocument.name == ONE)
        )
        if document.get("enabled", True) and document.get("name") in providers.PROVIDERS
    }
    return [each for each in session.scalars(select(Tenant.id).order_by(Tenant.id)) if each not in own]


def _own_sender(work: Work) -> Sender | None:
    from idp.tenant.mail import templates

    own = _own(work)
    return templates.sender(own.get("default_from_address") or "") if own else None


@lru_cache(maxsize=1)
def _smtp(url: str, ca_file: str | None) -> Any:
    from idp.tenant.mail.smtp import Smtp

    return Smtp.from_url(url, ca_file).deliver
