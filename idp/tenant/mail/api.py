"""``/emails/provider`` and ``/email-templates``."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from idp.foundation.apikit import Api, as_view, changes, given
from idp.foundation.kernel.formats import Reference
from idp.foundation.tenancy.work import Work
from idp.tenant.mail import administration, trial
from idp.tenant.mail.message import Mail
from idp.tenant.mail.schemas import (
    ProviderCreate,
    ProviderUpdate,
    ProviderView,
    ShownCredentials,
    TemplateSet,
    TemplateUpdate,
    TemplateView,
    Trial,
    TrialView,
)

api = Api("emails")
_SHOWN = frozenset(ShownCredentials.__struct_fields__)


@api.get("/emails/provider", scopes={"read:email_provider"}, fields=True, summary="Get email provider")
def get_provider(work: Work) -> ProviderView:
    """The provider, without what is secret."""
    return _provider(administration.provider(work))


@api.post("/emails/provider", scopes={"create:email_provider"}, summary="Configure email provider")
def create_provider(work: Work, body: ProviderCreate) -> ProviderView:
    """Mails leave by it from now on."""
    return _provider(administration.create_provider(work, changes(body)))


@api.patch("/emails/provider", scopes={"update:email_provider"}, summary="Update email provider")
def update_provider(work: Work, body: ProviderUpdate) -> ProviderView:
    """Change it; another provider needs credentials of its own."""
    return _provider(administration.update_provider(work, changes(body)))


@api.delete("/emails/provider", scopes={"delete:email_provider"}, summary="Delete email provider")
def delete_provider(work: Work) -> None:
    """The deployment's own server sends again."""
    administration.delete_provider(work)


@api.post(
    "/emails/provider/try",
    scopes={"update:email_provider"},
    status=HTTPStatus.ACCEPTED,
    summary="Send a test mail through the email provider",
)
def try_provider(work: Work, body: Trial) -> TrialView:
    """One mail, now, through the provider, whether it is enabled or not; where there is none, as mails leave without
    one.
    """
    return _sent(*trial.through_provider(work, body.to, given(body.language, "")))


@api.post("/email-templates", scopes={"create:email_templates"}, summary="Create an email template")
def create_template(work: Work, body: TemplateSet) -> TemplateView:
    """A mail of the tenant's own."""
    return _template(administration.create_template(work, changes(body)))


@api.get("/email-templates/{template_name}", scopes={"read:email_templates"}, summary="Get an email template")
def get_template(work: Work, template_name: Reference) -> TemplateView:
    """The template as it was set."""
    return _template(administration.template(work, template_name))


@api.put("/email-templates/{template_name}", scopes={"update:email_templates"}, summary="Set an email template")
def set_template(work: Work, template_name: Reference, body: TemplateSet) -> TemplateView:
    """Make or replace it."""
    return _template(administration.set_template(work, template_name, changes(body)))


@api.patch("/email-templates/{template_name}", scopes={"update:email_templates"}, summary="Update an email template")
def update_template(work: Work, template_name: Reference, body: TemplateUpdate) -> TemplateView:
    """Change some of it."""
    return _template(administration.update_template(work, template_name, changes(body)))


@api.delete("/email-templates/{template_name}", scopes={"update:email_templates"}, summary="Delete an email template")
def delete_template(work: Work, template_name: Reference) -> None:
    """Ours is sent again."""
    administration.delete_template(work, template_name)


@api.post(
    "/email-templates/{template_name}/try",
    scopes={"update:email_templates"},
    status=HTTPStatus.ACCEPTED,
    summary="Send a test mail with the template",
)
def try_template(work: Work, template_name: Reference, body: Trial) -> TrialView:
    """One mail with made-up values, now: as the template says, whether it is enabled or not, or ours without one."""
    return _sent(*trial.with_template(work, template_name, body.to, given(body.language, "")))


def _sent(mail: Mail, by: str) -> TrialView:
    return TrialView(subject=mail.subject, sender=mail.sender, to=mail.to, sent_by=by)


def _provider(document: Mapping[str, Any]) -> ProviderView:
    credentials = {name: value for name, value in (document.get("credentials") or {}).items() if name in _SHOWN}
    return as_view(ProviderView, {"enabled": True, **document, "credentials": credentials})


def _template(document: Mapping[str, Any]) -> TemplateView:
    return as_view(TemplateView, document)
