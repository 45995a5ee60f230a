"""Use cases on token exchange profiles. They run in the caller's unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from idp.applications.clients import trusted_issuers
from idp.applications.exchange_profiles.runtime import KIND
from idp.foundation.kernel import ids
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import Conflict, NotFound
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.models import TenantDocument
from idp.foundation.tenancy.work import Work

MOST: Final = 100
"""Profiles of a tenant."""
RESERVED: Final = (
    "urn:ietf",
    "urn:auth0",
    "urn:okta",
    "http://auth0.com",
    "https://auth0.com",
    "http://okta.com",
    "https://okta.com",
)
"""What types of tokens begin with that others define."""
NOT_FOUND: Final = "The token exchange profile does not exist."


def get(work: Work, profile_id: str) -> TenantDocument:
    """The profile. Raises NotFound."""
    row = documents.get(work, KIND, profile_id)
    if row is None:
        raise NotFound(NOT_FOUND, "inexistent_token_exchange_profile")
    return row


def create(work: Work, members: Mapping[str, Any]) -> TenantDocument:
    """A new profile.

    :raises Conflict: its type has one, or the tenant has as many as it may.
    :raises BadRequest: the type is not the tenant's to define, or the issuer has no keys.
    """
    documents.lock(work)
    if len(documents.every(work, KIND)) >= MOST:
        raise Conflict(f"A tenant has at most {MOST} token exchange profiles.", "too_many_entities")
    return _keep(work, ids.prefixed("tep"), merged({}, members))


def update(work: Work, profile_id: str, members: Mapping[str, Any]) -> TenantDocument:
    """Apply a PATCH; ``validation`` is replaced whole. Raises NotFound, and what :func:`create` raises."""
    before = documents.locked(work, KIND, profile_id)
    if before is None:
        raise NotFound(NOT_FOUND, "inexistent_token_exchange_profile")
    return _keep(work, profile_id, merged(before.document, members, deep=()))


def delete(work: Work, profile_id: str) -> None:
    """Nothing is exchanged for its type any more. Unknown ids are no error."""
    documents.remove(work, KIND, profile_id)


def _keep(work: Work, profile_id: str, document: dict[str, Any]) -> TenantDocument:
    kind = str(document["subject_token_type"])
    if kind.lower().startswith(RESERVED):
        raise fault(BODY, "Types of tokens below that name are defined by others", "subject_token_type")
    others = [row for row in documents.every(work, KIND) if row.name != profile_id]
    if any(row.document["subject_token_type"] == kind for row in others):
        raise Conflict("A token exchange profile of that subject_token_type exists already.")
    if document.get("validation"):
        trusted_issuers.check(work, document["validation"], "validation")
    return documents.put(work, KIND, profile_id, document)
