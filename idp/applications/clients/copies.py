"""A second client like one that is there: its settings, and what it may use; neither what it is known by nor what it
proves itself with (docs/decisions/0402).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from idp.applications.clients import client_grants, encryption, rights, service, stored, tls
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.clients.schemas import ClientCreate
from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.rights import missing_scope
from idp.foundation.tenancy.work import Work

WRITE_GRANTS, WRITE_CONNECTIONS = "create:client_grants", "update:connections"
ITS_OWN = frozenset(
    {
        "credentials",
        "client_authentication_methods",
        "client_secret",
        "jwks",
        "jwks_uri",
        "encryption_key",
        *tls.NAMES,
        "client_aliases",
        "resource_server_identifier",
        "external_metadata_type",
        "external_metadata_created_by",
    }
)
"""Members that say who the client is, or hold its keys."""
BY_KEYS = frozenset({"private_key_jwt", *tls.METHODS})
METHOD, SIGNED = "token_endpoint_auth_method", "signed_request_object"
WITH_SECRET = "client_secret_post"  # noqa: S105 - the name of a method
_GO_WITH_KEYS = ("token_endpoint_auth_signing_alg", "compliance_level")


def by_keys(document: Mapping[str, Any]) -> bool:
    """Whether the client of that document authenticates with keys or certificates, which stay its own."""
    return bool(document.get("client_authentication_methods")) or document.get(METHOD) in BY_KEYS


def members_of(work: Work, client: Client) -> dict[str, Any]:
    """What a client like that one is made from, its name left out. One that authenticates with keys of its own is
    followed by one with a secret, since the keys stay with whoever has them: profiles that want keys go with them.
    """
    opened = stored.opened(work, client)
    kept: Mapping[str, Any] = document_encryption.without_secrets(opened, ClientCreate)
    members = {name: value for name, value in kept.items() if name not in ITS_OWN and value is not None}
    if by_keys(opened):
        members = {name: value for name, value in members.items() if name not in _GO_WITH_KEYS}
        members[METHOD] = WITH_SECRET
    if members.get(SIGNED):
        members[SIGNED] = {name: value for name, value in members[SIGNED].items() if name != "credentials"}
    for what in encryption.WHAT:
        if members.get(f"{what}_encrypted_response_alg") in encryption.BY_KEY:
            del members[f"{what}_encrypted_response_alg"]
            members.pop(f"{what}_encrypted_response_enc", None)
    return {**members, "is_first_party": client.is_first_party}


def check(work: Work, client: Client, *, grants: bool, connections: bool) -> None:
    """Whether the caller may have a client like that one, with what it may use.

    :raises Forbidden: it is the system's, or the caller may not hand out what it uses.
    """
    rights.check_own(client)
    for wanted, scope in ((grants, WRITE_GRANTS), (connections, WRITE_CONNECTIONS)):
        if wanted and not work.actor.has(scope):
            raise missing_scope({scope})


def make(
    work: Work, client: Client, name: str, members: Mapping[str, Any], *, grants: bool, connections: bool
) -> Client:
    """The client, called ``name``, with the ``members`` of :func:`members_of`; where it is wanted with the API
    permissions and the connections of the other one.

    :raises BadRequest: the members contradict each other by now.
    :raises Forbidden: a permission of the Management API is not the caller's to give.
    """
    like = client.client_id if connections else None
    made = service.create(work, {**members, "name": name}, like=like)
    if grants:
        for each in work.rows.scalars(_grants(client)).all():
            given = {**each.data, "scope": list(each.scope), "subject_type": each.subject_type}
            rights.check_grant(work, made.client_id, each.audience, after=rights.Given.of(given))
            client_grants.repeat(work, each, made.client_id)
    return made


def _grants(client: Client) -> Any:
    return select(ClientGrant).where(ClientGrant.client_id == client.client_id).order_by(ClientGrant.id)
