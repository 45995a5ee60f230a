"""A tenant's own mails (``/email-templates``): which of them takes the place of which of ours, and what Liquid makes of
it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from html.parser import HTMLParser
from typing import Any, Final

import structlog

from idp.foundation.kernel import registered_urls
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.foundation.web import liquid
from idp.foundation.web.pages import RenderedMail
from idp.tenant.mail.service import LIFETIME_S, TEMPLATES

log = structlog.get_logger(__name__)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KIND: Final = TEMPLATES
NAMES: Final = (
    "verify_email",
    "verify_email_by_code",
    "auth_email_by_code",
    "reset_email",
    "reset_email_by_code",
    "welcome_email",
    "blocked_account",
    "stolen_credentials",
    "enrollment_email",
    "mfa_oob_code",
    "user_invitation",
    "change_password",
    "password_reset",
    "async_approval",
)
"""Every template there is."""
TAKES_PLACE_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "reset_email": ("reset_email", "change_password", "password_reset"),
    "passwordless_code": ("auth_email_by_code",),
}
"""Our mail -> the templates that may take its place, the first that is enabled. A mail that is not here is called as
its template is.
"""


@dataclass(frozen=True)
class Template:
    """A stored template that is enabled."""

    name: str
    body: str
    subject: str = ""
    sender: str = ""
    result_url: str = ""
    lifetime_s: int = LIFETIME_S
    email_in_redirect: bool = False


@dataclass(frozen=True)
class Sender:
    """Who a mail is from: a bare address, and a name."""

    address: str
    name: str = ""


def of_mail(work: Work, mail: str) -> Template | None:
    """The tenant's template for one of our mails, where one is enabled."""
    kept = documents.of_kind(work, KIND)
    for name in TAKES_PLACE_OF.get(mail, (mail,)):
        found = kept.get(name)
        if found and found.get("enabled"):
            return read(name, found)
    return None


def mail_of(name: str) -> str:
    """Our mail that a template takes the place of."""
    return next((mail for mail, names in TAKES_PLACE_OF.items() if name in names), name)


def lifetime_s(work: Work, mail: str) -> int:
    """Seconds for which the link of that mail is good."""
    found = of_mail(work, mail)
    return found.lifetime_s if found else LIFETIME_S


def result_url(work: Work, mail: str, values: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Where the link of that mail leads on to when it has done its work, and whether the address goes along."""
    found = of_mail(work, mail)
    if found is None or not found.result_url:
        return None, False
    try:
        url = liquid.text(found.result_url, values).strip()
    except liquid.TemplateError as error:
        log.warning("the result URL of a mail failed", template=found.name, reason=str(error))
        return None, False
    return (url, found.email_in_redirect) if url and registered_urls.result_page(url) else (None, False)


def render(found: Template, ours: RenderedMail, values: Mapping[str, Any]) -> tuple[RenderedMail, Sender | None]:
    """The tenant's mail, and who it is from where the template says so. What the template does not say, ``ours`` says.
    Raises TemplateError.
    """
    html = liquid.html(found.body, values) if found.body.strip() else ours.html
    subject = " ".join(liquid.text(found.subject, values).split()) if found.subject.strip() else ours.subject
    text = plain(html) if found.body.strip() else ours.text
    named = liquid.text(found.sender, values) if found.sender.strip() else ""
    return RenderedMail(subject=subject, text=text, html=html), sender(named)


def sender(written: str) -> Sender | None:
    """``Acme <login@acme.example>`` or an address alone; None for anything else."""
    name, address = parseaddr(" ".join(written.split()))
    local, at, domain = address.rpartition("@")
    return Sender(address, name) if at and local and domain else None


def plain(html: str) -> str:
    """What an HTML mail says to readers without HTML: its text, with the addresses of its links."""
    reader = _Plain()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def read(name: str, kept: Mapping[str, Any]) -> Template:
    """A stored document, enabled or not."""
    return Template(
        name,
        body=str(kept.get("body") or ""),
        subject=str(kept.get("subject") or ""),
        sender=str(kept.get("from") or ""),
        result_url=str(kept.get("resultUrl") or ""),
        lifetime_s=int(kept.get("urlLifetimeInSeconds") or LIFETIME_S),
        email_in_redirect=bool(kept.get("includeEmailInRedirect")),
    )


PLACES: Final[Mapping[str, str]] = {
    "url": "{{ url }}",
    "code": "{{ code }}",
    "email": "{{ user.email }}",
    "application": "{{ application.name }}",
    "ip": "{{ user.source_ip }}",
    "new_email": "{{ new_email }}",
    "message": "{{ message }}",
    "inviter": "{{ inviter }}",
}
"""How a template writes what ours are given by these names."""


def example(link: str) -> dict[str, Any]:
    """Made-up values for a preview."""
    return {
        "url": link,
        "code": "123456",
        "email": "jane@example.com",
        "expires_in": LIFETIME_S,
        "application": "Example application",
        "ip": "203.0.113.7",
        "everywhere": False,
        "new_email": "jane.doe@example.com",
        "support_url": None,
        "reset_url": link,
        "inviter": "Josephine Baker",
        "message": "Order 1928",
    }


class _Plain(HTMLParser):
    """Collects text."""

    _BREAKS = _words("p div br tr li h1 h2 h3 h4 h5 h6 table ul ol hr blockquote")
    _SILENT = frozenset({"style", "script", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._links: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Lines end where blocks do."""
        self._silent += tag in self._SILENT
        if tag in self._BREAKS:
            self.parts.append("\n")
        if tag == "a":
            self._links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        """A link is followed by its address."""
        self._silent = max(0, self._silent - (tag in self._SILENT))
        if tag == "a" and self._links and (address := self._links.pop()):
            self.parts.append(f" {address} ")
        if tag in self._BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._silent:
            self.parts.append(re.sub(r"\s+", " ", data))
