"""What APIs do about news from elsewhere."""

from __future__ import annotations

from idp.applications.resource_servers import service
from idp.foundation.kernel.events import ClientDeleted, TenantMoved
from idp.foundation.tenancy.configuration import system_audiences
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def follow_tenant(work: Work, event: TenantMoved) -> None:
    """The identifiers of system APIs are derived from the tenant's URL (contract.md section 2)."""
    for old, new in zip(system_audiences(event.old_url), system_audiences(event.new_url), strict=True):
        service.follow_identifier(work, old, new)


def forget_client(work: Work, event: ClientDeleted) -> None:
    """A client that is gone is no API."""
    service.unlink_client(work, event.client_id)


REACTIONS = (On(TenantMoved, follow_tenant), On(ClientDeleted, forget_client))
