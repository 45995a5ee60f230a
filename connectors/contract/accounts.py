"""Accounts: as a source knows them, and as the built-in store keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Identity:
    """An account at a source. ``user_id`` is the source's own id; ``profile`` is normalized, ``raw`` is what the
    source said. ``tokens`` are the source's: ``access_token``, ``refresh_token``, ``expires_at`` (ms since 1970, as a
    text) and ``scope``, as far as there are any. ``session`` is what the source calls the person's session there, as
    its logout will name it: ``sid``, ``sub``, and ``hint``, which it wants to see again. ``told_once`` are attributes
    that the source says at first and never again: what is known of them stays.

    ``metadata`` (``user_metadata``, ``app_metadata``) is given to somebody who is new here, by sources that their
    tenant programs itself. ``photo`` is a picture as the source has it, empty where it has none for the person, None
    where it has no photos. ``prepared_password`` comes with somebody whose account is to be kept here from now on.
    """

    user_id: str
    profile: Mapping[str, Any]
    raw: Mapping[str, Any] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)
    session: Mapping[str, str] = field(default_factory=dict)
    told_once: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    prepared_password: str | None = None
    photo: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """What sign-up or the Management API asks a source to create."""

    email: str | None = None
    username: str | None = None
    account_id: str | None = None
    shares_email: bool = False
    """Whether others may have the address, too: then nobody signs in with it."""


@dataclass(frozen=True)
class Account:
    """A stored account of the credential store, with its password hash."""

    account_id: str
    email: str | None
    username: str | None
    password_hash: str | None
