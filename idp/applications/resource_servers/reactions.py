"""What APIs do about news from elsewhere."""

from __future__ import annotations

from idp.applications.resource_servers import service
from idp.foundation.kernel.events import ClientDeleted, TenantMoved
from idp.foundation.tenancy.configuration import management_audience
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def follow_tenant(work: Work, event: TenantMoved) -> None:
    """The Management API's identifier is derived from the tenant's URL (contract.md section 2)."""
    service.follow_identifier(work, management_audience(event.old_url), management_audience(event.new_url))


def forget_client(work: Work, event: ClientDeleted) -> None:
    """A client that is gone is no API."""
    service.unlink_client(work, event.client_id)


REACTIONS = (On(TenantMoved, follow_tenant), On(ClientDeleted, forget_client))
