"""From the statements of an assertion to a profile (spec/user-profile.md; docs/connections/saml.md).

Names that identity providers use for the same thing stand in one table; a connection's ``fieldsMap`` comes before it.
What is ours to say (``blocked``, ``app_metadata``, ...) is not taken from any source; that is decided where people
arrive (:mod:`idp.directory.users.service.arrival`), since a map may name anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.saml_format.documents import SamlError, children, text
from connectors.saml_format.names import ASSERTION, SCHEMA_INSTANCE, q

if TYPE_CHECKING:
    from lxml.etree import _Element

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
MOST_ATTRIBUTES, MOST_VALUES = 200, 1000
DEFAULT: Mapping[str, tuple[str, ...]] = {
    "email": (f"{CLAIMS}/emailaddress", "urn:oid:0.9.2342.19200300.100.1.3", "email", "mail", "emailAddress"),
    "name": (f"{CLAIMS}/name", "urn:oid:2.16.840.1.113730.3.1.241", "displayName", "urn:oid:2.5.4.3", "name", "cn"),
    "given_name": (f"{CLAIMS}/givenname", "urn:oid:2.5.4.42", "given_name", "givenName", "firstName"),
    "family_name": (f"{CLAIMS}/surname", "urn:oid:2.5.4.4", "family_name", "sn", "surname", "lastName"),
    "nickname": ("nickname", "urn:oid:0.9.2342.19200300.100.1.1", "uid"),
    "groups": ("http://schemas.xmlsoap.org/claims/Group", "groups"),
}
"""Attribute of the profile, and the names under which its value comes, the first that has one counts."""
NAME_ID = "NameID"
UNNAMED = "Nothing in it names the account."
EXAMPLE: Mapping[str, Any] = {
    NAME_ID: "jane",
    f"{CLAIMS}/emailaddress": "jane@example.com",
    f"{CLAIMS}/givenname": "Jane",
    f"{CLAIMS}/surname": "Doe",
    "department": "Orchards",
    "groups": ["Gardeners", "Everybody"],
}
"""The name and the attributes of an assertion, to try a mapping with."""
Value = str | bool | list[str | bool]


def attributes(assertion: _Element) -> dict[str, Value]:
    """The attributes of an assertion by name: a text, a list of several, a truth where the assertion says that it is
    one (``xs:boolean``). An attribute without a value says nothing.

    :raises SamlError: there are too many.
    """
    found: dict[str, list[str | bool]] = {}
    for statement in assertion:
        if statement.tag != q(ASSERTION, "AttributeStatement"):
            continue
        for each in children(statement):
            if each.tag == q(ASSERTION, "Attribute") and each.get("Name"):
                values = found.setdefault(str(each.get("Name")), [])
                values += [value for value in (value_of(child) for child in children(each)) if value != ""]
    if len(found) > MOST_ATTRIBUTES or any(len(values) > MOST_VALUES for values in found.values()):
        raise SamlError(f"more than {MOST_ATTRIBUTES} attributes, or {MOST_VALUES} values of one", about="size")
    return {name: _one_or_all(*values) for name, values in found.items() if values}


def as_asserted(said: Mapping[str, Any]) -> dict[str, Value]:
    """A sample as an assertion would say it (:func:`attributes`): texts without space around them, one value by itself,
    and no attribute that has none, or one that is neither a text nor a truth.
    """
    found: dict[str, Value] = {}
    for name, value in said.items():
        values = value if isinstance(value, list) else [value]
        if all(isinstance(each, str | bool) for each in values):
            stripped = (each.strip() if isinstance(each, str) else each for each in values)
            kept = [each for each in stripped if each != ""]
            if kept:
                found[name] = _one_or_all(*kept)
    return found


def _one_or_all(first: Any, *more: Any) -> Any:
    return [first, *more] if more else first


def value_of(element: _Element) -> str | bool:
    """What an ``AttributeValue`` says: a text, or a truth where it says that it is one."""
    if children(element):  # eduPersonTargetedID has a NameID inside
        inside = children(element)
        return text(inside[0]) if len(inside) == 1 and not len(inside[0]) else ""
    said = (element.text or "").strip()
    if str(element.get(q(SCHEMA_INSTANCE, "type")) or "").endswith(":boolean") and said in {"true", "false", "1", "0"}:
        return said in {"true", "1"}
    return said


def profile(said: Mapping[str, Value], fields: Mapping[str, str | Sequence[str]]) -> dict[str, Any]:
    """The profile: mapped attributes, and everything else under its own name."""
    made: dict[str, Any] = {}
    used: set[str] = set()
    wanted = {name: (sources,) if isinstance(sources, str) else tuple(sources) for name, sources in fields.items()}
    for name, sources in {**DEFAULT, **wanted}.items():
        if name == "user_id":
            continue
        source = next((each for each in sources if each in said), None)
        if source is not None:
            made[name] = said[source] if name == "groups" else _one(said[source])
            used.add(source)
    if "email_verified" in wanted and made.get("email_verified") in {"true", "1"}:
        made["email_verified"] = True  # the administrator says which attribute proves it
    rest = {name: value for name, value in said.items() if name not in used and name not in made}
    return {**rest, **made}


def _one(value: Value) -> str | bool:
    return value[0] if isinstance(value, list) else value


def naming(raw: Mapping[str, Any], account: str, names: Sequence[str], own: str | None) -> dict[str, Any]:
    """Attributes that were kept of somebody, with the id of their account where none of ``names`` holds it: in the
    attribute that was chosen for it (``own``), else as the name that stood beside them.
    """
    if not raw:
        return {}
    if account_id(as_asserted(raw), names) is not None:
        return dict(raw)
    key = own or NAME_ID
    return {key: account, **{name: value for name, value in raw.items() if name != key}}


def account_id(said: Mapping[str, Value], names: Sequence[str]) -> str | None:
    """The id of the account in the first of these attributes that is there."""
    found = next((said[name] for name in names if name in said), None)
    return str(_one(found)) if found is not None else None
