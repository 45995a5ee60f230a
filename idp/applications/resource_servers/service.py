"""Use cases on resource servers. They run in the caller's unit of work and raise the configuration version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy import update as sql_update

from idp.applications.resource_servers import my_account, shared_signals
from idp.applications.resource_servers.models import ResourceServer
from idp.foundation.db.json_text import json_member
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.kernel.events import ApiClientNamed, ResourceServerDeleted, ScopesRemoved
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import service as keys

COLUMNS = ("identifier", "name", "signing_secret", "is_system")
SYSTEM_MEMBERS = frozenset(
    {"token_lifetime", "token_lifetime_for_web", "token_dialect", "subject_type_authorization", "signing_alg"}
)
"""What may change of the Management API's own row."""
_DEFAULTS: Mapping[str, Any] = {
    "scopes": [],
    "signing_alg": "RS256",
    "token_lifetime": 86_400,
    "token_lifetime_for_web": 7_200,
    "token_dialect": "rfc9068_profile",
    "allow_offline_access": False,
    "skip_consent_for_verifiable_first_party_clients": True,
    "enforce_policies": False,
    "subject_type_authorization": {"user": {"policy": "allow_all"}, "client": {"policy": "require_client_grant"}},
}
_SECRET_BYTES = 32
DOTS = frozenset({".", ".."})
MAX_NAME = 200
"""An API without a name of its own goes by the beginning of its identifier, which may be longer than a name."""


def get(work: Work, id_or_identifier: str) -> ResourceServer:
    """The API with that id, or with that identifier, as Auth0 takes both.

    :raises NotFound: ``inexistent_resource_server``.
    """
    found = work.rows.get(ResourceServer, (work.tenant_id, id_or_identifier))
    if found is None:
        found = work.rows.scalars(select(ResourceServer).where(ResourceServer.identifier == id_or_identifier)).first()
    if found is None:
        raise NotFound("The resource server does not exist", "inexistent_resource_server")
    return found


def create(work: Work, members: Mapping[str, Any], *, is_system: bool = False) -> ResourceServer:
    """A new API; ``members`` have Auth0's names and need an ``identifier``.

    :raises Conflict: the identifier is taken.
    :raises BadRequest: a permission is named twice, or the client that acts as the API is unknown.
    """
    identifier = str(members["identifier"])
    _check_identifier(identifier)
    if my_account.is_it(work, identifier):
        members, is_system = my_account.members(members), True
    elif shared_signals.is_it(work, identifier):
        members = shared_signals.members(members)
    if work.rows.scalars(select(ResourceServer.id).where(ResourceServer.identifier == identifier)).first() is not None:
        raise Conflict(f"A resource server with identifier '{identifier}' already exists.")
    document = {
        **_DEFAULTS,
        **{name: value for name, value in members.items() if name not in COLUMNS and value is not None},
    }
    _check_scopes(document)
    moment = clock.now_ms()
    secret = members.get("signing_secret") or ids.token(_SECRET_BYTES)
    id_ = ids.hex24()
    row = ResourceServer(
        tenant_id=work.tenant_id,
        id=id_,
        identifier=identifier,
        name=str(members.get("name") or identifier[:MAX_NAME]),
        is_system=is_system,
        signing_secret_sealed=_sealed(work, id_, str(secret)),
        data=document,
        created_at=moment,
        updated_at=moment,
    )
    work.rows.add(row)
    work.rows.flush()
    _announce_client(work, None, document.get("client_id"))
    keys.ensure_for(work, document["signing_alg"])
    work.configuration_changed()
    return row


def update(work: Work, row: ResourceServer, changes: Mapping[str, Any]) -> ResourceServer:
    """Apply a PATCH.

    :raises BadRequest: ``operation_not_supported`` for members of the system API that stay as they are.
    """
    work.rows.lock(row)
    _check_kept(row, changes, own=my_account.is_it(work, row.identifier))
    document = merged(row.data, {name: value for name, value in changes.items() if name not in COLUMNS})
    _check_scopes(document)
    _announce_client(work, row.data.get("client_id"), document.get("client_id"))
    gone = _lost(row.data, document)
    row.data = document
    row.name = str(changes.get("name") or row.name)
    if changes.get("signing_secret"):
        row.signing_secret_sealed = _sealed(work, row.id, str(changes["signing_secret"]))
    row.updated_at = clock.now_ms()
    work.rows.flush()
    if gone:
        work.emit(ScopesRemoved(row.id, gone))
    keys.ensure_for(work, document.get("signing_alg"))
    work.configuration_changed()
    return row


