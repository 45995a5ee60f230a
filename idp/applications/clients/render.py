"""Clients as the Management API shows them: every stored member, secrets only to those who may read keys (security.md
W4, W11).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from idp.applications.clients.models import Client, ClientGrant
from idp.foundation.kernel import document_encryption
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import store

SUMMARY = ("client_id", "name", "app_type", "logo_uri", "is_first_party", "tenant", "global")
_KEYS = ("client_secret", "signing_keys", "encryption_key")
_INTERNAL = frozenset({"credentials"})


def clients(work: Work, rows: Sequence[Client]) -> list[dict[str, Any]]:
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
    return [_narrow(_client(work, row, signing), keys=may_read_keys, summary=summary_only) for row in rows]


def client(work: Work, row: Client) -> dict[str, Any]:
    """One client."""
    return clients(work, [row])[0]


def _client(work: Work, row: Client, signing: list[dict[str, Any]]) -> dict[str, Any]:
    shown = {name: value for name, value in row.data.items() if name not in _INTERNAL}
    if shown.get("addons"):
        shown["addons"] = document_encryption.opened(shown["addons"], work.platform.sealer)
    return {
        "tenant": row.tenant_id,
        "global": row.is_global,
        "name": row.name,
        "is_first_party": row.is_first_party,
        **shown,
        "cross_origin_auth": bool(shown.get("cross_origin_authentication", False)),
        "callback_url_template": False,
        "client_id": row.client_id,
        "signing_keys": signing,
        **({"client_secret": work.unseal(row.secret_sealed)} if row.secret_sealed else {}),
    }


def _narrow(shown: dict[str, Any], *, keys: bool, summary: bool) -> dict[str, Any]:
    if summary:
        return {name: shown[name] for name in SUMMARY if name in shown}
    if keys:
        return shown
    addons = {"addons": document_encryption.without_secrets(shown["addons"])} if "addons" in shown else {}
    return {name: value for name, value in {**shown, **addons}.items() if name not in _KEYS}


def grant(row: ClientGrant) -> dict[str, Any]:
    """One client grant."""
    return {
        "id": row.id,
        "client_id": row.client_id,
        "audience": row.audience,
        "scope": row.scope,
        "subject_type": row.subject_type,
        **row.data,
    }
