"""A mail with made-up values, for administrators who want to see it."""

from __future__ import annotations

from idp.foundation.kernel import ids
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import templates_folder
from idp.tenant.mail import delivery, templates
from idp.tenant.mail.message import Mail


def known() -> list[str]:
    """The mails that there are."""
    return sorted(path.stem for path in (templates_folder() / "mail").glob("[a-z]*.txt"))


def write(work: Work, template: str, *, to: str, language: str = "") -> Mail:
    """The mail as it would be sent. Raises LookupError for one that there is none of."""
    if template not in known():
        raise LookupError(f"There is no mail {template}. There are: {', '.join(known())}.")
    context = {**templates.example(f"{work.config.url}u/example?ticket=example"), "email": to}
    host = work.config.host.partition(":")[0].strip("[]")
    return delivery.write(work, delivery.Wanted(template, to, language, context, f"<{ids.alphanumeric(24)}@{host}>"))
