"""``ETag`` and ``If-Match`` of the Management API (RFC 9110 8.8.3, 13.1.1): the version of an editable object.

An operation on one object (``/clients/{id}``) answers its version, and with ``If-Match`` changes or deletes no other
one. Comparing costs nothing more: whoever changes a row locks it (decision 0260).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from idp.applications.clients.models import Client, ClientGrant
from idp.applications.resource_servers.models import ResourceServer
from idp.directory.connections.models import Connection
from idp.directory.roles.models import Role
from idp.directory.users.models import User
from idp.foundation.apikit import Endpoint
from idp.foundation.apikit.answers import Answer
from idp.foundation.kernel.errors import BadRequest, VersionMismatch
from idp.foundation.tenancy.models import Tenant, TenantDocument
from idp.foundation.tenancy.work import Work
from idp.tenant.mail.service import ONE, PROVIDER, TEMPLATES
from idp.tenant.phone.runtime import TEMPLATE
from idp.tenant.phone.stored import PROVIDER as PHONE_PROVIDER

_TAG = re.compile(r'(?:W/)?"v?(?P<version>[0-9]{1,9})"')
_ONE = re.compile(r"/([a-z-]+(?:/[a-z-]+)*)/\{\w+\}")
_OBJECTS: Mapping[str, type[Any]] = {
    "clients": Client,
    "client-grants": ClientGrant,
    "connections": Connection,
    "resource-servers": ResourceServer,
    "roles": Role,
    "users": User,
}
_DOCUMENTS: Mapping[str, str] = {
    "email-templates": TEMPLATES,
    "branding/phone/providers": PHONE_PROVIDER,
    "branding/phone/templates": TEMPLATE,
}
"""The like of documents beside the tenant's row, by their kind."""
_FIXED: Mapping[str, tuple[str, str]] = {"/emails/provider": (PROVIDER, ONE)}
"""Documents of which a tenant has one."""
_OF_TENANT = frozenset({"/tenants/settings", "/prompts", "/branding"})
"""Documents that stand in the tenant's one row, and have its version."""
_Found = tuple[type[Any], tuple[str, ...]]


def expect(work: Work, endpoint: Endpoint, params: Mapping[str, str], if_match: str | None) -> None:
    """Have the object of a call watched, and unchanged since the caller saw it where they say so.

    :raises VersionMismatch: it was changed or deleted since.
    :raises BadRequest: ``If-Match`` is none of this API's tags, or the operation is on no such object.
    """
    found = _object(work, endpoint, params)
    if found is None:
        if if_match and endpoint.method != "GET":
            raise BadRequest("If-Match is understood by operations on one object alone.", "invalid_header")
        return
    model, key = found
    with work.looking():
        work.rows.expect(model, *key, version=_version(work, model, key, if_match, endpoint.method))


def tagged(work: Work, endpoint: Endpoint, params: Mapping[str, str], answer: Answer) -> Answer:
    """The answer with the object's version."""
    found = _object(work, endpoint, params)
    if found is None or endpoint.method == "DELETE" or answer.status >= HTTPStatus.BAD_REQUEST:
        return answer
    if endpoint.method != "GET":
        work.rows.flush()
    version = of(work, endpoint, params)
    return answer if version is None else replace(answer, headers={**answer.headers, "ETag": f'"v{version}"'})


def of(work: Work, endpoint: Endpoint, params: Mapping[str, str]) -> int | None:
    """The version of the object that a call was about, once it was read; asks the store for nothing."""
    found = _object(work, endpoint, params)
    if found is None:
        return None
    model, key = found
    return work.rows.version_of(model, *key)


def _object(work: Work, endpoint: Endpoint, params: Mapping[str, str]) -> _Found | None:
    if endpoint.path in _OF_TENANT:
        return Tenant, (work.tenant_id,)
    if endpoint.path in _FIXED and endpoint.method != "POST":
        return TenantDocument, _FIXED[endpoint.path]
    match = _ONE.fullmatch(endpoint.path)
    if match is None:
        return None
    name = next(iter(params.values()))
    if match[1] in _DOCUMENTS:
        return TenantDocument, (_DOCUMENTS[match[1]], name)
    model = _OBJECTS.get(match[1])
    return (model, (name,)) if model is not None else None


def _version(work: Work, model: type[Any], key: tuple[str, ...], if_match: str | None, method: str) -> int | None:
    """The version that the caller saw; None where they do not say, or take any."""
    if not if_match or method == "GET":
        return None
    if if_match.strip() == "*":
        return None
    tags = [_TAG.fullmatch(tag.strip()) for tag in if_match.split(",")]
    versions = [int(tag["version"]) for tag in tags if tag is not None]
    if not versions:
        raise VersionMismatch
    if len(versions) == 1:
        return versions[0]
    row = work.rows.get(model, (work.tenant_id, *key) if model is not Tenant else key)
    return row.version if row is not None and row.version in versions else versions[0]
