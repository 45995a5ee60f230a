"""Things that happened, named once: each is emitted by the one use case that makes it happen (docs/architecture.md,
"News").

An event carries all that a reaction or a log entry needs of what is gone by then. Who reacts is listed by the features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """Root of every event; the tenant is the work's."""


@dataclass(frozen=True)
class UserCreated(Event):
    """A user exists from now on, whoever made it."""

    user_id: str
    email: str | None
    connection_id: str
    connection: str


@dataclass(frozen=True)
class EmailVerificationWanted(Event):
    """A mail should ask ``email`` to be verified. ``account_id`` is the account at the connection."""

    user_id: str
    email: str
    connection_id: str
    account_id: str


@dataclass(frozen=True)
class UserUpdated(Event):
    """Members named in ``changed`` have new values."""

    user_id: str
    changed: Sequence[str]


@dataclass(frozen=True)
class CredentialsChanged(Event):
    """What somebody signs in with changed: ``changed`` names it, ``identifiers`` are all their addresses, usernames
    and numbers.
    """

    user_id: str
    email: str | None
    connection_id: str
    changed: Sequence[str]
    identifiers: Sequence[str]


@dataclass(frozen=True)
class UserBlocked(Event):
    """An administrator shut a user out."""

    user_id: str


@dataclass(frozen=True)
class UserDeleted(Event):
    """A user is about to go; everything about them is still there."""

    user_id: str
    email: str | None = None
    username: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class UsersErased(Event):
    """These users' own rows are gone: whoever has rows about them deletes them."""

    user_ids: Sequence[str]
    identifiers: Sequence[str]


@dataclass(frozen=True)
class UserLinked(Event):
    """``secondary`` is no user any more but an identity of ``user_id``."""

    user_id: str
    secondary: str


@dataclass(frozen=True)
class UserUnlinked(Event):
    """``secondary`` is a user of its own again."""

    user_id: str
    secondary: str


@dataclass(frozen=True)
class SessionEnded(Event):
    """A live session ended; ``reason`` is one of Auth0's logout initiators."""

    session_id: str
    user_id: str
    reason: str


@dataclass(frozen=True)
class AccessEnded(Event):
    """Whatever a user's credentials had opened is over, tokens that outlive sessions included."""

    user_id: str


@dataclass(frozen=True)
class UserGrantDeleted(Event):
    """A user's consent for a client was taken back."""

    user_id: str
    client_id: str


@dataclass(frozen=True)
class ConnectionDeleted(Event):
    """A connection is gone; its users are not yet."""

    connection_id: str
    name: str
    strategy: str


@dataclass(frozen=True)
class ClientDeleted(Event):
    """A client is gone."""

    client_id: str
    name: str


@dataclass(frozen=True)
class ResourceServerDeleted(Event):
    """An API is gone."""

    identifier: str
