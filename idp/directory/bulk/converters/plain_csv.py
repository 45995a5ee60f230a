"""CSV with a head of our own names: those of an import, ``user_metadata.x``, and hashes that say what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from idp.directory.bulk.converters.contract import Made, lines_of_csv, true
from idp.directory.bulk.schema import USER

_FLAGS = frozenset({"email_verified", "phone_verified", "blocked"})
_KINDS = (
    ("$argon2", "argon2"),
    ("$2", "bcrypt"),
    ("$pbkdf2", "pbkdf2"),
    ("$P$", "phpass"),
    ("$H$", "phpass"),
    ("$S$", "phpass"),
    ("$1$", "crypt"),
    ("$5$", "crypt"),
    ("$6$", "crypt"),
    ("$apr1$", "crypt"),
    ("$shiro1$", "shiro"),
    ("{", "ldap"),
    ("*", "mysql"),
    ("pbkdf2_", "django"),
    ("bcrypt", "django"),
    ("pbkdf2:", "werkzeug"),
    ("scrypt:", "werkzeug"),
)
"""What hashes begin with that say what they are."""


class PlainCsv:
    """Whatever a spreadsheet or a query of somebody's own database writes."""

    name = "csv"
    about = "CSV whose head has the names of an import; password_hash is any hash that says what it is"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        for line in lines_of_csv(file):
            yield _made(line)


def _made(line: Mapping[str, str]) -> Made:
    made = Made({})
    for name, cell in line.items():
        kind, _, path = name.partition(".")
        value = _unguarded(cell)
        if kind in {"user_metadata", "app_metadata"} and path:
            made.metadata(kind, **{path: value})
        elif name == "password_hash":
            _hash(made, value)
        elif name in USER:
            made.put(name, (true(value) if value else None) if name in _FLAGS else value)
        elif value:
            made.left_out.append(name)
    if "user_id" in made.row:
        made.row["user_id"] = made.row["user_id"].removeprefix("auth0|")
    return made


def _unguarded(cell: str) -> str:
    """Without the mark that an export puts before what looks like a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _hash(made: Made, value: str) -> None:
    kind = next((name for begin, name in _KINDS if value.startswith(begin)), None)
    if kind is not None:
        made.hash(kind, value)
    elif value:
        made.left_out.append("password (of an unknown kind)")