def keep_system(work: Work, row: ResourceServer, name: str, scopes: list[dict[str, Any]]) -> None:
    """Name and permissions of the Management API as this version of the product knows them; nobody else changes
    them.
    """
    if (row.name, row.data.get("scopes")) != (name, scopes):
        work.rows.lock(row)
        row.name, row.data = name, {**row.data, "scopes": scopes}
        row.updated_at = clock.now_ms()
        work.rows.flush()
        work.configuration_changed()


def follow_identifier(work: Work, old: str, new: str) -> None:
    """An API goes by another identifier."""
    work.rows.execute(sql_update(ResourceServer).where(ResourceServer.identifier == old).values(identifier=new))


def link_client(work: Work, identifier: str, client_id: str) -> None:
    """The client acts as this API: the API names it from now on, and it may introspect the API's tokens.

    :raises BadRequest: there is no such API, it is the Management API, or another client is it already.
    """
    row = next(iter(work.rows.lock_all(select(ResourceServer).where(ResourceServer.identifier == identifier))), None)
    if row is None:
        raise fault(BODY, "No resource server has this identifier", "resource_server_identifier")
    if row.is_system:
        raise fault(BODY, "No client acts as a system API", "resource_server_identifier")
    if row.data.get("client_id") not in (None, client_id):
        raise fault(BODY, "Another client is linked to this resource server", "resource_server_identifier")
    row.data = {**row.data, "client_id": client_id}
    work.rows.flush()


def unlink_client(work: Work, client_id: str) -> None:
    """The client acts as no API any more."""
    linked = select(ResourceServer).where(json_member(ResourceServer.data, "client_id") == client_id)
    for row in work.rows.lock_all(linked.order_by(ResourceServer.id)):
        row.data = {name: value for name, value in row.data.items() if name != "client_id"}
    work.rows.flush()


def delete(work: Work, id_or_identifier: str) -> None:
    """Remove an API; who listens removes its client grants. Unknown ids are no error.

    :raises BadRequest: it is the Management API itself.
    """
    try:
        row = work.rows.lock(get(work, id_or_identifier))
    except NotFound:
        return
    if row.is_system:
        raise BadRequest("A system API can't be deleted.", "operation_not_supported")
    work.rows.delete(row)
    work.rows.flush()
    work.emit(ResourceServerDeleted(row.identifier, row.id))
    work.configuration_changed()


def _announce_client(work: Work, before: str | None, now: str | None) -> None:
    """Who knows clients says whether that is one."""
    if now and now != before:
        work.emit(ApiClientNamed(now))


def _lost(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Scopes that are no longer offered."""
    offered = {scope["value"] for scope in now.get("scopes") or ()}
    return sorted({scope["value"] for scope in before.get("scopes") or ()} - offered)


def _check_kept(row: ResourceServer, changes: Mapping[str, Any], *, own: bool) -> None:
    """Saying again what is so is no change: tools send back what they read. ``own``: it is the My Account API."""
    if changes.get("is_system", row.is_system) is not row.is_system:
        raise BadRequest("Whether an API is the system's can't change.", "operation_not_supported")
    now = {"name": row.name, "is_system": row.is_system, **row.data}
    free = SYSTEM_MEMBERS | my_account.MEMBERS if own else SYSTEM_MEMBERS
    fixed = sorted(name for name in set(changes) - free if changes[name] != now.get(name))
    if row.is_system and fixed:
        raise BadRequest(f"A system API can't change: {', '.join(fixed)}", "operation_not_supported")
    if row.is_system and changes.get("signing_alg") == "HS256":  # its tokens are verified with published keys alone
        raise BadRequest("A system API can't sign with a shared secret.", "operation_not_supported")
    clients = (changes.get("subject_type_authorization") or {}).get("client") or {}
    if own and clients.get("policy", "deny_all") != "deny_all":
        raise BadRequest("The My Account API serves people alone.", "operation_not_supported")
    if row.is_system and not own and clients.get("policy") == "deny_all":  # no call could ever take that back
        raise BadRequest("A system API always serves clients that have a grant.", "operation_not_supported")


def _check_identifier(identifier: str) -> None:
    if identifier in DOTS:
        raise fault(BODY, "Identifier may not be a path of dots: no client could send it", "identifier")
    if any(not 0x21 <= ord(char) <= 0x7E for char in identifier):
        raise fault(BODY, "Identifier may hold printable ASCII characters without spaces only", "identifier")


def _check_scopes(document: Mapping[str, Any]) -> None:
    values = [scope["value"] for scope in document.get("scopes") or ()]
    twice = {value for value in values if values.count(value) > 1} if len(set(values)) < len(values) else set()
    if twice:
        raise fault(BODY, f"Scope is named twice: {min(twice)}", "scopes")


def _sealed(work: Work, id_: str, secret: str) -> str:
    return work.sealer(ResourceServer.signing_secret_sealed, id=id_).seal(secret)
