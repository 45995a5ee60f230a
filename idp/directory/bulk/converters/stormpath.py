"""Stormpath: accounts of the export that it handed to everybody when it closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from idp.directory.bulk.converters.contract import Made, first, members_of


class Stormpath:
    """Hashes are bcrypt, or Stormpath's own kind of Shiro's format."""

    name = "stormpath"
    about = "accounts of the export (JSON)"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        yield from map(_made, members_of(file, "items", "accounts"))


def _made(account: Mapping[str, Any]) -> Made:
    made = Made({})
    made.put("email", account.get("email"))
    made.row["email_verified"] = account.get("emailVerificationStatus") == "VERIFIED"
    identifier = first(account, "id") or str(account.get("href", "")).rpartition("/")[2]
    made.put("user_id", identifier)
    made.put("given_name", account.get("givenName"))
    made.put("family_name", account.get("surname"))
    made.put("name", account.get("fullName"))
    made.put("blocked", True if account.get("status") in {"DISABLED", "UNVERIFIED"} else None)
    data = account.get("customData")
    made.metadata("user_metadata", **(data if isinstance(data, Mapping) else {}))
    hashed = str(account.get("password") or "")
    if hashed.startswith(("$2a$", "$2b$", "$2y$")):
        made.hash("bcrypt", hashed)
    elif hashed.startswith(("$stormpath2$", "$shiro1$")):
        made.hash("shiro", hashed)
    else:
        made.left_out.append("password")
    return made
