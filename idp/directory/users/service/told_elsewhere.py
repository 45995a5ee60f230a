"""Identifiers that an administrator changes of somebody whose account stands in a database of the tenant's own: it is
told first, before any transaction begins, and one thing at a time, so that nothing is half changed there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from connectors.directories import ChangesNames, Directory
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.models import Identity
from idp.directory.users.service import checks, directories
from idp.directory.users.service.profile import get
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.tenancy.work import Work

Question = Callable[[Any, str, str, bool], None]


@dataclass(frozen=True)
class _Change:
    """A member that a database is told of, with the flag that says whether it is proven."""

    name: str
    flag: str | None
    words: str
    capability: type[Any]
    ask: Question


_CHANGES = (
    _Change(
        "email",
        "email_verified",
        "an address",
        Directory,
        lambda source, before, new, verified: source.change_address(before, new, verified=verified),
    ),
    _Change(
        "username",
        None,
        "a username",
        ChangesNames,
        lambda source, before, new, _: source.change_username(before, new),
    ),
    _Change(
        "phone_number",
        "phone_verified",
        "a telephone number",
        ChangesNames,
        lambda source, before, new, verified: source.change_phone_number(before, new, verified=verified),
    ),
)


def tell(work: Work, user_id: str, members: Mapping[str, Any]) -> None:
    """Have the database that keeps the account of the user change what ``members`` change of it.

    :raises BadRequest: it refuses, cannot, or is asked for two things at once.
    """
    wanted = [each for each in _CHANGES if each.name in members or (each.flag and each.flag in members)]
    if not wanted:
        return
    with work.looking():
        user = get(work, user_id)
        mine = work.rows.scalars(select(Identity).where(Identity.user_id == user_id).order_by(Identity.position))
        meant = [each for each in mine if members.get("connection") in (None, "", each.connection)]
        connection = connections.find(work, meant[0].connection_id) if meant else None
        before = {name: getattr(user, name) for each in wanted for name in (each.name, each.flag) if name}
    if connection is None or not connection.can(Directory):
        return
    if len(wanted) > 1:
        names = " and ".join(each.name for each in wanted)
        raise BadRequest(f"Cannot update {names} simultaneously in a custom database", "operation_not_supported")
    _tell(work, connection, wanted[0], before, members)


def _tell(
    work: Work, connection: ConnectionConfig, change: _Change, before: Mapping[str, Any], members: Mapping[str, Any]
) -> None:
    known, value = before[change.name], members.get(change.name, before[change.name])
    if known is None or value is None:
        raise BadRequest(f"The database of the connection needs {change.words}.", "operation_not_supported")
    if not connection.can(change.capability):
        raise BadRequest(f"The connection cannot change {change.words}.", "operation_not_supported")
    new = _checked(change.name, str(value), connection)
    same, flag = change.name not in members, change.flag
    verified = bool(flag and members.get(flag, before[flag] and same))
    directories.ask(work, connection, lambda source: change.ask(source, known, new, verified))


def _checked(name: str, value: str, connection: ConnectionConfig) -> str:
    if name == "email":
        return checks.email(value)
    return checks.username(value, connection) if name == "username" else value
