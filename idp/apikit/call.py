"""What a handler is called with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from idp.apikit.paging import PageRequest

ContextT = TypeVar("ContextT")
QueryT = TypeVar("QueryT")
BodyT = TypeVar("BodyT")


@dataclass(frozen=True)
class Actor:
    """Who calls: the client the token was issued to, the user it speaks for (None for a machine), and its scopes."""

    client_id: str
    user_id: str | None = None
    scopes: frozenset[str] = frozenset()

    def has(self, *scopes: str) -> bool:
        """Whether the token carries any of ``scopes``."""
        return not self.scopes.isdisjoint(scopes)


@dataclass(frozen=True)
class Context:
    """Facts of the request that the mount established before the handler runs.

    ``tenant`` is the tenant's id, ``issuer`` its URL with one trailing slash, ``base_url`` the URL links are made from
    (the issuer, or the custom domain asked for); ``ip`` and ``user_agent`` are the caller's, as far as proxies are believed.
    """

    tenant: str
    issuer: str
    actor: Actor
    base_url: str = ""
    ip: str = ""
    user_agent: str = ""


@dataclass(frozen=True)
class Call(Generic[ContextT, QueryT, BodyT]):
    """One validated call. ``ctx`` is what the mount established, its own kind of :class:`Context`; ``params`` are the decoded path parameters; ``page`` is what part of a list is wanted."""

    ctx: ContextT
    query: QueryT
    body: BodyT
    params: Mapping[str, str] = field(default_factory=dict)
    page: PageRequest = field(default_factory=PageRequest)
