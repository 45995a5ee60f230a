"""An entry of a directory as an identity: its stable id, and the attributes of a profile."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import ConnectorError, Identity
from connectors.ldap.directory import Entry
from connectors.ldap.escaping import in_filter, octets
from connectors.ldap.options import LdapOptions

_GUIDS = frozenset({"objectguid"})
"""Attributes that hold a UUID as 16 bytes, the first three parts of it with the least byte first (MS-DTYP 2.3.4.2)."""
MOST_VALUES = 100
"""Values of one attribute that are taken."""
PICTURE, GROUPS = "picture", "groups"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG")
"""What JPEG and PNG begin with."""
_ADDRESSES = ("https://", "http://")
_SINGLE = frozenset({"email", "picture", "name", "given_name", "family_name", "nickname", "username", "phone_number"})


def id_attribute(options: LdapOptions) -> str:
    """The attribute that tells people apart for good: it stays when somebody is renamed or moved."""
    return options.id_attribute or options.dialect.id_attribute


def wanted(options: LdapOptions) -> list[str]:
    """Every attribute that is asked for, and no other."""
    names = [each for attributes in options.mapping.values() for each in attributes]
    return list(dict.fromkeys([id_attribute(options), *names]))


def account_id(options: LdapOptions, entry: Entry) -> str:
    """The stable id. Raises ConnectorError where the entry has none."""
    name = id_attribute(options)
    raw = entry.raw(name)
    if raw is None:
        raise ConnectorError(
            "server_error", "The directory gave no id for this account.", detail=f"{entry.name[:200]} has no {name}"
        )
    if name.lower() in _GUIDS and len(raw) == 16:
        return str(uuid.UUID(bytes_le=raw))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.hex()


def by_id(options: LdapOptions, account: str) -> str:
    """The filter that finds the entry with that id again."""
    name = id_attribute(options)
    if name.lower() in _GUIDS:
        try:
            return f"({name}={octets(uuid.UUID(account).bytes_le)})"
        except ValueError:
            pass  # an id of another form, which finds nobody
    return f"({name}={in_filter(account)})"


def identity(options: LdapOptions, entry: Entry, groups: Sequence[str]) -> Identity:
    """Who it is. Raises ConnectorError."""
    found: dict[str, Any] = {}
    photo = _photo(entry, options.mapping.get(PICTURE, ()))
    for name, attributes in options.mapping.items():
        value = _value(name, entry, attributes)
        if name == PICTURE and (photo or not str(value).startswith(_ADDRESSES)):
            continue
        if value is not None:
            found[name] = value
    if "email" in found:
        found["email_verified"] = options.should_trust_email_verified_connection == "always_set_emails_as_verified"
    if _has_groups(options):
        found[GROUPS] = list(groups)
    said = {name: [text[:1_000] for text in entry.texts(name)][:MOST_VALUES] for name in entry.values}
    raw = {name: texts for name, texts in said.items() if texts}
    kept = photo if options.mapping.get(PICTURE) and PICTURE not in found else None
    return Identity(account_id(options, entry), found, raw={"dn": entry.name, **raw}, photo=kept)


_SOMEBODY = {
    "email": "jane@example.com",
    "name": "Jane Doe",
    "given_name": "Jane",
    "family_name": "Doe",
    "nickname": "jane",
    "username": "jane",
}


def example(options: LdapOptions) -> dict[str, Any]:
    """An entry to try a mapping with: Jane's, under the names that are asked for."""
    found: dict[str, Any] = {id_attribute(options): "d2a3f1c0-5b1e-4a53-9d0e-0c7f6f1f4b11"}
    for name, attributes in options.mapping.items():
        if attributes and name != PICTURE:
            found.setdefault(attributes[0], _SOMEBODY.get(name, name))
    return found | ({GROUPS: ["Gardeners", "Everybody"]} if _has_groups(options) else {})


def recalled(options: LdapOptions, known: Identity) -> dict[str, Any]:
    """The entry of somebody, as far as it was kept: an id of bytes, and their groups, stand beside what it said."""
    if not known.raw:
        return {}
    said = {name: value for name, value in known.raw.items() if name not in {"dn", id_attribute(options).lower()}}
    found = {id_attribute(options): known.user_id, **said}
    return found | ({GROUPS: known.profile.get(GROUPS, [])} if _has_groups(options) else {})


def _has_groups(options: LdapOptions) -> bool:
    return (options.groups or "none") != "none"


def of_texts(options: LdapOptions, said: Mapping[str, Any]) -> Identity:
    """Who an entry is whose values are texts, or lists of them; groups, which are asked for beside it, have a member of
    their own. Raises ConnectorError where it has no id.
    """
    lists = {name: value if isinstance(value, list) else [value] for name, value in said.items()}
    values = {
        name.lower(): [str(each).encode() for each in several if each is not None] for name, several in lists.items()
    }
    return identity(options, Entry("", values), [str(each) for each in lists.get(GROUPS, ())])


def _photo(entry: Entry, attributes: Sequence[str]) -> bytes:
    """The first value that is a picture and no address of one; empty where there is none."""
    for attribute in attributes:
        value = entry.raw(attribute)
        if value and value.startswith(_PICTURES):
            return value
    return b""


def _value(name: str, entry: Entry, attributes: Sequence[str]) -> str | list[str] | None:
    """The first of the attributes that has a value; several values stay several where the profile has room for it."""
    for attribute in attributes:
        texts = entry.texts(attribute)[:MOST_VALUES]
        if texts:
            return texts[0] if name in _SINGLE or len(texts) == 1 else texts
    return None
