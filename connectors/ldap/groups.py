"""The groups of somebody: those of the entry itself, or with the groups that those are in.

Active Directory follows the chain in one search (``LDAP_MATCHING_RULE_IN_CHAIN``, 1.2.840.113556.1.4.1941); elsewhere
each step is one search for everything that was found before. Circles end, since a group is looked at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.ldap.directory import Directory, Entry
from connectors.ldap.escaping import in_filter
from connectors.ldap.options import MOST_GROUPS, LdapOptions

CHAIN = "(&(objectClass=group)(member:1.2.840.113556.1.4.1941:={dn}))"
_DIRECT = {True: "(&(objectClass=group)(member={dn}))", False: "(|(member={dn})(uniqueMember={dn}))"}
MOST_DEPTH = 10
"""Steps from group to group."""
_AT_ONCE = 50
"""Groups whose groups one search looks for."""


def of(directory: Directory, options: LdapOptions, entry: Entry) -> list[str]:
    """Their names, sorted, at most :data:`MOST_GROUPS`. Raises Broken, ConnectorError."""
    kind = options.groups or "none"
    if kind == "none":
        return []
    chained = options.dialect.chained_groups and options.group_filter is None
    if kind == "nested" and chained:
        found = _search(directory, options, CHAIN, [entry.name], MOST_GROUPS)
        return _names(options, found)
    wanted = options.group_filter or _DIRECT[options.dialect.chained_groups]
    found = _search(directory, options, wanted, [entry.name], MOST_GROUPS)
    if kind == "nested":
        found = _upwards(directory, options, wanted, found)
    return _names(options, found)


def _upwards(directory: Directory, options: LdapOptions, wanted: str, found: list[Entry]) -> list[Entry]:
    known = {each.name.lower(): each for each in found}
    new = list(known.values())
    for _ in range(MOST_DEPTH):
        step: dict[str, Entry] = {}
        for at in range(0, len(new), _AT_ONCE):
            names = [each.name for each in new[at : at + _AT_ONCE]]
            for each in _search(directory, options, wanted, names, MOST_GROUPS):
                step.setdefault(each.name.lower(), each)
        new = [each for name, each in step.items() if name not in known]
        known |= {each.name.lower(): each for each in new}
        if not new or len(known) >= MOST_GROUPS:
            break
    return list(known.values())


def _search(directory: Directory, options: LdapOptions, wanted: str, names: Sequence[str], most: int) -> list[Entry]:
    parts = [wanted.replace("{dn}", in_filter(name)) for name in names]
    text = parts[0] if len(parts) == 1 else f"(|{''.join(parts)})"
    base = options.group_base_dn or options.base_dn or ""
    return directory.search(base, text, [_attribute(options)], most=most, scope="below")


def _names(options: LdapOptions, found: Sequence[Entry]) -> list[str]:
    names = {text for each in found for text in each.texts(_attribute(options))[:1]}
    return sorted(names)[:MOST_GROUPS]


def _attribute(options: LdapOptions) -> str:
    return options.group_name_attribute or "cn"
