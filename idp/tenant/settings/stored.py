"""A tenant's settings at rest: what is secret, or an object that nobody declared, is sealed
(:mod:`idp.foundation.kernel.secret`).
"""

from __future__ import annotations

from typing import Any

from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.secrets import BoundSealer
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work
from idp.tenant.settings.schemas import TenantSettingsUpdate


def sealed(work: Work, document: dict[str, Any]) -> dict[str, Any]:
    """Settings as they are stored."""
    stored: dict[str, Any] = document_encryption.seal(document, TenantSettingsUpdate, _sealer(work))
    return stored


def opened(work: Work, tenant: Tenant) -> dict[str, Any]:
    """Settings as they were sent."""
    document: dict[str, Any] = document_encryption.opened(tenant.settings, TenantSettingsUpdate, _sealer(work))
    return document


def _sealer(work: Work) -> BoundSealer:
    return work.sealer(Tenant.settings, id=work.tenant_id)
