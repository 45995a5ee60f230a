"""Auth0: its export of users (NDJSON, or an array), and the export of hashes that its support hands out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from idp.directory.bulk.converters.contract import Made, documents, first
from idp.directory.bulk.schema import USER

_OF_ITS_OWN = frozenset(
    {
        "_id",
        "identities",
        "created_at",
        "updated_at",
        "last_login",
        "last_ip",
        "logins_count",
        "multifactor",
        "last_password_reset",
        "connection",
        "provider",
        "tenant",
        "email_lower",
        "password_set_date",
        "Id",
        "passwordHash",
        "version",
        "_tmp_is_unique",
    }
)
"""Members that an export has, and no import takes."""


class Auth0:
    """The rows of an import themselves, and what Auth0 exports."""

    name = "auth0"
    about = "an export of users (NDJSON or JSON), an export of password hashes, or a file for POST /jobs/users-imports"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        for document in documents(file):
            yield made(document)


def made(document: Mapping[str, Any]) -> Made:
    """A user as the Management API shows them, as a row of an import."""
    person = Made({name: value for name, value in document.items() if name in USER and value is not None})
    identity = _identifier(document)
    if identity is not None:
        person.row["user_id"] = identity
    hashed = document.get("passwordHash")
    if isinstance(hashed, str):
        person.hash("bcrypt", hashed)
    if person.row.get("phone_number") is None:
        person.row.pop("phone_verified", None)
    others = [each for each in document.get("identities") or [] if isinstance(each, dict)][1:]
    person.left_out += [f"linked account of {each.get('connection')}" for each in others]
    person.left_out += [name for name in document if name not in USER and name not in _OF_ITS_OWN]
    return person


def _identifier(document: Mapping[str, Any]) -> str | None:
    """The id without its provider: ``auth0|abc`` comes back as what it was."""
    identifier = first(document, "user_id")
    if identifier is None:
        raw = document.get("_id")
        identifier = raw.get("$oid") if isinstance(raw, Mapping) else raw
    if not isinstance(identifier, str):
        return None
    return identifier.removeprefix("auth0|")
