"""What identifiers an administrator sets must be (spec/user-profile.md, "Attributes")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users.identifiers import email_key, valid_email, valid_username
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.faults import BODY, fault


def email(text: str) -> str:
    """The address in the store's spelling.

    :raises BadRequest: it is none.
    """
    found = valid_email(text)
    if found is None:
        raise fault(BODY, f"Object didn't pass validation for format email: {text[:120]}", "email", "The user's email")
    return found


def username(text: str, connection: ConnectionConfig) -> str:
    """The username in the store's spelling.

    :raises BadRequest: the connection has no usernames, or this is none.
    """
    limits = username_limits(connection)
    if limits is None:
        raise BadRequest(
            "Cannot set username for connection without requires_username", "operation_not_supported", where="username"
        )
    if not valid_username(text, low=limits[0], high=limits[1]):
        raise fault(BODY, "Username is not valid", "username", "The user's username")
    return email_key(text)


def needed(connection: ConnectionConfig, attributes: Mapping[str, Any]) -> None:
    """Somebody has what nobody in the connection is without (``profile_required``).

    :raises BadRequest: something is missing.
    """
    for name in connection.accounts.needs if connection.accounts else ():
        if not attributes.get(name):
            raise fault(BODY, f"Missing required property: {name}")


def username_limits(connection: ConnectionConfig) -> tuple[int, int] | None:
    """Characters that usernames of the connection have at least and at most; None where accounts have none."""
    return connection.accounts.username_length if connection.accounts else None
