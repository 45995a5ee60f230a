"""Trying a connection that leads to a source's own pages: somebody who may change it gets a link, signs in there, and
sees what the source answered, beside what is stored of that person. No session begins; no user is made and nothing of
the answer is kept, unless the link was made for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from connectors.contract import ConnectorError, Departure, FormPost, Identity, RedirectConnector
from idp.directory.connections import availability
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.attributes import STORED
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import BadRequest, NotFound, PageError
from idp.foundation.tenancy.work import Work
from idp.signin.login import complete, upstream
from idp.signin.login.transaction import MAX_STATE, Expired
from idp.signin.login.upstream import Returned

KIND = "connection-trial"
LIFETIME_MS = 600_000
PATH = "/login/try"
NOBODY, ACCOUNT = "", "account"
"""The login attempts of somebody who does not sign in: nothing comes of it, or an account."""
ATTEMPTS = frozenset({NOBODY, ACCOUNT})


class _Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    connection_id: str
    create: bool = False


@dataclass(frozen=True)
class Difference:
    """An attribute that a sign-in would change: what is stored, and what the source says."""

    name: str
    stored: Any
    said: Any


@dataclass(frozen=True)
class Link:
    """Where a connection is tried, once, until ``ends`` (ms)."""

    url: str
    ends: int


@dataclass(frozen=True)
class Outcome:
    """What came of it: who it would be and what the source said, or the ``problem``, with the ``detail`` that the log
    would have. ``tokens`` are the names of what the source gave besides. ``known``: there is such a user, of whom
    ``differing`` is stored otherwise; ``made``: there is one now.
    """

    connection: ConnectionConfig
    user_id: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    known: bool = False
    differing: tuple[Difference, ...] = ()
    made: bool = False
    problem: str | None = None
    detail: str = ""


def link(work: Work, connection_id: str, *, create: bool = False) -> Link:
    """A link to try the connection with, for whoever may change it. ``create``: the user is kept who comes of it, as
    by a sign-in.

    :raises NotFound: ``inexistent_connection``.
    :raises BadRequest: its source has no pages that people are sent to.
    """
    connection = connections.find(work, connection_id)
    if connection is None:
        raise NotFound("The connection does not exist", "inexistent_connection")
    if not connection.can(RedirectConnector):
        raise BadRequest("Nobody is sent to the source of this connection to sign in", "operation_not_supported")
    key = ids.token()
    one_time.put(work, KIND, key, _Asked(connection.id, create), ttl_ms=LIFETIME_MS)
    return Link(f"{work.config.url.rstrip('/')}{PATH}?ticket={key}", clock.now_ms() + LIFETIME_MS)


def leave(work: Work, key: str, device_hash: str) -> str | FormPost | Outcome:
    """To the source, from that browser; the outcome where nobody can be sent there. Spends the link.

    :raises Expired: it was used, is over, or there is no such link.
    :raises PageError: somebody asks too often.
    """
    if limits.exceeded(work, limits.LOGIN_BY_IP, work.network) is not None:
        raise PageError("too_many_requests", "Too many attempts. Wait a few minutes and try again.", status=429)
    asked, _ = one_time.read(work, KIND, key[:MAX_STATE], _Asked)
    if asked is None or not one_time.take(work, KIND, key):
        raise Expired
    connection = _connection(work, asked.connection_id)
    departure = Departure(state=ids.token(), address=work.ip)
    try:
        return upstream.depart(
            work, connection, departure, attempt=ACCOUNT if asked.create else NOBODY, device_hash=device_hash
        )
    except ConnectorError as error:
        return _failed(connection, error)


def arrive(work: Work, back: Returned) -> Outcome:
    """What the source answered. Raises Expired: the connection is gone meanwhile."""
    connection = _connection(work, back.connection_id)
    try:
        with availability.sources.asking(work, connection):
            identity = upstream.finish(upstream.open_redirecting(work, connection), back.arrival)
    except ConnectorError as error:
        return _failed(connection, error)
    if not connection.names_somebody(identity.user_id):
        return Outcome(
            connection, said=identity.raw, problem="access_denied: Nobody can have that id.", detail=complete.NO_ID
        )
    never = frozenset(connection.options.never_stored())
    profile = {name: value for name, value in users.profile_of(identity).items() if name not in never}
    account = connection.account_id(identity.user_id)
    found = provision.by_identity(work, connection.id, account)
    outcome = Outcome(
        connection,
        user_id=found.user_id if found is not None else f"{connection.provider}|{account}",
        profile=profile,
        said=identity.raw,
        tokens=tuple(sorted(identity.tokens)),
        known=found is not None,
        differing=_differing(work, found.user_id, profile) if found is not None else (),
    )
    return _kept(work, connection, identity, outcome) if back.attempt == ACCOUNT else outcome


def _differing(work: Work, user_id: str, profile: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What of the profile is stored otherwise."""
    user = users.get(work, user_id)
    stored = {name: getattr(user, name) if name in STORED else (user.profile or {}).get(name) for name in profile}
    return tuple(
        Difference(name, stored[name], value) for name, value in sorted(profile.items()) if stored[name] != value
    )


def _kept(work: Work, connection: ConnectionConfig, identity: Identity, outcome: Outcome) -> Outcome:
    try:
        user = complete.user_of(work, connection, identity)
    except complete.NoAccount as error:
        return replace(outcome, problem="access_denied: No user can be made of this.", detail=str(error))
    return replace(outcome, user_id=user.user_id, made=not outcome.known)


def _connection(work: Work, connection_id: str) -> ConnectionConfig:
    found = connections.find(work, connection_id)
    if found is None or not found.can(RedirectConnector):
        raise Expired
    return found


def _failed(connection: ConnectionConfig, error: ConnectorError) -> Outcome:
    return Outcome(connection, problem=f"{error.code}: {error.message}", detail=error.detail or "")
