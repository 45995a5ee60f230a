"""What clients do about news from elsewhere, and client grants about clients."""

from __future__ import annotations

from idp.applications.clients import client_grants, rights, service
from idp.applications.clients.models import Client
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.events import ApiClientNamed, ClientDeleted, ResourceServerDeleted, TenantMoved
from idp.foundation.tenancy.configuration import system_audiences
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work


def forget_grants(work: Work, event: ResourceServerDeleted) -> None:
    """A grant on an API that is gone is gone."""
    client_grants.remove_of_audience(work, event.identifier)


def forget_grants_of_client(work: Work, event: ClientDeleted) -> None:
    """A client that is gone has no grants."""
    client_grants.remove_of_client(work, event.client_id)


def follow_tenant(work: Work, event: TenantMoved) -> None:
    """Grants on system APIs, and policies for them, stay what they are (contract.md section 2)."""
    for old, new in zip(system_audiences(event.old_url), system_audiences(event.new_url), strict=True):
        client_grants.follow_audience(work, old, new)
        service.follow_audience(work, old, new)


def check_named(work: Work, event: ApiClientNamed) -> None:
    """Only a client of the tenant's own acts as one of its APIs (decision 0117)."""
    client = work.rows.get(Client, (work.tenant_id, event.client_id))
    if client is None:
        raise BadRequest("The client does not exist.", "inexistent_client")
    rights.check_own(client)


REACTIONS = (
    On(ApiClientNamed, check_named),
    On(ResourceServerDeleted, forget_grants),
    On(ClientDeleted, forget_grants_of_client),
    On(TenantMoved, follow_tenant),
)
