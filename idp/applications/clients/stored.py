"""A client's document at rest: its declared type says what is sealed (:mod:`idp.foundation.kernel.secret`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.applications.clients.models import Client
from idp.applications.clients.schemas import ClientCreate
from idp.foundation.kernel import document_encryption
from idp.foundation.tenancy.work import Work


def sealed(work: Work, client_id: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as it is stored."""
    sealer = work.sealer(Client.data, client_id=client_id)
    stored: dict[str, Any] = document_encryption.seal(dict(document), ClientCreate, sealer)
    return stored


def opened(work: Work, client: Client) -> dict[str, Any]:
    """The document as it was sent."""
    sealer = work.sealer(Client.data, client_id=client.client_id)
    document: dict[str, Any] = document_encryption.opened(client.data, ClientCreate, sealer)
    return document


def sealed_secret(work: Work, client_id: str, secret: str) -> str:
    """The client's secret as it is stored."""
    return work.sealer(Client.secret_sealed, client_id=client_id).seal(secret)


def secret(work: Work, client_id: str, stored: str | None) -> str | None:
    """The client's secret."""
    return work.sealer(Client.secret_sealed, client_id=client_id).open(stored) if stored else None
