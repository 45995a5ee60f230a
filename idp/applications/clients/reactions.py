"""What clients do about news from elsewhere."""

from __future__ import annotations

from sqlalchemy import delete

from idp.applications.clients.models import ClientGrant
from idp.foundation.kernel.events import ResourceServerDeleted
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def forget_grants(work: Work, event: ResourceServerDeleted) -> None:
    """A grant on an API that is gone is gone."""
    work.rows.execute(delete(ClientGrant).where(ClientGrant.audience == event.identifier))


REACTIONS = (On(ResourceServerDeleted, forget_grants),)
