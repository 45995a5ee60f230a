"""LDIF (RFC 2849): people of a directory, as ``slapcat`` and ``ldapsearch`` write them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from idp.directory.bulk.converters.contract import Made, Unconvertible

_PEOPLE = frozenset({"person", "inetorgperson", "organizationalperson", "posixaccount", "user"})
MOST_LINES = 10_000
"""Of one entry."""


class Ldif:
    """Entries without an address are nobody who could sign in, and are passed over."""

    name = "ldif"
    about = "entries of a directory (LDIF); userPassword comes along"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        for entry in _entries(file):
            classes = {value.lower() for value in entry.get("objectclass", [])}
            if classes & _PEOPLE:
                yield _made(entry)


def _made(entry: Mapping[str, list[str]]) -> Made:
    def one(*names: str) -> str | None:
        return next((entry[name][0] for name in names if entry.get(name)), None)

    made = Made({})
    made.put("email", one("mail", "email", "userprincipalname"))
    made.put("user_id", one("entryuuid", "objectguid", "uid"))
    made.put("given_name", one("givenname"))
    made.put("family_name", one("sn", "surname"))
    made.put("name", one("displayname", "cn"))
    made.put("nickname", one("uid"))
    phone = (one("mobile") or "").replace(" ", "").replace("-", "")
    made.put("phone_number", phone if phone.startswith("+") else None)
    made.metadata("app_metadata", dn=one("dn"), groups=entry.get("memberof"))
    _password(made, one("userpassword"))
    return made


def _password(made: Made, value: str | None) -> None:
    if value is None:
        made.left_out.append("password")
    elif value.upper().startswith("{CRYPT}"):
        text = value[len("{CRYPT}") :]
        made.hash("bcrypt" if text.startswith("$2") else "crypt", text)
    elif value.upper().startswith("{ARGON2}"):
        made.hash("argon2", value[len("{ARGON2}") :])
    elif value.upper().startswith("{PBKDF2"):
        name = value[1 : value.index("}")].lower().replace("pbkdf2_", "pbkdf2-").replace("pbkdf2-sha1", "pbkdf2")
        made.hash("pbkdf2", f"${name}$" + value[value.index("}") + 1 :])
    elif value.startswith("{"):
        made.hash("ldap", value)
    else:
        made.left_out.append("password (as plain text)")


def _entries(file: BinaryIO) -> Iterator[dict[str, list[str]]]:
    entry: dict[str, list[str]] = {}
    for name, value in _values(file):
        if name is None:
            if entry:
                yield entry
            entry = {}
        else:
            entry.setdefault(name, []).append(value)
    if entry:
        yield entry


def _values(file: BinaryIO) -> Iterator[tuple[str | None, str]]:
    """Each value with its attribute (options cut off); no attribute where an entry ends."""
    for line in _lines(file):
        if not line:
            yield None, ""
            continue
        name, colon, rest = line.partition(":")
        if not colon:
            raise Unconvertible(f"A line of the file has no colon: {line[:40]}")
        name = name.partition(";")[0].lower()
        if rest.startswith("<"):
            continue  # a value that stands in another file
        try:
            raw = base64.b64decode(rest[1:].strip(), validate=True) if rest.startswith(":") else rest.strip().encode()
            yield name, raw.decode("utf-8", "replace")
        except binascii.Error as error:
            raise Unconvertible(f"A value of {name} is no Base64") from error


def _lines(file: BinaryIO) -> Iterator[str]:
    """Lines with their continuations, without comments; an empty one between entries."""
    held: list[str] = []
    for raw in file:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line.startswith(" ") and held:
            if len(held) > MOST_LINES:
                raise Unconvertible("A value of the file has too many lines")
            held.append(line[1:])
            continue
        if held and not held[0].startswith("#"):
            yield "".join(held)
        held = [line] if line else []
        if not line:
            yield ""
    if held and not held[0].startswith("#"):
        yield "".join(held)
