"""Who may do what to a client: the one table, read by every operation that touches clients, their keys and grants
(decision 0090; security.md W4, W11).

Three rules. Each member has its own scopes, to write it and to see it. Clients of the system are the operator's: no
token changes one or its grants, or is told its secret. And no caller gets, for itself or for another client, more of
the Management API than it holds: neither by widening a grant, nor by becoming a client that has more, nor by narrowing
a grant until its client has no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from idp.applications.clients import stored
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.clients.schemas import ClientUpdate
from idp.applications.resource_servers import runtime as resource_servers
from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.errors import BadRequest, Forbidden, NotFound
from idp.foundation.kernel.rights import MemberRights, missing_scope
from idp.foundation.tenancy.work import Work

WRITE_KEYS, READ_KEYS = "update:client_keys", "read:client_keys"
WRITE_CREDENTIALS, READ_CREDENTIALS = "update:client_credentials", "read:client_credentials"
WRITE_ISSUERS = "create:token_exchange_profiles"
"""Says whose tokens tell who somebody is: for one client, or by a profile for all that may exchange them."""
_KEYS, _CREDENTIALS = frozenset({WRITE_KEYS}), frozenset({WRITE_CREDENTIALS})

METHODS = "client_authentication_methods"

WRITE = MemberRights(
    otherwise=frozenset({"update:clients"}),
    named={
        "client_secret": _KEYS,
        "encryption_key": _KEYS,
        "client_authentication_methods": _CREDENTIALS,
        "signed_request_object": _CREDENTIALS,
        "jwks": _CREDENTIALS,
        "jwks_uri": _CREDENTIALS,
        "token_endpoint_auth_signing_alg": _CREDENTIALS,
        "request_object_signing_alg": _CREDENTIALS,
        "trusted_issuers": frozenset({WRITE_ISSUERS}),
    },
)
"""PATCH. Secrets inside other members (those of addons) need the scope for keys besides."""
SUMMARY = frozenset({"client_id", "name", "app_type", "logo_uri", "is_first_party", "tenant", "global"})
"""What ``read:client_summary`` shows, and every other scope."""
CREDENTIALS = frozenset({"client_authentication_methods", "signed_request_object", "jwks", "jwks_uri"})
"""What ``read:client_credentials`` shows beside the summary."""
SETTINGS = frozenset({"read:clients", READ_KEYS})
"""Scopes that show everything that is no secret."""
KEYS = frozenset({"signing_keys"})
"""Members that only :data:`READ_KEYS` shows although no type calls them secret."""
LOGIN_PAGE = frozenset({"custom_login_page", "custom_login_page_on", "custom_login_page_preview"})
"""What may be changed of the "All Applications" client, which stands for the tenant's pages."""
_OWN = ":current_user"
"""Scopes that open nothing but the account of the person a token speaks for: a machine does nothing with them."""


def check_create(work: Work, members: Mapping[str, Any]) -> None:
    """Whether the caller may make a client with these members. Raises Forbidden."""
    WRITE.check(work.actor, members.keys() & {"trusted_issuers"})


def check_update(work: Work, client: Client, changes: Mapping[str, Any]) -> None:
    """Whether the caller may make these changes.

    :raises Forbidden: a member is not the caller's to change, or the client is the system's or holds more than it.
    """
    if client.is_system and not (client.is_global and changes.keys() <= LOGIN_PAGE):
        raise _of_the_system()
    if client.data.get(METHODS) and changes.get("token_endpoint_auth_method"):
        changes = {**changes, METHODS: None}  # a secret takes the place of the keys (rules.meant)
    WRITE.check(work.actor, changes)
    if not changes.keys().isdisjoint(WRITE.named) or _brings_secrets(work, client, changes):
        check_keys(work, client)


def check_keys(work: Work, client: Client) -> None:
    """Whether the caller may change what the client proves itself with: whoever may could speak for it.

    :raises Forbidden: the client is the system's, or may do more with the Management API than the caller.
    """
    check_own(client)
    if outranked(work, [client]):
        raise Forbidden(
            "The client has scopes of the Management API that the caller does not have.", "operation_not_supported"
        )


def check_delete(work: Work, client_id: str) -> None:
    """Whether the client may go; one that is gone already may.

    :raises Forbidden: it is the system's.
    """
    client = work.rows.get(Client, (work.tenant_id, client_id))
    if client is not None:
        check_own(client)


