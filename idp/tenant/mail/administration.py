"""Use cases of administrators on mail: the provider, and the tenant's own templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.kernel.faults import BODY, PATH, fault
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.foundation.web import liquid
from idp.tenant.mail import templates
from idp.tenant.mail.schemas import ProviderUpdate
from idp.tenant.mail.service import ONE, PROVIDER

NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "mailgun": frozenset({"api_key", "domain"}),
    "mandrill": frozenset({"api_key"}),
    "sendgrid": frozenset({"api_key"}),
    "resend": frozenset({"api_key"}),
    "sparkpost": frozenset({"api_key"}),
    "ses": frozenset({"accessKeyId", "secretAccessKey", "region"}),
    "smtp": frozenset({"smtp_host", "smtp_port"}),
    "azure_cs": frozenset({"connectionString"}),
    "ms365": frozenset({"tenantId", "clientId", "clientSecret"}),
    "custom": frozenset(),
}
"""Provider -> members that its credentials need."""
TAKEN: Final[Mapping[str, frozenset[str]]] = {
    "mailgun": frozenset({"region"}),
    "sparkpost": frozenset({"region"}),
    "mandrill": frozenset({"api_user"}),
    "sendgrid": frozenset({"api_user"}),
    "smtp": frozenset({"smtp_user", "smtp_pass"}),
}
"""Provider -> members that its credentials may have besides."""


def provider(work: Work) -> dict[str, Any]:
    """The provider with its secrets. Raises NotFound."""
    row = documents.get(work, PROVIDER, ONE)
    if row is None:
        raise NotFound("The email provider does not exist.", "inexistent_email_provider")
    return opened(work, row.document)


def create_provider(work: Work, members: Mapping[str, Any]) -> dict[str, Any]:
    """The tenant's provider. Raises Conflict where it has one, BadRequest for credentials of another kind."""
    if documents.locked(work, PROVIDER, ONE) is not None:
        raise Conflict("An email provider is already configured.", "email_provider_conflict")
    return _keep(work, merged({}, members, deep=("credentials",)))


def update_provider(work: Work, members: Mapping[str, Any]) -> dict[str, Any]:
    """Change it: credentials merge while the provider stays the same. Raises NotFound, BadRequest."""
    documents.lock(work)
    before = provider(work)
    same = members.get("name", before["name"]) == before["name"]
    if not same:
        before = {**before, "credentials": {}}
    elif _aims_elsewhere(before["credentials"], members.get("credentials")):
        kept = {name: value for name, value in before["credentials"].items() if name != "smtp_pass"}
        before = {**before, "credentials": kept}
    return _keep(work, merged(before, members, deep=("credentials",)))


def delete_provider(work: Work) -> None:
    """The deployment's own server sends again. That there is none is no error."""
    documents.remove(work, PROVIDER, ONE)


def opened(work: Work, document: Mapping[str, Any]) -> dict[str, Any]:
    """A stored provider with its secrets."""
    found: dict[str, Any] = document_encryption.opened(document, ProviderUpdate, documents.sealer(work, PROVIDER, ONE))
    return found


def active(work: Work) -> dict[str, Any] | None:
    """The provider that mails leave by, as the remembered configuration has it; None where there is none."""
    kept = documents.of_kind(work, PROVIDER).get(ONE)
    return opened(work, kept) if kept and kept.get("enabled", True) else None


def template(work: Work, name: str) -> dict[str, Any]:
    """A template as it was set. Raises NotFound, BadRequest for a name there is none of."""
    check_name(name)
    row = documents.get(work, templates.KIND, name)
    if row is None:
        raise NotFound("The template does not exist.", "inexistent_email_template")
    return dict(row.document)


def create_template(work: Work, members: Mapping[str, Any]) -> dict[str, Any]:
    """A new one. Raises Conflict where it is there."""
    name = str(members["template"])
    if documents.locked(work, templates.KIND, name) is not None:
        raise Conflict("The template already exists.", "email_template_conflict")
    return _keep_template(work, name, merged({}, members))


def set_template(work: Work, name: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Make or replace it. Raises BadRequest."""
    check_name(name)
    _check_same(name, members)
    return _keep_template(work, name, merged({}, members))


def update_template(work: Work, name: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Change some of it. Raises NotFound, BadRequest."""
    documents.lock(work)
    before = template(work, name)
    _check_same(name, members)
    return _keep_template(work, name, merged(before, members))


def delete_template(work: Work, name: str) -> None:
    """Ours is sent again. That there is none is no error. Raises BadRequest for a name there is none of."""
    check_name(name)
    documents.remove(work, templates.KIND, name)


def _keep(work: Work, document: dict[str, Any]) -> dict[str, Any]:
    _check_credentials(document["name"], document.get("credentials") or {})
    sender = document.get("default_from_address")
    if sender and templates.sender(sender) is None:
        raise fault(BODY, "Object didn't pass validation for format email", "default_from_address")
    sealed = document_encryption.seal(document, ProviderUpdate, documents.sealer(work, PROVIDER, ONE))
    documents.put(work, PROVIDER, ONE, sealed)
    return document


def _aims_elsewhere(before: Mapping[str, Any], given: Mapping[str, Any] | None) -> bool:
    """Whether the password would go to a server that it was not given for: whoever may change where mails go may not
    learn it by that.
    """
    asked = given or {}
    return any(name in asked and asked[name] != before.get(name) for name in ("smtp_host", "smtp_port"))


def _check_credentials(name: str, credentials: Mapping[str, Any]) -> None:
    given = {member for member, value in credentials.items() if value not in (None, "")}
    if name == "custom":
        return
    needed = NEEDED[name]
    if missing := sorted(needed - given):
        raise fault(BODY, f"Missing required property: {missing[0]}", "credentials")
    if odd := sorted(given - needed - TAKEN.get(name, frozenset())):
        raise fault(BODY, f"Additional properties not allowed: {odd[0]}", "credentials")
    if name in {"mailgun", "sparkpost"} and credentials.get("region") not in (None, "", "eu"):
        raise fault(BODY, f"No enum match for: {credentials['region']}", "credentials.region")


def _keep_template(work: Work, name: str, document: dict[str, Any]) -> dict[str, Any]:
    for member in ("body", "subject", "from", "resultUrl"):
        try:
            liquid.check(document.get(member) or "")
        except liquid.TemplateError as error:
            raise fault(BODY, str(error), member) from error
    lifetime = document.get("urlLifetimeInSeconds")
    if isinstance(lifetime, float) and lifetime.is_integer():
        document["urlLifetimeInSeconds"] = int(lifetime)
    kept = {**document, "template": name}
    documents.put(work, templates.KIND, name, kept)
    return kept


def check_name(name: str) -> None:
    """Raises BadRequest for a template that there is none of."""
    if name not in templates.NAMES:
        raise fault(PATH, f"No enum match for: {name[:80]}", "templateName", "Template name")


def _check_same(name: str, members: Mapping[str, Any]) -> None:
    if members.get("template", name) != name:
        raise BadRequest("The template in the body is another one than in the path.", "invalid_body")
