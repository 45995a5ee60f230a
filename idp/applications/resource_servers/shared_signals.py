"""The API by which receivers manage their streams of shared signals (OpenID SSF 1.0): somebody who may make APIs
switches the transmitter on by making it, under the one identifier that it may have, and off by deleting it. What it
serves is :mod:`idp.protocol.signals`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from idp.foundation.tenancy.configuration import signals_audience
from idp.foundation.tenancy.work import Work

NAME = "Shared signals"
READ, MANAGE = "ssf.read", "ssf.manage"
SCOPES: Mapping[str, str] = {
    READ: "Read your streams, and fetch their events",
    MANAGE: "Make, change and delete your streams",
}
"""As the CAEP interoperability profile names them."""
LIFETIME_S = 3_600
"""The profile wants tokens that live an hour at most."""


def is_it(work: Work, identifier: str) -> bool:
    """Whether an API of the tenant has its identifier."""
    return identifier == signals_audience(work.config.own_url)


def stored_as(work: Work, identifier: str) -> str:
    """The identifier of the row behind ``identifier``: it is one API under every domain."""
    return signals_audience(work.config.own_url) if identifier == signals_audience(work.config.issuer) else identifier


def meant_by(work: Work, asked: Collection[str]) -> str | None:
    """The API as an audience, where a client asks for its scopes and for nothing else: receivers that follow the
    profile name no audience.
    """
    return signals_audience(work.config.issuer) if asked and SCOPES.keys() >= set(asked) else None


def members(said: Mapping[str, Any]) -> dict[str, Any]:
    """What it is made with: clients with a grant have tokens of it, people have none."""
    return {
        "token_lifetime": LIFETIME_S,
        **{name: value for name, value in said.items() if name not in {"name", "scopes"}},
        "name": NAME,
        "scopes": [{"value": value, "description": text} for value, text in SCOPES.items()],
        "subject_type_authorization": {"user": {"policy": "deny_all"}, "client": {"policy": "require_client_grant"}},
    }
