"""Things that happened, named once: each is emitted by the one use case that makes it happen (docs/architecture.md,
"News").

An event carries all that a reaction or a log entry needs of what is gone by then. Who reacts is listed by the features.
Only services emit (``tests/house/test_events.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """Root of every event; the tenant is the work's."""


# ---- tenants
@dataclass(frozen=True)
class TenantMoved(Event):
    """The tenant lives at another URL: whatever is derived from the old one follows."""

    old_url: str
    new_url: str


@dataclass(frozen=True)
class RelyingPartyLeft(Event):
    """No address of the tenant is ``name`` for authenticators any more (WebAuthn, "rpId"): what was made for it works
    nowhere. ``instead`` is what the domain says now; None where it is gone.
    """

    name: str
    instead: str | None


@dataclass(frozen=True)
class ApiClientNamed(Event):
    """An API names the client that acts as it."""

    client_id: str


@dataclass(frozen=True)
class DefaultDirectoryChosen(Event):
    """The connection called ``name`` is to be the tenant's default directory: refuse it where there is none."""

    name: str


@dataclass(frozen=True)
class DeviceSignInChosen(Event):
    """Devices stand in for passwords from now on (``webauthn_platform_first_factor``)."""


@dataclass(frozen=True)
class FederationSet(Event):
    """What the tenant says of federations is to be this: whether it is an entity of one, and whom it trusts (address
    and keys). Refuse what nobody could be trusted by.
    """

    enabled: bool
    trust_anchors: Sequence[Mapping[str, Any]]


# ---- users
@dataclass(frozen=True)
class UserCreated(Event):
    """A user exists from now on, whoever made it."""

    user_id: str
    email: str | None
    connection_id: str
    connection: str


@dataclass(frozen=True)
class EmailVerificationWanted(Event):
    """A mail should ask ``email`` to be verified. ``account_id`` is the account at the connection; the mail speaks
    ``locale`` and leads back to ``client_id``.
    """

    user_id: str
    email: str
    connection_id: str
    account_id: str
    client_id: str | None = None
    locale: str | None = None


@dataclass(frozen=True)
class UserUpdated(Event):
    """Members named in ``changed`` have new values."""

    user_id: str
    changed: Sequence[str]


@dataclass(frozen=True)
class EmailVerified(Event):
    """Somebody proved that ``email`` is theirs."""

    user_id: str
    email: str


@dataclass(frozen=True)
class IdentifiersChanged(Event):
    """What somebody is known by when they sign in was changed by an administrator: ``changed`` names which of address,
    phone number, username and the address's proof.
    """

    user_id: str
    changed: Sequence[str]


@dataclass(frozen=True)
class PasswordChanged(Event):
    """A password was replaced, by its owner or by an administrator. ``identifiers`` are all addresses, usernames and
    numbers of the user; ``spared_session`` is the session the owner did it in. ``notify_in`` is the language in which
    the owner is told of it at ``email``; None: they are not.
    """

    user_id: str
    connection_id: str
    account_id: str
    identifiers: Sequence[str]
    spared_session: str = ""
    email: str | None = None
    notify_in: str | None = None


@dataclass(frozen=True)
class AccountReclaimed(Event):
    """Whoever reads the mail of an address that was never proven before says that the account is theirs, and nothing
    that was done with it: whoever keeps something that opens it (sessions, tokens, tickets, consent, factors) ends it.
    A new password is news of its own.
    """

    user_id: str


@dataclass(frozen=True)
class UserBlocked(Event):
    """An administrator shut a user out."""

    user_id: str


@dataclass(frozen=True)
class UserUnblocked(Event):
    """An administrator lets a user in again."""

    user_id: str


@dataclass(frozen=True)
class DeletionRequested(Event):
    """Somebody wants their account deleted: it is erased at ``due`` (ms) unless they change their mind, and until then
    nothing is open in their name.
    """

    user_id: str
    due: int


