"""Which attribute of a profile each attribute of a SCIM user becomes.

A path is that of RFC 7644 3.10 in the forms that mappings need: ``userName``, ``name.givenName``,
``emails[primary eq true].value``, ``emails[type eq "work"].value``, and members of the enterprise extension below its
URN.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from idp.directory.users.attributes import BY_NAME, Owner

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
ACTIVE, BLOCKED = "active", "blocked"
USER_ID_ATTRIBUTE = "externalId"
DEFAULT: Sequence[Mapping[str, str]] = tuple(
    {"auth0": auth0, "scim": scim}
    for auth0, scim in (
        ("preferred_username", "userName"),
        ("email", "emails[primary eq true].value"),
        ("external_id", "externalId"),
        (BLOCKED, ACTIVE),
        ("name", "displayName"),
        ("given_name", "name.givenName"),
        ("family_name", "name.familyName"),
        ("middle_name", "name.middleName"),
        ("nickname", "nickName"),
        ("profile", "profileUrl"),
        ("zoneinfo", "timezone"),
        ("locale", "locale"),
        ("title", "title"),
        ("department", f"{ENTERPRISE}.department"),
        ("organization", f"{ENTERPRISE}.organization"),
        ("employee_number", f"{ENTERPRISE}.employeeNumber"),
    )
)
"""What a new configuration has unless it says otherwise."""
MOST_RULES = 100
_PATH = re.compile(
    r"(?P<name>[A-Za-z$][\w$-]{0,100})"
    r"(?:\[(?P<key>[A-Za-z]{1,50}) eq (?P<value>true|false|\"[^\"\\]{0,100}\")\])?"
    r"(?:\.(?P<sub>[A-Za-z$][\w$-]{0,100}))?\Z"
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}\Z")
_NOT_TAKEN = {row.name for row in BY_NAME.values() if row.owner in {Owner.SYSTEM, Owner.ADMINISTRATOR}} - {BLOCKED}


def problem(user_id_attribute: str, rules: Sequence[Mapping[str, str]]) -> str | None:
    """What is wrong with a configuration, in words for the caller."""
    if len(rules) > MOST_RULES:
        return f"mapping has more than {MOST_RULES} rules"
    for path in (user_id_attribute, *(rule["scim"] for rule in rules)):
        if _PATH.match(_below(path)[1]) is None:
            return f"{path[:100]} is no path of a SCIM attribute"
    for rule in rules:
        if not _NAME.match(rule["auth0"]):
            return f"{rule['auth0'][:100]} is no name of an attribute"
        if rule["auth0"] in _NOT_TAKEN or rule["auth0"] == "identities":
            return f"{rule['auth0']} cannot be provisioned"
        if (rule["auth0"] == BLOCKED) != (rule["scim"] == ACTIVE):
            return f"{ACTIVE} becomes {BLOCKED} and nothing else does"
    return None


def value(document: Mapping[str, Any], path: str) -> Any:
    """What stands at the path of a SCIM document; None where nothing does."""
    extension, rest = _below(path)
    found = _PATH.match(rest)
    if found is None:
        return None
    place: Any = document.get(extension) if extension else document
    place = place.get(found["name"]) if isinstance(place, Mapping) else None
    if found["key"]:
        place = _chosen(place, found["key"], found["value"])
    if found["sub"]:
        place = place.get(found["sub"]) if isinstance(place, Mapping) else None
    return place


def profile(document: Mapping[str, Any], rules: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The attributes of the profile that a SCIM user says, without ``blocked``."""
    said = {rule["auth0"]: value(document, rule["scim"]) for rule in rules if rule["auth0"] != BLOCKED}
    return {name: each for name, each in said.items() if each not in (None, "", [], {})}


def _below(path: str) -> tuple[str | None, str]:
    """The schema extension that a path begins with, and the rest."""
    if path.startswith(ENTERPRISE) and path[len(ENTERPRISE) : len(ENTERPRISE) + 1] in {":", "."}:
        return ENTERPRISE, path[len(ENTERPRISE) + 1 :]
    return None, path


def _chosen(values: Any, key: str, wanted: str) -> Any:
    """The entry of several that the path means; where none is marked as primary, an only one is."""
    entries = [each for each in values if isinstance(each, Mapping)] if isinstance(values, list) else []
    expected: Any = wanted == "true" if wanted in {"true", "false"} else wanted[1:-1]
    chosen = next((each for each in entries if each.get(key) == expected), None)
    if chosen is None and key == "primary" and expected is True and len(entries) == 1:
        return entries[0]
    return chosen
