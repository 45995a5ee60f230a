"""Who sends the tenant's mails (``/admin/branding/mailer``): the provider, its account, and a mail to try it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from idp.admin.desk import operations
from idp.admin.desk.doing import by, mailed
from idp.admin.desk.frame import Visit
from idp.admin.desk.history import tab as history
from idp.admin.desk.objects import Object
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Absent, Action, Document, Field, Resource, Section, Tab
from idp.tenant.mail import administration, delivery
from idp.tenant.mail import api as mail
from idp.tenant.mail.schemas import ProviderCredentials
from idp.tenant.mail.service import ONE, PROVIDER

PROVIDERS = tuple(name for name, needed in administration.NEEDED.items() if needed)
"""Those with an account: they send. What a custom one does is an Action's to say."""
REGIONS = {"mailgun": ("eu",), "sparkpost": ("eu",)}
AIMED = frozenset({"smtp_host", "smtp_port"})
"""Where mails go, with everything that stands in them: a change is shown before it counts."""
HINTS = frozenset({"smtp_host", "smtp_port", "connectionString", "tenantId", "api_user"})


def _account(name: str) -> Sequence[Field]:
    """What a provider wants to know, in the order of the API."""
    needed, taken = administration.NEEDED[name], administration.TAKEN.get(name, frozenset())
    return [_member(name, each) for each in ProviderCredentials.__struct_fields__ if each in needed | taken]


def _member(name: str, member: str) -> Field:
    """Another account reads the links of all mails as another server would: either wants a fresh sign-in."""
    aimed, path = member in AIMED, f"credentials.{member}"
    if member == "region" and name in REGIONS:
        return Field(path, "choice", REGIONS[name], hint=True)
    return Field(path, careful=aimed, fresh=True, hint=member in HINTS)


def _sections(document: Document) -> Sequence[Section]:
    """The form of the provider that is there, or that is to be."""
    name = str(document.get("name") or "")
    if name not in administration.NEEDED:
        return ()
    sender = (
        Field("name", "hidden", careful=True, fresh=True),
        Field("default_from_address", hint=True),
        Field("enabled", hint=True),
    )
    account = [Section("account", _account(name))] if administration.NEEDED[name] else []
    return (
        *account,
        Section("sender", sender),
        Section("options", (Field("settings", "json", hint=True),), folded=True),
    )


def _of_any() -> Iterable[Section]:
    for name in PROVIDERS:
        yield from _sections({"name": name})


def _chosen(visit: Visit) -> Mapping[str, str]:
    """The provider that somebody picks: the address says which, then the form."""
    asked = next((each["name"] for each in (visit.form, visit.kept, visit.query) if each.get("name")), "")
    return {"name": asked} if asked in PROVIDERS else {}


def _view(visit: Visit, there: Object) -> Mapping[str, Any]:
    stored = str(there.document.get("name") or "")
    picked = _chosen(visit).get("name", stored)
    return {
        "providers": [(name, visit.href(there.path(), name=name), name == picked) for name in PROVIDERS],
        "stored": stored,
        "picked": picked,
        "way": delivery.way(visit.work),
        "may_make": operations.may(visit.work, mail.update_provider if stored else mail.create_provider),
        "may_try": operations.may(visit.work, mail.try_provider),
        "own": visit.member.session.email or "",
    }


def _is_there(document: Document) -> bool:
    return bool(document.get("name"))


RESOURCES = (
    Resource(
        group="branding",
        name="mailer",
        read=mail.get_provider,
        update=mail.update_provider,
        single=True,
        title=lambda _document: "",
        absent=Absent(lambda _visit, _id: {"enabled": True}, mail.create_provider),
        tabs=(
            Tab(
                "provider",
                template="admin/mailer/provider.html",
                view=_view,
                made_of=_sections,
                may_be=_of_any,
                chosen=_chosen,
            ),
            replace(raw(), when=_is_there),
            history(),
        ),
        actions=(
            Action("try", mail.try_provider, by(mail.try_provider, mailed), tab="provider"),
            Action(
                "delete",
                mail.delete_provider,
                by(mail.delete_provider),
                confirm=True,
                fresh=True,
                danger=True,
                when=_is_there,
            ),
        ),
        recorded=("tenant-documents", f"{PROVIDER}/{ONE}"),
        aliases=("Email Provider", "SMTP", "SendGrid", "Amazon SES", "Mailgun", "emails"),
        api="emails.provider",
    ),
)
