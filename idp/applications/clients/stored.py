"""A client's document at rest: its declared type says what is sealed (:mod:`idp.foundation.kernel.secret`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.applications.clients.models import Client
from idp.applications.clients.schemas import ClientCreate
from idp.foundation.kernel import document_encryption
from idp.foundation.tenancy.work import Work


def sealed(work: Work, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as it is stored."""
    stored: dict[str, Any] = document_encryption.seal(dict(document), ClientCreate, work.platform.sealer)
    return stored


def opened(work: Work, client: Client) -> dict[str, Any]:
    """The document as it was sent."""
    document: dict[str, Any] = document_encryption.opened(client.data, ClientCreate, work.platform.sealer)
    return document