@dataclass(frozen=True)
class UserDeleted(Event):
    """A user is about to go; everything about them is still there."""

    user_id: str
    email: str | None = None
    username: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class UsersErased(Event):
    """These users' own rows are gone: whoever has rows about them deletes them. Follows :class:`UserDeleted` of each,
    once for a whole batch. ``with_connection``: because the connection that they signed in by is gone.
    """

    user_ids: Sequence[str]
    identifiers: Sequence[str]
    with_connection: bool = False


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
class SessionExpired(Event):
    """A session came to its end by itself; nobody is signed in with it any more, what it gave lives as long as it
    lives.
    """

    session_id: str
    user_id: str


@dataclass(frozen=True)
class FactorsChanged(Event):
    """Somebody's second factors are others: ``added`` or ``removed`` names kinds. ``by_owner``: they did it
    themselves.
    """

    user_id: str
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    by_owner: bool = False


# ---- sessions
@dataclass(frozen=True)
class SessionBegan(Event):
    """Somebody signed in with a browser that had no session of theirs."""

    session_id: str
    user_id: str


@dataclass(frozen=True)
class SessionUpdated(Event):
    """Its owner signed in again, or its metadata changed."""

    session_id: str
    user_id: str
    changed: Sequence[str]


@dataclass(frozen=True)
class SessionEnded(Event):
    """A live session ended; ``reason`` is one of Auth0's logout initiators."""

    session_id: str
    user_id: str
    reason: str


@dataclass(frozen=True)
class UserSignedOut(Event):
    """Every session of a user was ended, but ``spared_session``; those that had run out before count too. Follows
    :class:`SessionEnded` of each that was live.
    """

    user_id: str
    spared_session: str = ""


# ---- consent
@dataclass(frozen=True)
class UserGrantRecorded(Event):
    """A user agreed to what a client asks of an API, or of their profile (``audience`` None)."""

    user_id: str
    client_id: str
    audience: str | None


@dataclass(frozen=True)
class UserGrantDeleted(Event):
    """A user's consent for a client was taken back: what concerns the API ``audience`` (``""``: their profile without
    any API), or all of it (None).
    """

    user_id: str
    client_id: str
    audience: str | None = None


# ---- connections
@dataclass(frozen=True)
class ConnectionDeleted(Event):
    """A connection is gone; its users are not yet."""

    connection_id: str
    name: str
    strategy: str


# ---- clients and APIs
@dataclass(frozen=True)
class ClientCreated(Event):
    """A client exists from now on; ``is_system``: one of our own, which nobody signs in to. ``like``: the client whose
    connections it uses.
    """

    client_id: str
    name: str
    is_system: bool = False
    like: str | None = None


@dataclass(frozen=True)
class ClientUpdated(Event):
    """Members named in ``changed`` have new values."""

    client_id: str
    changed: Sequence[str]


@dataclass(frozen=True)
class ClientDeleted(Event):
    """A client is gone."""

    client_id: str
    name: str


@dataclass(frozen=True)
class ClientGrantCreated(Event):
    """A client may ask for tokens for an API."""

    grant_id: str
    client_id: str
    audience: str


@dataclass(frozen=True)
class ClientGrantUpdated(Event):
    """What a client may ask of an API changed."""

    grant_id: str
    client_id: str
    audience: str


@dataclass(frozen=True)
class ClientGrantDeleted(Event):
    """A client may no longer ask for tokens for an API."""

    grant_id: str
    client_id: str
    audience: str


@dataclass(frozen=True)
class ScopesRemoved(Event):
    """An API offers these scopes no longer."""

    resource_server_id: str
    values: Sequence[str]


@dataclass(frozen=True)
class ResourceServerDeleted(Event):
    """An API is gone."""

    identifier: str
    resource_server_id: str


# ---- invitations
@dataclass(frozen=True)
class InvitationAccepted(Event):
    """Whoever was invited has an account now."""

    invitation_id: str
    user_id: str


@dataclass(frozen=True)
class InvitationWithdrawn(Event):
    """An invitation is gone, and nobody accepted it."""

    invitation_id: str
