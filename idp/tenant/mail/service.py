"""Use cases on mail: ask for one, through the outbox."""

from __future__ import annotations

from collections.abc import Mapping

from idp.foundation.kernel import ids
from idp.foundation.queue import outbox
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.tenant.mail import deliveries, delivery

TASK = "mail.send"
"""The outbox task that delivers one mail."""
TEMPLATES = "email-template"
"""Kind of the documents that hold the tenant's own mails."""
PROVIDER = "email-provider"
"""Kind of the document that says who sends the tenant's mails."""
ONE = "default"
"""Name of the one provider that a tenant has."""
LIFETIME_S = 432_000
"""Seconds for which the link of a mail is good unless its template says otherwise."""
TENANTS_LANGUAGE = ""
"""Stands for the language of a reader of whom nothing is known: the tenant's default."""


def send(
    work: Work, template: str, to: str, locale: str, *, about: Mapping[str, str | None] | None = None, **context: object
) -> None:
    """Put ``templates/mail/<template>`` for ``to`` into the outbox, inside the caller's transaction; the worker renders
    it, in the reader's language ``locale`` (:data:`TENANTS_LANGUAGE` where nobody knows that).

    ``to`` is the stored address, never what somebody typed (security.md Q3). ``context`` is plain data; ``about`` names
    whom it is about by ``user_id``, ``client_id`` and ``connection_id``, for templates of the tenant's own.
    """
    named = {name: value for name, value in (about or {}).items() if value}
    host = work.config.host.partition(":")[0].strip("[]")
    message_id, told = f"<{ids.alphanumeric(24)}@{host}>", deliveries.new_id()
    wanted = delivery.Wanted(template, to, locale, context, message_id, named, told)
    task_id = outbox.put(work, TASK, wanted.as_payload(), receiver=to.rpartition("@")[2])
    deliveries.queued(work, told, deliveries.EMAIL, template, to, named.get("user_id"), task_id)


def has_template(work: Work, name: str) -> bool:
    """Whether the tenant has that template of its own, switched on."""
    return bool(documents.of_kind(work, TEMPLATES).get(name, {}).get("enabled"))


def link(work: Work, template: str, to: str, about: Mapping[str, str | None]) -> tuple[int, str | None, bool]:
    """What the tenant's template says of the link of a mail: seconds that it is good, where it leads on to, and whether
    the address goes along. Nothing is read where the tenant has no template for that mail.
    """
    if not documents.of_kind(work, TEMPLATES):
        return LIFETIME_S, None, False
    from idp.tenant.mail import templates

    named = {name: value for name, value in about.items() if value}
    wanted = delivery.Wanted(template, to, TENANTS_LANGUAGE, {"email": to}, "", named)
    url, include_email = None, False
    if templates.of_mail(work, template) is not None:
        url, include_email = templates.result_url(work, template, delivery.values(work, wanted, TENANTS_LANGUAGE))
    return templates.lifetime_s(work, template), url, include_email
