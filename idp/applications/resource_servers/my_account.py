"""The My Account API as an API of the tenant: somebody who may make APIs activates it, under the one identifier that it
may have (spec/my-account.md). What it serves is :mod:`idp.my_account`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.foundation.tenancy.configuration import my_account_audience
from idp.foundation.tenancy.work import Work

NAME = "My Account API"
RECENT_S = 900
"""How long ago somebody may have proven who they are, by a second factor where they have one, for a token of it."""
UNMET = "unmet_authentication_requirements"
"""OAuth error of whoever did longer ago, and has no factor that could be asked for."""
MEMBERS = frozenset(
    {
        "allow_offline_access",
        "allow_online_access",
        "allow_online_access_with_ephemeral_sessions",
        "skip_consent_for_verifiable_first_party_clients",
        "enforce_policies",
    }
)
"""What may change of it beside what may change of every system API."""
SCOPES: Mapping[str, str] = {
    "create:me:authentication_methods": "Enrol an authentication method",
    "read:me:authentication_methods": "Read your authentication methods",
    "update:me:authentication_methods": "Change your authentication methods",
    "delete:me:authentication_methods": "Remove an authentication method",
    "read:me:factors": "Read the factors that can be enrolled",
    "create:me:connected_accounts": "Connect an account",
    "read:me:connected_accounts": "Read your connected accounts",
    "delete:me:connected_accounts": "Disconnect an account",
    "read:me:consents": "Read what you agreed to",
    "read:me:organizations": "Read your organizations",
}
"""Its permissions, in words that people read when they are asked."""


def is_audience(work: Work, identifier: str) -> bool:
    """Whether it is named, by the domain that the piece of work came by or by the tenant's own."""
    return identifier in {my_account_audience(work.config.issuer), my_account_audience(work.config.own_url)}


def is_it(work: Work, identifier: str) -> bool:
    """Whether an API of the tenant has its identifier."""
    return identifier == my_account_audience(work.config.own_url)


def stored_as(work: Work, identifier: str) -> str:
    """The identifier of the row behind ``identifier``: the My Account API is one API under every domain."""
    if identifier == my_account_audience(work.config.issuer):
        return my_account_audience(work.config.own_url)
    return identifier


def members(said: Mapping[str, Any]) -> dict[str, Any]:
    """What it is, with what may be chosen of it: nobody gets a token without a grant for people, no client on its own
    behalf.
    """
    people = (said.get("subject_type_authorization") or {}).get("user") or {"policy": "require_client_grant"}
    kept = {name: value for name, value in said.items() if name.startswith("token_lifetime") or name in MEMBERS}
    return {
        **kept,
        "identifier": said["identifier"],
        "name": NAME,
        "scopes": [{"value": value, "description": text} for value, text in SCOPES.items()],
        "signing_alg": "RS256",
        "subject_type_authorization": {"user": people, "client": {"policy": "deny_all"}},
    }
