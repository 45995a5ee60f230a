"""Which members of a user an export has, and how they are written: NDJSON, or CSV that no spreadsheet runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

JSON, CSV = "json", "csv"
DOCUMENTS = frozenset({"user_metadata", "app_metadata"})
"""Members that CSV takes by whole paths only."""
DEFAULT = (
    "user_id",
    "email",
    "email_verified",
    "phone_number",
    "phone_verified",
    "username",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "picture",
    "blocked",
    "created_at",
    "updated_at",
    "last_login",
    "last_ip",
    "logins_count",
)
"""Exported where nothing is said; an export as JSON has the metadata as well."""
_STEP = re.compile(r"[^.\[\]]+|\[[0-9]{1,4}\]")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What spreadsheets take for the beginning of a formula (security.md Z5)."""


@dataclass(frozen=True)
class Field:
    """A member by its path (``identities[0].connection``), and the name it goes by in the file."""

    path: str
    name: str

    def of(self, user: Mapping[str, Any]) -> Any:
        """Its value; None where there is none."""
        found: Any = user
        for step in _STEP.findall(self.path):
            if step.startswith("["):
                place = int(step[1:-1])
                found = found[place] if isinstance(found, list) and place < len(found) else None
            else:
                found = found.get(step) if isinstance(found, Mapping) else None
            if found is None:
                return None
        return found


def of(document: Mapping[str, Any]) -> list[Field]:
    """The fields that a job asks for, or those of every export. ``connection`` is that of the first identity."""
    named = document.get("fields")
    if named:
        return [Field(_path(each["name"]), each.get("export_as") or each["name"]) for each in named]
    more = sorted(DOCUMENTS) if document.get("format", JSON) == JSON else []
    return [Field(_path(name), name) for name in (*DEFAULT, "connection", *more)]


def _path(name: str) -> str:
    return "identities[0].connection" if name == "connection" else name


def written(fields: Sequence[Field], users: Sequence[Mapping[str, Any]], format_: str, *, head: bool) -> bytes:
    """The lines of these users; ``head`` begins a CSV with the names of its columns."""
    if format_ == CSV:
        lines = [",".join(_quoted(each.name) for each in fields)] if head else []
        lines += [",".join(_cell(each.of(user)) for each in fields) for user in users]
    else:
        lines = [
            msgspec.json.encode({each.name: value for each in fields if (value := each.of(user)) is not None}).decode()
            for user in users
        ]
    return "".join(f"{line}\n" for line in lines).encode()


def _cell(value: Any) -> str:
    """Text in quotes, and harmless; what has no text is left empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return _quoted(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _quoted(text: str) -> str:
    guarded = f"'{text}" if text.lstrip(" ").startswith(_DANGEROUS) or text.startswith(_DANGEROUS) else text
    return '"' + guarded.replace('"', '""') + '"'
