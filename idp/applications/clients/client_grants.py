"""Client grants: what a client may ask of a resource server. The use cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy import update as sql_update

from idp.applications.clients import service
from idp.applications.clients.models import ClientGrant
from idp.applications.resource_servers.models import ResourceServer
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.kernel.events import ClientGrantCreated, ClientGrantDeleted, ClientGrantUpdated
from idp.foundation.tenancy.work import Work


def mine(work: Work) -> Sequence[ColumnElement[bool]]:
    """The condition of those grants that whoever asks may see: an administrator may be for some applications only."""
    confined = work.actor.clients
    return () if confined is None else (ClientGrant.client_id.in_(sorted(confined)),)


def get(work: Work, grant_id: str) -> ClientGrant:
    """The grant.

    :raises NotFound: ``inexistent_client_grant``; for an administrator of some applications that of every other, too.
    """
    grant = work.rows.get(ClientGrant, (work.tenant_id, grant_id))
    if grant is None or not work.actor.is_for(grant.client_id):
        raise NotFound("The grant does not exist.", "inexistent_client_grant")
    return grant


def locked(work: Work, grant_id: str) -> ClientGrant | None:
    """The grant, which nobody else changes until the transaction ends; None where there is none, or none for whoever
    asks.
    """
    grant = work.rows.lock_one(ClientGrant, grant_id)
    return grant if grant is not None and work.actor.is_for(grant.client_id) else None


def create(
    work: Work,
    client_id: str,
    audience: str,
    scope: list[str],
    *,
    subject_type: str = "client",
    **more: Any,
) -> ClientGrant:
    """Let a client ask for ``scope`` of the API ``audience`` on its own behalf.

    :raises NotFound: no such client or API.
    :raises Conflict: there is a grant for the two already.
    :raises BadRequest: the API has no such permission.
    """
    service.get(work, client_id)
    _check_scope(work, audience, scope)
    twin = select(ClientGrant.id).where(
        ClientGrant.client_id == client_id, ClientGrant.audience == audience, ClientGrant.subject_type == subject_type
    )
    if work.rows.scalars(twin).first() is not None:
        raise Conflict(f"A resource server with identifier '{audience}' is already granted to the client.")
    return _made(work, client_id, audience, scope, subject_type, more)


def repeat(work: Work, grant: ClientGrant, client_id: str) -> ClientGrant:
    """The same grant for another client, which has none of that kind yet; what the API defined once and no longer does
    stays in it, as in the other.
    """
    return _made(work, client_id, grant.audience, list(grant.scope), grant.subject_type, dict(grant.data))


def _made(
    work: Work, client_id: str, audience: str, scope: list[str], subject_type: str, data: dict[str, Any]
) -> ClientGrant:
    grant = ClientGrant(
        tenant_id=work.tenant_id,
        id=ids.prefixed("cgr"),
        client_id=client_id,
        audience=audience,
        scope=scope,
        subject_type=subject_type,
        data=data,
        created_at=clock.now_ms(),
    )
    work.rows.add(grant)
    work.rows.flush()
    work.configuration_changed()
    work.emit(ClientGrantCreated(grant.id, client_id, audience))
    return grant


def update(work: Work, grant: ClientGrant, members: Mapping[str, Any]) -> ClientGrant:
    """Change a grant; its scopes are replaced whole. One that the API does not define, or not yet, may stand here:
    no token carries it until the API does (:mod:`idp.protocol.tokens.requirements`).
    """
    work.rows.lock(grant)
    if "scope" in members:
        grant.scope = list(members["scope"] or ())
    grant.data = merged(grant.data, {name: value for name, value in members.items() if name != "scope"})
    work.rows.flush()
    work.configuration_changed()
    work.emit(ClientGrantUpdated(grant.id, grant.client_id, grant.audience))
    return grant


def remove(work: Work, grant: ClientGrant) -> None:
    """Take a grant back that the caller has locked."""
    _remove(work, [grant])


def remove_of_audience(work: Work, audience: str) -> None:
    """An API is gone: so is whatever was granted of it."""
    _remove(work, work.rows.lock_all(_in_order().where(ClientGrant.audience == audience)))


def remove_of_client(work: Work, client_id: str) -> None:
    """A client is gone: so is whatever was granted to it."""
    _remove(work, work.rows.lock_all(_in_order().where(ClientGrant.client_id == client_id)))


def follow_audience(work: Work, old: str, new: str) -> None:
    """An API goes by another identifier."""
    work.rows.execute(sql_update(ClientGrant).where(ClientGrant.audience == old).values(audience=new))


def _in_order() -> Select[ClientGrant]:
    """Whoever locks several of them does it in the same order."""
    return select(ClientGrant).order_by(ClientGrant.id)


def _remove(work: Work, grants: Sequence[ClientGrant]) -> None:
    for grant in grants:
        work.rows.delete(grant)
        work.emit(ClientGrantDeleted(grant.id, grant.client_id, grant.audience))
    work.rows.flush()
    work.configuration_changed()


def _check_scope(work: Work, audience: str, scope: list[str]) -> None:
    api_row = work.rows.scalars(select(ResourceServer).where(ResourceServer.identifier == audience)).first()
    if api_row is None:
        raise NotFound(f"Resource server not found: {audience}", "inexistent_resource_server")
    known = {permission["value"] for permission in api_row.data.get("scopes") or ()}
    unknown = [value for value in scope if value not in known]
    if unknown:
        raise BadRequest(f"Scopes not defined by the resource server: {', '.join(unknown)[:300]}", "invalid_body")
