"""Clients as the Management API shows them: every stored member, secrets only to those who may read keys (security.md
W4, W11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from idp.applications.clients import stored
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.clients.schemas import ClientCredentialView, ClientGrantView, ClientView
from idp.foundation.apikit import as_view
from idp.foundation.kernel import document_encryption
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import store

SUMMARY = ("client_id", "name", "app_type", "logo_uri", "is_first_party", "tenant", "global")
_INTERNAL = frozenset({"credentials"})
_KEY_ITSELF = frozenset({"jwk", "pem"})


def views(work: Work, rows: Sequence[Client]) -> list[ClientView]:
    """``rows``, each with as much as the caller's scopes let it see."""
    may_read_keys = work.actor.has("read:client_keys", "create:clients", "update:client_keys")
    summary_only = not work.actor.has(
        "read:clients",
        "read:client_keys",
        "read:client_credentials",
        "create:clients",
        "update:clients",
        "update:client_keys",
    )
    signing = [
        {"cert": key.certificate} for key in store.ring(work).keys if key.state == "current" and key.alg == "RS256"
    ]
    members = [_narrow(_members(work, row, signing), keys=may_read_keys, summary=summary_only) for row in rows]
    return [as_view(ClientView, each) for each in members]


def view(work: Work, row: Client) -> ClientView:
    """One client."""
    return views(work, [row])[0]


def credential(entry: Mapping[str, Any]) -> ClientCredentialView:
    """A public key of a client, without the key itself."""
    members = {name: value for name, value in entry.items() if name not in _KEY_ITSELF and value is not None}
    return as_view(ClientCredentialView, members)


def grant(row: ClientGrant) -> ClientGrantView:
    """One client grant."""
    return as_view(
        ClientGrantView,
        {
            "id": row.id,
            "client_id": row.client_id,
            "audience": row.audience,
            "scope": row.scope,
            "subject_type": row.subject_type,
            **row.data,
        },
    )


def _members(work: Work, row: Client, signing: list[dict[str, Any]]) -> dict[str, Any]:
    document = {name: value for name, value in stored.opened(work, row).items() if name not in _INTERNAL}
    return {
        "tenant": row.tenant_id,
        "global": row.is_global,
        "name": row.name,
        "is_first_party": row.is_first_party,
        **document,
        "cross_origin_auth": bool(document.get("cross_origin_authentication", False)),
        "callback_url_template": False,
        "client_id": row.client_id,
        "signing_keys": signing,
        **({"client_secret": work.unseal(row.secret_sealed)} if row.secret_sealed else {}),
    }


def _narrow(members: dict[str, Any], *, keys: bool, summary: bool) -> dict[str, Any]:
    if summary:
        return {name: members[name] for name in SUMMARY if name in members}
    if keys:
        return members
    public: dict[str, Any] = document_encryption.without_secrets(members, ClientView)
    return {name: value for name, value in public.items() if name != "signing_keys"}
