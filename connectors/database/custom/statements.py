"""Events answered by one SQL statement each (``custom_sql``): the common case, without a script.

Statements name their values ``:identifier``, ``:email``, ``:username``, ``:password_hash`` and so on; the driver binds
them. ``login`` and ``get_user`` bring a row whose columns are the profile, with ``user_id``; that of ``login`` has
``password_hash`` besides, which is compared here and goes no further.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.contract import AlreadyExists, Hasher
from connectors.database.custom.hooks import DatabaseHooks, Profile, RegistrationError, WrongPassword, fault
from connectors.database.options import SqlEvents
from connectors.directories import SqlClient

HASH = "password_hash"
FLAGS = frozenset({"email_verified", "phone_verified"})
"""Columns that MySQL brings as 0 and 1."""


class StatementHooks(DatabaseHooks):
    """One statement per event."""

    def __init__(self, client: SqlClient, events: SqlEvents, hasher: Hasher, configuration: Mapping[str, str]) -> None:
        super().__init__(configuration, {})
        self._client, self._events, self._hasher = client, events, hasher

    def login(self, identifier: str, password: str) -> Profile | None:
        """See :class:`DatabaseHooks`. Unknown people cost the same work as wrong passwords."""
        row = self._row(self._events.login, "login", {"identifier": identifier})
        known = row.pop(HASH, None) if row else None
        if row is None:
            self._hasher.verify(None, password)
            return None
        if not isinstance(known, str | bytes):
            raise fault(f"login brings no column {HASH}")
        text = known if isinstance(known, str) else known.decode("ascii", "replace")
        if not self._hasher.fits(text, password):
            raise WrongPassword(str(row.get("user_id", row.get("id"))))
        return row

    def get_user(self, identifier: str) -> Profile | None:
        """See :class:`DatabaseHooks`."""
        row = self._row(self._events.get_user, "get_user", {"identifier": identifier})
        if row is not None:
            row.pop(HASH, None)
        return row

    def create(self, user: Mapping[str, Any]) -> None:
        """See :class:`DatabaseHooks`."""
        values = {name: user.get(name) for name in ("email", "username", "phone_number", "client_id", "connection")}
        values |= {name: json.dumps(user.get(name) or {}) for name in ("user_metadata", "app_metadata")}
        values[HASH] = self._hasher.hash(user["password"])
        try:
            self._count(self._events.create, "create", values)
        except AlreadyExists as error:
            raise RegistrationError("user_exists", "The user already exists.") from error

    def verify(self, email: str) -> bool:
        """See :class:`DatabaseHooks`."""
        return self._count(self._events.verify, "verify", {"email": email}) > 0

    def change_password(self, identifier: str, password: str) -> bool:
        """See :class:`DatabaseHooks`."""
        values = {"identifier": identifier, "email": identifier, HASH: self._hasher.hash(password)}
        return self._count(self._events.change_password, "change_password", values) > 0

    def delete(self, account_id: str) -> None:
        """See :class:`DatabaseHooks`. One that is gone already is no error."""
        self._count(self._events.delete, "delete", {"user_id": account_id})

    def change_email(self, email: str, new: str, verified: bool) -> bool:
        """See :class:`DatabaseHooks`."""
        values = {"email": email, "new_email": new, "verified": verified}
        return self._count(self._events.change_email, "change_email", values) > 0

    def change_username(self, username: str, new: str) -> bool:
        """See :class:`DatabaseHooks`."""
        values = {"username": username, "new_username": new}
        return self._count(self._events.change_username, "change_username", values) > 0

    def change_phone_number(self, number: str, new: str, verified: bool) -> bool:
        """See :class:`DatabaseHooks`."""
        values = {"phone_number": number, "new_phone_number": new, "verified": verified}
        return self._count(self._events.change_phone_number, "change_phone_number", values) > 0

    def _row(self, statement: str | None, event: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
        if statement is None:
            raise NotImplementedError(event)
        rows = self._client.query(self._events.url, statement, values).rows
        if len(rows) > 1:
            raise fault(f"{event} brings {len(rows)} rows for one person")
        return {name: _flag(name, value) for name, value in rows[0].items() if value is not None} if rows else None

    def _count(self, statement: str | None, event: str, values: Mapping[str, Any]) -> int:
        if statement is None:
            raise NotImplementedError(event)
        return self._client.query(self._events.url, statement, values).count


def _flag(name: str, value: Any) -> Any:
    return bool(value) if name in FLAGS and isinstance(value, int) else value
