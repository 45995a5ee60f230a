"""What a sign-in would make of a profile of a source, without one: for whoever writes a connection's mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from connectors.contract import ConnectorError, Maps
from idp.directory.connections import runtime
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import normalize
from idp.directory.users.service.arrival import profile_of
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
    """
    connector = _opened(work, connection)
    arrived, own = connector.maps(said), connector.configured()
    if not connection.names_somebody(arrived.user_id):
        raise ConnectorError("access_denied", "Nobody can have that id.")
    never = frozenset(connection.options.never_stored())
    kept = {name: value for name, value in profile_of(arrived).items() if name not in never}
    full = normalize.defaults(work.config, kept)
    attributes = [Attribute(name, full[name], *_origin(name, full[name], kept, own, said)) for name in sorted(full)]
    user_id = f"{connection.provider}|{connection.account_id(arrived.user_id)}"
    return Foreseen(user_id, attributes, sorted(set(arrived.profile) - set(kept)))


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
