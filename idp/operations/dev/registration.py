"""The sample application as the provider knows it."""

from __future__ import annotations

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.tenancy.work import Work
from idp.operations.installation import samples


def registration(work: Work) -> ClientConfig | None:
    """The client; None where somebody deleted it."""
    return work.config.remember("sample application", "", lambda: _find(work))


def _find(work: Work) -> ClientConfig | None:
    row = samples.find_application(work)
    return clients.find(work, row.client_id) if row else None
