"""Supabase: the table ``auth.users`` as CSV or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from idp.directory.bulk.converters.contract import Made, documents, first, lines_of_csv
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.strict_json import InvalidJson


class Supabase:
    """Passwords are bcrypt and come along."""

    name = "supabase"
    about = "the rows of auth.users (CSV or JSON)"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        is_json = file.peek(1)[:1] in (b"[", b"{")  # type: ignore[attr-defined] # files are opened buffered
        yield from map(_made, documents(file) if is_json else lines_of_csv(file))


def _made(row: Mapping[str, Any]) -> Made:
    said, kept = _document(row.get("raw_user_meta_data")), _document(row.get("raw_app_meta_data"))
    made = Made({})
    made.put("user_id", row.get("id"))
    made.put("email", row.get("email"))
    made.row["email_verified"] = bool(first(row, "email_confirmed_at", "confirmed_at"))
    phone = row.get("phone")
    if phone:
        made.row["phone_number"] = "+" + str(phone).lstrip("+")
        made.row["phone_verified"] = bool(row.get("phone_confirmed_at"))
    made.put("name", first(said, "full_name", "name"))
    made.put("nickname", first(said, "user_name", "preferred_username"))
    picture = first(said, "avatar_url", "picture")
    made.put("picture", picture if str(picture).startswith("http") else None)
    made.put("blocked", True if row.get("banned_until") else None)
    made.metadata("user_metadata", **said)
    made.metadata("app_metadata", **kept)
    hashed = str(row.get("encrypted_password") or "")
    if hashed.startswith("$2"):
        made.hash("bcrypt", hashed)
    elif hashed.startswith("$argon2"):
        made.hash("argon2", hashed)
    else:
        made.left_out.append("password")
    return made


def _document(value: Any) -> dict[str, Any]:
    try:
        found = strict_json.decode(value) if isinstance(value, str) and value else value
    except InvalidJson:
        return {}
    return dict(found) if isinstance(found, Mapping) else {}
