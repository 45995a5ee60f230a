"""What identifiers an administrator sets must be (spec/user-profile.md, "Attributes")."""

from __future__ import annotations

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
    if not (connection.is_database and connection.requires_username):
        raise BadRequest("Cannot set username for connection without requires_username", "operation_not_supported")
    shortest, longest = username_limits(connection)
    if not valid_username(text, low=shortest, high=longest):
        raise fault(BODY, "Username is not valid", "username", "The user's username")
    return email_key(text)


def username_limits(connection: ConnectionConfig) -> tuple[int, int]:
    """Characters that usernames of the connection have at least and at most."""
    limits = (connection.options.get("validation") or {}).get("username") or {}
    return int(limits.get("min", 1)), int(limits.get("max", 15))
