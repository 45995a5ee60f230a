"""What a simulation is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Who signs in to what. ``signed_in_ago`` (seconds) and ``verified``: they have a session that began then, with a
    second factor proven; None: they have none. ``ip`` is where they sit; ``known_device``: their browser knows the key
    of their device, which may stand in for the password.
    """

    user_id: str
    client_id: str
    connection: str | None = None
    scope: str = "openid profile email"
    audience: str | None = None
    acr_values: str | None = None
    prompt: str | None = None
    max_age: int | None = None
    claims: str | None = None
    screen_hint: str | None = None
    signed_in_ago: int | None = None
    verified: bool = False
    known_device: bool = False
    ip: str = ""


@dataclass(frozen=True)
class Step:
    """A rule that was asked. ``stage`` is ``request``, ``protection``, ``policy`` or ``gate``; ``outcome`` is
    ``passed``, ``asked`` (they have something to do on ``screens``) or ``refused`` (with ``error``).
    """

    stage: str
    rule: str
    outcome: str
    screens: Sequence[str] = ()
    error: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Source:
    """Where a claim comes from: ``kind`` says what sort of thing, ``name`` which one; ``scope`` opened it."""

    kind: str
    name: str = ""
    scope: str = ""


@dataclass(frozen=True)
class Claim:
    """A claim of a token, or of the answer of ``/userinfo``."""

    name: str
    value: Any
    source: Source


@dataclass(frozen=True)
class Removed:
    """A scope or claim that was asked for and is not there, with the reason: ``unknown_scope``, ``permission``,
    ``offline``, ``no_value``.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class Told:
    """What somebody would learn: ``id_token``, ``access_token`` or ``userinfo``."""

    name: str
    claims: Sequence[Claim]


@dataclass(frozen=True)
class Simulation:
    """All of it. ``refused_by`` is the rule that ended it, empty where tokens would be issued."""

    steps: Sequence[Step]
    told: Sequence[Told] = ()
    scopes: Sequence[str] = ()
    removed: Sequence[Removed] = ()
    access_token: str = ""
    """``opaque`` or ``jwt``."""
    expires_in: int = 0
    refresh_token: bool = False

    @property
    def refused_by(self) -> str:
        """The rule, or nothing."""
        return next((f"{each.stage}.{each.rule}" for each in self.steps if each.outcome == "refused"), "")

    @property
    def screens(self) -> list[str]:
        """The pages they would see, in their order."""
        return [screen for each in self.steps for screen in each.screens]
