"""Use cases on clients. They run in the caller's unit of work and raise the configuration version."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from idp.applications.clients import credentials, rules, stored, trusted_issuers
from idp.applications.clients.models import Client
from idp.applications.resource_servers import service as apis
from idp.foundation.db.json_text import json_matches
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.kernel.events import ClientCreated, ClientDeleted, ClientUpdated
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.audit.log_types import ApiLog
from idp.tenant.keys import service as keys

COLUMNS = ("name", "is_first_party", "client_secret", "external_client_id")
WHOLE = frozenset({"client_authentication_methods", "encryption_key", "oidc_logout"})
"""Objects that a PATCH replaces: a client has one way to authenticate, the parts of a key belong together, and so do
those of a way to be told of logouts. All others merge member by member.
"""
API_CLIENT = "resource_server"
"""``app_type`` of a client that acts as the API its ``resource_server_identifier`` names."""
GLOBAL_NAME = "All Applications"


def new_secret() -> str:
    """64 characters of ``[A-Za-z0-9_-]``, 384 bits."""
    return secrets.token_urlsafe(48)


def get(work: Work, client_id: str) -> Client:
    """The client.

    :raises NotFound: ``inexistent_client``; for an administrator of some applications every other one, too.
    """
    client = work.rows.get(Client, (work.tenant_id, client_id))
    if client is None or not work.actor.is_for(client_id):
        raise NotFound("The client does not exist", "inexistent_client")
    return client


def create(
    work: Work,
    members: Mapping[str, Any],
    *,
    client_id: str | None = None,
    is_system: bool = False,
    like: str | None = None,
) -> Client:
    """A new client; ``members`` have Auth0's names and need a ``name``. Every client gets a secret, used or not.
    ``like`` is the client whose connections it uses, in place of those that new clients use.

    :raises BadRequest: a member holds something dangerous or contradictory.
    """
    sent = rules.meant({name: value for name, value in members.items() if name not in COLUMNS})
    document = rules.defaults(credentials.registered({}, sent))
    rules.check(document, sent)
    _check_issuers(work, sent)
    secret = str(members.get("client_secret") or new_secret())
    rules.check_secret(secret, document, is_new=True)
    client_id = client_id or ids.client_id()
    opened, document = document, stored.sealed(work, client_id, document)
    moment = clock.now_ms()
    client = Client(
        tenant_id=work.tenant_id,
        client_id=client_id,
        name=str(members["name"]),
        secret_sealed=stored.sealed_secret(work, client_id, secret),
        external_client_id=members.get("external_client_id"),
        is_first_party=members.get("is_first_party", True),
        is_global=False,
        is_system=is_system,
        data=document,
        created_at=moment,
        updated_at=moment,
    )
    work.rows.add(client)
    _changed(work)
    _link(work, client.client_id, {}, opened)
    _ensure_keys(work, opened)
    work.emit(ClientCreated(client.client_id, client.name, is_system, like))
    return client


def ensure_global(work: Work) -> Client:
    """The one row that stands for all applications (spec/management-api.md section 3), made when missing."""
    found = work.rows.scalars(select(Client).where(Client.is_global, Client.tenant_id == work.tenant_id)).first()
    if found is not None:
        return found
    client = create(work, {"name": GLOBAL_NAME, "grant_types": [], "callbacks": []}, is_system=True)
    client.is_global = True
    client.data = {**client.data, "custom_login_page_on": False}
    work.rows.flush()
    return client


def update(work: Work, client: Client, changes: Mapping[str, Any]) -> Client:
    """Apply a PATCH: null removes, objects merge member by member, everything else is replaced.

    :raises BadRequest: the result would hold something dangerous or contradictory.
    """
    work.rows.lock(client)
    before = stored.opened(work, client)
    sent = rules.meant({name: value for name, value in changes.items() if name not in COLUMNS})
    sent = credentials.registered(before, sent)
    document = merged(before, sent, deep=sent.keys() - WHOLE)
    if sent.get(rules.REFRESH):
        settings = (before.get(rules.REFRESH) or {}, document[rules.REFRESH], sent[rules.REFRESH])
        document[rules.REFRESH] = rules.refresh_settings(*settings)
    rules.check(document, sent)
    _check_issuers(work, sent)
    secret = changes.get("client_secret")
    if secret is not None or client.secret_sealed is not None:
        rules.check_secret(
            secret or str(stored.secret(work, client.client_id, client.secret_sealed)),
            document,
            is_new=secret is not None,
        )
    if client.is_system and document.get("grant_types") != client.data.get("grant_types"):
        raise BadRequest("The grant types of a system client can't be changed.", "operation_not_supported")
    client.data = stored.sealed(work, client.client_id, document)
    client.name = str(changes.get("name", client.name))
    client.is_first_party = bool(changes.get("is_first_party", client.is_first_party))
    if secret is not None:
        client.secret_sealed = stored.sealed_secret(work, client.client_id, secret)
    client.updated_at = clock.now_ms()
    _changed(work)
    _link(work, client.client_id, before, document)
    _ensure_keys(work, document)
    work.emit(ClientUpdated(client.client_id, sorted(changes)))
    return client


def rotate_secret(work: Work, client: Client) -> Client:
    """A new secret; the old one is dead with the commit."""
    return update(work, client, {"client_secret": new_secret()})


def secret_shown(work: Work, client_id: str) -> None:
    """Somebody is shown the client's secret: the log says who.

    :raises NotFound: as :func:`get`.
    """
    client = get(work, client_id)
    asked = {"path": f"/api/v2/clients/{client.client_id}", "channel": work.actor.channel}
    details = {"request": asked, "accessedSecrets": ["client_secret"]}
    who = work.actor.user_id
    log.write(work, ApiLog.READ, "Get client by ID", user_id=who, client_id=client.client_id, details=details)


def delete(work: Work, client_id: str) -> None:
    """Remove a client; who listens removes its grants. Unknown ids are no error.

    :raises BadRequest: the client belongs to the product itself.
    """
    client = work.rows.lock_one(Client, client_id)
    if client is None:
        return
    if client.is_system or client.is_global:
        raise BadRequest("This client can't be deleted.", "operation_not_supported")
    work.rows.delete(client)
    work.rows.flush()
    work.emit(ClientDeleted(client_id, client.name))
    work.configuration_changed()


def follow_audience(work: Work, old: str, new: str) -> None:
    """An API goes by another identifier: policies of refresh tokens name it by that."""
    named = json_matches(Client.data, ("refresh_token", "policies", "audience"), [old])
    for client in work.rows.lock_all(select(Client).where(named).order_by(Client.client_id)):
        settings = client.data["refresh_token"]
        policies = [{**each, "audience": new} if each["audience"] == old else each for each in settings["policies"]]
        client.data = {**client.data, "refresh_token": {**settings, "policies": policies}}


def _ensure_keys(work: Work, document: Mapping[str, Any]) -> None:
    """The tenant has a key for whatever the client wants signed."""
    for alg in sorted(set(rules.signing_algorithms(document).values())):
        keys.ensure_for(work, alg)
    if document.get("request_object_encryption_alg"):
        keys.ensure_encryption(work)


def _link(work: Work, client_id: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """The API that the client acts as knows it."""
    was, is_now = _api_of(before), _api_of(now)
    if was != is_now:
        if was:
            apis.unlink_client(work, client_id)
        if is_now:
            apis.link_client(work, is_now, client_id)


def _api_of(document: Mapping[str, Any]) -> str | None:
    return document.get("resource_server_identifier") if document.get("app_type") == API_CLIENT else None


def _check_issuers(work: Work, sent: Mapping[str, Any]) -> None:
    for position, each in enumerate(sent.get("trusted_issuers") or ()):
        trusted_issuers.check(work, each, f"trusted_issuers.{position}")


def _changed(work: Work) -> None:
    work.rows.flush()
    work.configuration_changed()
