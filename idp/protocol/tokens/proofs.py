"""What a grant proves before the gate (:mod:`idp.protocol.tokens.gate`) issues anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from idp.protocol.tokens.binding import Binding
from idp.protocol.tokens.found import FoundToken
from idp.protocol.tokens.store import Exchange, Granted

Spend: TypeAlias = Callable[[Exchange], None]
"""Spends what was proved for what was issued. Raises OAuthError for the loser of a race."""


@dataclass(frozen=True, kw_only=True)
class UserProof:
    """The client holds an authorization that a user gave.

    ``scope`` is the request's own parameter, a part of what was granted; ``resource`` the API that it names, which has
    to be the one that was granted; ``refresh`` asks for a refresh token, of the
    next generation where something is spent; ``offline`` says that offline access is what was proved: there is nothing
    without it. ``gty`` is Auth0's claim of that name; ``bound`` says to what that which proves it is. Without ``spend``
    nothing is written.
    """

    authorization: Granted
    scope: str | None = None
    resource: str | None = None
    refresh: bool = False
    offline: bool = False
    gty: str = ""
    bound: Binding | None = None
    spend: Spend | None = None
    beside: str | None = None
    """Another API than the one that was granted, for which the client's refresh tokens are good, too."""
    details: list[dict[str, Any]] | None = None
    """The request's own ``authorization_details``, a part of those that were granted (RFC 9396 6)."""
    told: Mapping[str, str] = field(default_factory=dict)
    """What the answer says besides."""


@dataclass(frozen=True, kw_only=True)
class ClientProof:
    """The client asks on its own behalf (RFC 6749 4.4); the members are the request's parameters."""

    audience: str | None = None
    scope: str | None = None
    organization: str | None = None
    details: list[dict[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class PersonProof:
    """A person proved to the client itself who they are, with a password or a code that the client passed on: no page
    of ours was shown and no session begins. ``amr`` are the methods; ``audience`` and ``scope`` the request's
    parameters.

    ``adopts``: instead, another tenant gave them the refresh token of that hash, which is this authorization's from now
    on; ``scope`` and ``audience`` are what it said, and ``narrowed`` is the request's own scope.
    """

    user_id: str
    connection_id: str
    amr: tuple[str, ...]
    audience: str | None = None
    scope: str | None = None
    gty: str = ""
    auth_time: int | None = None
    """When they proved it (s), where that was before now."""
    given_at: int | None = None
    """When they authorized it (ms), where that was before now: its lifetimes begin there."""
    narrowed: str | None = None
    adopts: str | None = None
    spend: Callable[[], None] | None = None
    """Spends what was proved, in the transaction that issues. Raises OAuthError for the loser of a race."""
    told: Mapping[str, str] = field(default_factory=dict)
    """What the answer says besides."""
    details: list[dict[str, Any]] | None = None
    """``authorization_details`` that they allowed (RFC 9396)."""
    part: list[dict[str, Any]] | None = None
    """Those that the token request asks for, a part of them."""
    act: dict[str, Any] | None = None
    """Who acts for them (RFC 8693 4.1)."""


@dataclass(frozen=True, kw_only=True)
class DelegationProof:
    """The client was sent somebody's token, the ``subject``, as the API that it is for, and asks for one of another API
    to go on with (RFC 8693). ``act`` says who acts for the person then; ``audience`` and ``scope`` are the request's.
    """

    subject: FoundToken
    act: dict[str, Any]
    audience: str
    scope: str | None = None


@dataclass(frozen=True, kw_only=True)
class VaultProof:
    """The client holds a token of somebody's, the ``subject``, and asks for the one that their source gave them at the
    ``connection`` of that name; ``login_hint`` is the account's id there, where they have several.
    """

    subject: FoundToken
    connection: str
    login_hint: str | None = None


Proof: TypeAlias = UserProof | ClientProof | PersonProof | VaultProof | DelegationProof
