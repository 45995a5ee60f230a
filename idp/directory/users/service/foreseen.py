"""What a sign-in would make of a profile of a source, without one: for whoever writes a connection's mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import select

from connectors.contract import ConnectorError, Maps
from connectors.contract import Identity as Account
from idp.directory.connections import runtime
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import normalize
from idp.directory.users.models import Identity, User
from idp.directory.users.service.arrival import FOLLOWED, OURS
from idp.directory.users.service.elsewhere import newcomer
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work

Origin = Literal["mapping", "standard", "passed", "ours"]
"""Where an attribute comes from: the connection's own mapping, what its kind of source maps by itself, a member of that
name, or a default of ours.
"""


@dataclass(frozen=True)
class Attribute:
    """An attribute of the profile; ``at`` is what the mapping says of it."""

    name: str
    value: Any
    origin: Origin
    at: str = ""


@dataclass(frozen=True)
class Foreseen:
    """The normalized profile (spec/user-profile.md), by name, and the attributes that would not be kept."""

    user_id: str
    attributes: Sequence[Attribute] = field(default_factory=tuple)
    left_out: Sequence[str] = field(default_factory=tuple)


def example(work: Work, connection: ConnectionConfig) -> Mapping[str, Any]:
    """A profile as its source may say it. Raises LookupError: it maps nothing."""
    return _opened(work, connection).example()


def foresee(work: Work, connection: ConnectionConfig, said: Mapping[str, Any]) -> Foreseen:
    """The user that a first sign-in with ``said`` would make.

    :raises LookupError: it maps nothing.
    :raises ConnectorError: nothing in it names the account, or nobody can have that id.
    :raises BadRequest: they would have nothing that people of the connection are known by.
    """
    connector = _opened(work, connection)
    arrived, own = connector.maps(said), connector.configured()
    if not connection.names_somebody(arrived.user_id):
        raise ConnectorError("access_denied", "Nobody can have that id.")
    kept = newcomer(connection, arrived)
    full = normalize.defaults(work.config, kept)
    attributes = [Attribute(name, full[name], *_origin(name, full[name], kept, own, said)) for name in sorted(full)]
    user_id = f"{connection.provider}|{connection.account_id(arrived.user_id)}"
    return Foreseen(user_id, attributes, sorted(set(arrived.profile) - set(kept)))


def recalled(work: Work, connection: ConnectionConfig, user_id: str) -> Mapping[str, Any]:
    """What the source said of somebody at their last sign-in, as far as it was kept: a sample for :func:`foresee`.

    :raises LookupError: it maps nothing.
    :raises NotFound: they have no account at the connection, or nothing was kept of it.
    """
    connector = _opened(work, connection)
    mine = select(Identity).where(Identity.connection_id == connection.id, Identity.user_id == user_id)
    account = work.rows.scalars(mine.order_by(Identity.position).limit(1)).first()
    if account is None:
        raise NotFound("The user has no account at this connection.", "inexistent_identity")
    known = Account(
        connection.id_at_source(account.identity_user_id), _attributes(work, account), raw=account.raw_profile or {}
    )
    said = connector.recalled(known)
    if not said:
        raise NotFound("Nothing was kept of what the source said of this account.", "nothing_kept")
    return said


def _attributes(work: Work, account: Identity) -> dict[str, Any]:
    """What is known of somebody through one account: that of a linked one stands beside it."""
    if account.position:
        return dict(account.profile_data or {})
    user = work.rows.get_one(User, (work.tenant_id, account.user_id))
    everything = {**user.profile, **{name: getattr(user, name) for name in FOLLOWED}}
    return {name: value for name, value in everything.items() if name not in OURS and value is not None}


def _origin(
    name: str, value: Any, kept: Mapping[str, Any], own: Mapping[str, str], said: Mapping[str, Any]
) -> tuple[Origin, str]:
    if name not in kept:
        return "ours", ""
    if name in own:
        return "mapping", own[name]
    return ("passed" if name in said and said[name] == value else "standard"), ""


def _opened(work: Work, connection: ConnectionConfig) -> Maps:
    connector = runtime.runtime.open(work, connection) if connection.can(Maps) else None
    if not isinstance(connector, Maps):
        raise LookupError(f"the connection {connection.name} maps nothing")  # noqa: TRY004 - a fact about data
    return connector
