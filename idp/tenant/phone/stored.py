"""A phone provider at rest: its credentials are sealed (:mod:`idp.foundation.kernel.secret`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from idp.foundation.kernel import document_encryption
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.tenant.phone.schemas import ProviderUpdate

PROVIDER: Final = "phone-provider"


def sealed(work: Work, provider_id: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """A provider as it is stored."""
    sealer = documents.sealer(work, PROVIDER, provider_id)
    found: dict[str, Any] = document_encryption.seal(document, ProviderUpdate, sealer)
    return found


def opened(work: Work, provider_id: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """A stored provider with its secrets."""
    sealer = documents.sealer(work, PROVIDER, provider_id)
    found: dict[str, Any] = document_encryption.opened(document, ProviderUpdate, sealer)
    return found