def check_own(client: Client) -> None:
    """Whether the client is the tenant's own to change.

    :raises Forbidden: it is the system's.
    """
    if client.is_system:
        raise _of_the_system()


@dataclass(frozen=True)
class Given:
    """What a client grant lets its client ask for: ``scopes``, or ``everything`` that the API offers, now and later."""

    scopes: frozenset[str] = frozenset()
    everything: bool = False

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Given:
        """As a document of the Management API says it."""
        return cls(frozenset(members.get("scope") or ()), bool(members.get("allow_all_scopes")))


NOTHING = Given()


def check_grant(work: Work, client_id: str, audience: str, *, before: Given = NOTHING, after: Given = NOTHING) -> None:
    """Whether the caller may make, change or remove a client's grant on the API ``audience``.

    Only the Management API has scopes that a caller itself holds; who may ask what of a tenant's own APIs is what the
    scopes for client grants are for. Of the Management API a caller neither gives nor takes what it does not hold: by
    taking it away it would make the client one whose secret it may see, and the secret stays when the grant is put
    right again.

    :raises NotFound: the client is none of those that whoever asks may see.
    :raises Forbidden: the client is the system's; or ``insufficient_scope``, naming what the caller does not hold.
    :raises BadRequest: the Management API knows no such scope; a later version may, and then nobody would ask again.
    """
    if not work.actor.is_for(client_id):
        raise NotFound("The client does not exist", "inexistent_client")
    client = work.rows.get(Client, (work.tenant_id, client_id))
    if client is not None:
        check_own(client)
    if audience != work.config.management_audience:
        return
    offered = set(_offered(work))
    unknown = sorted(after.scopes - before.scopes - offered)
    if unknown:
        raise BadRequest(f"Scopes not defined by the resource server: {', '.join(unknown)[:300]}", "invalid_body")
    beyond = _beyond(work, (before.scopes ^ after.scopes) & offered)
    if beyond:
        raise missing_scope(beyond)
    if before.everything != after.everything and not _everything(work):
        raise Forbidden("The caller does not have all scopes of the Management API.", "insufficient_scope")


def outranked(work: Work, clients: Sequence[Client]) -> frozenset[str]:
    """Those of ``clients`` (by id) that may do something with the Management API that the caller may not."""
    grants = work.rows.scalars(
        select(ClientGrant).where(
            ClientGrant.audience == work.config.management_audience,
            ClientGrant.client_id.in_([client.client_id for client in clients]),
            ClientGrant.subject_type == "client",
        )
    )
    return frozenset(
        grant.client_id
        for grant in grants
        if _beyond(work, grant.scope) or (grant.data.get("allow_all_scopes") and not _everything(work))
    )


def hidden_keys(work: Work, clients: Sequence[Client]) -> frozenset[str]:
    """Those of ``clients`` (by id) whose keys the caller may not see, whatever its scopes."""
    system = frozenset(client.client_id for client in clients if client.is_system)
    return system | outranked(work, clients)


def _beyond(work: Work, scopes: Iterable[str]) -> set[str]:
    """What the caller does not hold for the whole tenant, as a machine would: somebody who is for some applications
    holds nothing so.
    """
    held = work.actor.scopes if work.actor.clients is None else frozenset()
    return {scope for scope in scopes if _OWN not in scope} - held


def _everything(work: Work) -> bool:
    """Whether the caller has all that the Management API offers to machines."""
    return not _beyond(work, _offered(work))


def _offered(work: Work) -> list[str]:
    api = resource_servers.find(work, work.config.management_audience)
    if api is None:
        raise LookupError("the tenant has no Management API")
    return api.scope_values()


def _brings_secrets(work: Work, client: Client, changes: Mapping[str, Any]) -> bool:
    """Whether a secret among ``changes`` is another than the stored one. Saying again what is so needs no right: tools
    send back what they were shown.

    :raises Forbidden: it is, and the caller may not change secrets.
    """
    sent = document_encryption.secrets_of(
        {name: value for name, value in changes.items() if name not in WRITE.named}, ClientUpdate
    )
    known = document_encryption.secrets_of(stored.opened(work, client), ClientUpdate) if sent else {}
    if all(known.get(place) == value for place, value in sent.items()):
        return False
    if not work.actor.has(WRITE_KEYS):
        raise missing_scope(_KEYS)
    return True


def _of_the_system() -> Forbidden:
    return Forbidden(
        "This client belongs to the system: it is changed by the operator alone.", "operation_not_supported"
    )
