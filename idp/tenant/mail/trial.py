"""A mail with made-up values, for administrators who want to see it, or to have it sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from idp.foundation.ephemeral import limits
from idp.foundation.kernel import ids
from idp.foundation.kernel.errors import BadRequest, TooManyRequests
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.queue.tasks import FORESEEN
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.foundation.web.liquid import TemplateError
from idp.foundation.web.pages import RenderedMail, templates_folder
from idp.tenant.mail import administration, deliveries, delivery, providers, templates
from idp.tenant.mail.message import Mail
from idp.tenant.mail.service import ONE, PROVIDER

USUAL: Final = "verify_email"
"""The mail that tries a provider."""
LINK: Final = "u/example?ticket=example"


def known() -> list[str]:
    """The mails that there are."""
    return sorted(path.stem for path in (templates_folder() / "mail").glob("[a-z]*.txt"))


def write(work: Work, template: str, *, to: str, language: str = "") -> Mail:
    """The mail as it would be sent. Raises LookupError for one that there is none of."""
    if template not in known():
        raise LookupError(f"There is no mail {template}. There are: {', '.join(known())}.")
    return delivery.write(work, _wanted(work, template, to, language))


def written(work: Work, name: str, members: Mapping[str, Any] | None, *, to: str, language: str = "") -> Mail:
    """The mail that the template ``name`` makes with these members, or ours without any. Raises TemplateError."""
    wanted = _wanted(work, templates.mail_of(name), to, language)
    return delivery.write_by(work, wanted, templates.read(name, members or {}))


def source(work: Work, name: str, language: str = "") -> RenderedMail:
    """Our mail as a template says it, to begin one of the tenant's own with: names instead of values."""
    wanted = _wanted(work, templates.mail_of(name), "{{ user.email }}", language)
    wanted.context.update(templates.PLACES)
    return delivery.ours(work, wanted, delivery.language_of(work, wanted))


def values(work: Work, name: str, to: str) -> Mapping[str, Any]:
    """What a template may name, with made-up values."""
    wanted = _wanted(work, templates.mail_of(name), to, "")
    return delivery.values(work, wanted, delivery.language_of(work, wanted))


def through_provider(work: Work, to: str, language: str) -> tuple[Mail, str]:
    """Send a mail through the tenant's provider, whether it is enabled or not, or as mails leave without one; the mail,
    and who sent it. Raises BadRequest, TooManyRequests.
    """
    with work.looking():
        row = documents.get(work, PROVIDER, ONE)
        found = administration.opened(work, row.document) if row is not None else None
        if found is not None and found["name"] not in providers.PROVIDERS:
            found = None
        made = write(work, USUAL, to=to, language=language)
    return _send(work, USUAL, made, found)


def with_template(work: Work, name: str, to: str, language: str) -> tuple[Mail, str]:
    """Send what a template says, whether it is enabled or not. Raises BadRequest, TooManyRequests."""
    with work.looking():
        administration.check_name(name)
        row = documents.get(work, templates.KIND, name)
        try:
            made = written(work, name, row.document if row is not None else None, to=to, language=language)
        except TemplateError as error:
            raise fault(BODY, str(error), "body") from error
    return _send(work, templates.mail_of(name), made, None)


def _wanted(work: Work, mail: str, to: str, language: str) -> delivery.Wanted:
    context = {**templates.example(f"{work.config.url}{LINK}"), "email": to}
    host = work.config.host.partition(":")[0].strip("[]")
    return delivery.Wanted(mail, to, language, context, f"<{ids.alphanumeric(24)}@{host}>")


def _send(work: Work, template: str, mail: Mail, through: Mapping[str, Any] | None) -> tuple[Mail, str]:
    if through is None and not delivery.can_deliver(work):
        raise BadRequest("No mail leaves this deployment: there is no provider.", "operation_not_supported")
    wait = limits.exceeded(work, limits.MAIL_TRIALS, "")
    if wait is not None:
        raise TooManyRequests("Too many trial mails.", headers={"Retry-After": str(wait)})
    try:
        delivery.hand_over(work, mail, through)
    except FORESEEN as error:
        deliveries.tried_out(work, deliveries.EMAIL, template, mail.to, str(error))
        raise BadRequest(f"The mail was not sent: {error}", "mail_not_sent") from error
    deliveries.tried_out(work, deliveries.EMAIL, template, mail.to)
    return mail, delivery.sends(work, through)
