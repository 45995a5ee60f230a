"""Use cases on phone providers and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from idp.foundation.kernel import ids
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import Conflict, NotFound
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.models import TenantDocument
from idp.foundation.tenancy.work import Work
from idp.foundation.web import liquid
from idp.tenant.phone import stored
from idp.tenant.phone.runtime import TEMPLATE, WORDS
from idp.tenant.phone.stored import PROVIDER

NO_PROVIDER: Final = "The phone provider does not exist."
NO_TEMPLATE: Final = "The phone template does not exist."


def provider(work: Work, provider_id: str) -> TenantDocument:
    """One provider. Raises NotFound."""
    return _found(documents.get(work, PROVIDER, provider_id), NO_PROVIDER)


def create_provider(work: Work, members: Mapping[str, Any]) -> TenantDocument:
    """The tenant's provider. Raises Conflict where it has one, BadRequest for what that provider does not take."""
    documents.lock(work)
    if documents.every(work, PROVIDER):
        raise Conflict("A phone provider exists already.")
    return _keep(work, ids.prefixed("pro_", 22), merged({}, members))


def update_provider(work: Work, provider_id: str, members: Mapping[str, Any]) -> TenantDocument:
    """Change it: ``configuration`` is replaced, credentials stay unless they are sent. Raises NotFound, BadRequest."""
    row = _found(documents.locked(work, PROVIDER, provider_id), NO_PROVIDER)
    before = stored.opened(work, row.name, row.document)
    if members.get("name", before["name"]) != before["name"]:
        before = {}
    return _keep(work, provider_id, merged(before, members))


def delete_provider(work: Work, provider_id: str) -> None:
    """Remove it. Raises NotFound."""
    if not documents.remove(work, PROVIDER, provider_id):
        raise NotFound(NO_PROVIDER)


def template(work: Work, template_id: str) -> TenantDocument:
    """One template. Raises NotFound."""
    return _found(documents.get(work, TEMPLATE, template_id), NO_TEMPLATE)


def create_template(work: Work, members: Mapping[str, Any]) -> TenantDocument:
    """A template of a type that has none yet. Raises Conflict, BadRequest."""
    documents.lock(work)
    kind = members["type"]
    if any(row.document["type"] == kind for row in documents.every(work, TEMPLATE)):
        raise Conflict("A phone template of that type exists already.")
    content = _whole(kind, members.get("content") or {})
    document = {"type": kind, "disabled": members.get("disabled", False), "content": content}
    return documents.put(work, TEMPLATE, ids.prefixed("tem_", 22), document)


def update_template(work: Work, template_id: str, members: Mapping[str, Any]) -> TenantDocument:
    """Change it; ``content`` merges. Raises NotFound, BadRequest."""
    row = _found(documents.locked(work, TEMPLATE, template_id), NO_TEMPLATE)
    document = merged(row.document, members, deep=("content",))
    _check(document["content"])
    return documents.put(work, TEMPLATE, template_id, document)


def reset_template(work: Work, template_id: str) -> TenantDocument:
    """Its words are the first ones again. Raises NotFound."""
    row = _found(documents.locked(work, TEMPLATE, template_id), NO_TEMPLATE)
    return documents.put(work, TEMPLATE, template_id, {**row.document, "content": _whole(row.document["type"], {})})


def delete_template(work: Work, template_id: str) -> None:
    """Remove it. Raises NotFound."""
    if not documents.remove(work, TEMPLATE, template_id):
        raise NotFound(NO_TEMPLATE)


def _keep(work: Work, provider_id: str, document: dict[str, Any]) -> TenantDocument:
    configuration = document.get("configuration") or {}
    if document["name"] == "twilio":
        if not (document.get("credentials") or {}).get("auth_token"):
            raise fault(BODY, "Missing required property: auth_token", "credentials")
        if not configuration.get("sid"):
            raise fault(BODY, "Missing required property: sid", "configuration")
        if not (configuration.get("default_from") or configuration.get("mssid")):
            raise fault(BODY, "Missing required property: default_from or mssid", "configuration")
    return documents.put(work, PROVIDER, provider_id, stored.sealed(work, provider_id, document))


def _whole(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with first words where none were sent."""
    words = {"text": WORDS[kind], "voice": WORDS[kind], **(content.get("body") or {})}
    whole = {"syntax": "liquid", **content, "body": words}
    _check(whole)
    return whole


def _check(content: Mapping[str, Any]) -> None:
    for name, words in (content.get("body") or {}).items():
        try:
            liquid.check(words)
        except liquid.TemplateError as error:
            raise fault(BODY, str(error), f"content.body.{name}") from error


def _found(row: TenantDocument | None, missing: str) -> TenantDocument:
    if row is None:
        raise NotFound(missing)
    return row
