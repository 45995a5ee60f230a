"""Clients as the Management API shows them: every stored member, secrets only to those who may read keys (security.md
W4, W11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idp.applications.clients import rights, rules, stored
from idp.applications.clients.client_grants_schemas import ClientGrantView
from idp.applications.clients.models import Client, ClientGrant
from idp.applications.clients.schemas import ClientCredentialView, ClientView
from idp.foundation.apikit import as_view
from idp.foundation.kernel import document_encryption
from idp.foundation.kernel.documents import fitting
from idp.foundation.tenancy.work import Work
from idp.tenant.keys import store

_INTERNAL = frozenset({"credentials"})
_KEY_ITSELF = frozenset({"jwk", "pem"})


@dataclass(frozen=True)
class Sight:
    """How much of a client is shown. ``new_secret``: the secret was made or set by this very call."""

    members: frozenset[str] | None = None
    """None is every one that is no secret."""
    keys: bool = False
    new_secret: bool = False


def views(work: Work, rows: Sequence[Client]) -> list[ClientView]:
    """``rows``, each with as much as the caller's scopes for reading let it see."""
    hidden = rights.hidden_keys(work, rows) if work.actor.has(rights.READ_KEYS) else frozenset()
    return _views(work, [(row, _by_scopes(work, row.client_id in hidden)) for row in rows])


def view(work: Work, row: Client) -> ClientView:
    """One client, as :func:`views`."""
    return views(work, [row])[0]


def made(work: Work, row: Client) -> ClientView:
    """A client that the caller just made: everything, its secret too."""
    return _views(work, [(row, Sight(keys=True))])[0]


def changed(work: Work, row: Client, *, new_secret: bool) -> ClientView:
    """A client that the caller just changed: its settings, and the secret where this very change made or set it."""
    keys = work.actor.has(rights.READ_KEYS) and row.client_id not in rights.hidden_keys(work, [row])
    return _views(work, [(row, Sight(keys=keys, new_secret=new_secret))])[0]


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


def _by_scopes(work: Work, hidden: bool) -> Sight:
    actor, members = work.actor, rights.SUMMARY
    if actor.has(*rights.SETTINGS):
        return Sight(keys=actor.has(rights.READ_KEYS) and not hidden)
    return Sight(members | rights.CREDENTIALS if actor.has(rights.READ_CREDENTIALS) else members)


def _views(work: Work, rows: Sequence[tuple[Client, Sight]]) -> list[ClientView]:
    signing = [
        {"cert": key.certificate} for key in store.ring(work).keys if key.state == "current" and key.alg == "RS256"
    ]
    members = [_narrow(_members(work, row, signing), sight) for row, sight in rows]
    return [as_view(ClientView, fitting(each, ClientView)) for each in members]


def _members(work: Work, row: Client, signing: list[dict[str, Any]]) -> dict[str, Any]:
    document = {name: value for name, value in stored.opened(work, row).items() if name not in _INTERNAL}
    return {
        "tenant": row.tenant_id,
        "global": row.is_global,
        "name": row.name,
        **({"external_client_id": row.external_client_id} if row.external_client_id else {}),
        "is_first_party": row.is_first_party,
        **document,
        **_former_logout(document),
        "cross_origin_auth": bool(document.get("cross_origin_authentication", False)),
        "callback_url_template": False,
        "client_id": row.client_id,
        "signing_keys": signing,
        **({"client_secret": stored.secret(work, row.client_id, row.secret_sealed)} if row.secret_sealed else {}),
    }


def _former_logout(document: Mapping[str, Any]) -> dict[str, Any]:
    """``oidc_logout`` under the name it had before, as far as it went then: tools of that time read it there."""
    urls = (document.get("oidc_logout") or {}).get("backchannel_logout_urls")
    return {} if urls is None else {rules.FORMER_LOGOUT: {"backchannel_logout_urls": urls}}


def _narrow(members: dict[str, Any], sight: Sight) -> dict[str, Any]:
    if sight.members is not None:
        return {name: members[name] for name in sight.members if name in members}
    if sight.keys:
        return members
    public: dict[str, Any] = document_encryption.without_secrets(members, ClientView)
    told = {"client_secret": members["client_secret"]} if sight.new_secret and "client_secret" in members else {}
    return {**{name: value for name, value in public.items() if name not in rights.KEYS}, **told}
