"""Metadata policies: what superiors make of what an entity says of itself (OpenID Federation 1.0, 6.1). Merged from the
anchor down, then applied; each operator is one row.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from idp.applications.federation.statements import TrustProblem, broken, mapping

Policy = dict[str, dict[str, Any]]
"""Operators with their values, by parameter."""
OPERATORS = ("value", "add", "default", "one_of", "subset_of", "superset_of", "essential")
"""In the order in which they are applied (6.1.3.1)."""
LISTS = frozenset({"add", "one_of", "subset_of", "superset_of"})
APART = frozenset({frozenset({"one_of", other}) for other in ("add", "subset_of", "superset_of")})
"""Operators that no parameter has together."""
SPACED = "scope"
"""The one parameter that is a list written as text (6.1.3.1.8)."""
MOST = 200
"""Parameters that a policy may speak of, and values that an operator may have."""


def read(document: object, critical: object) -> Policy:
    """A policy for one kind of entity. Operators that nobody knows are passed over, unless they are critical.

    :raises TrustProblem: it cannot be obeyed.
    """
    named = critical if isinstance(critical, list) else []
    if critical is not None and (not named or any(each not in OPERATORS for each in named)):
        raise broken("A policy needs an operator that is not known here (metadata_policy_crit)")
    found: Policy = {}
    for name, rules in _limited(mapping(document, "metadata_policy")).items():
        known = {each: value for each, value in mapping(rules, f"metadata_policy.{name}").items() if each in OPERATORS}
        known = _as_lists(known) if name == SPACED else known
        for operator, value in known.items():
            _check_value(name, operator, value)
        _check_together(name, known)
        found[name] = known
    return found


def merged(superior: Policy, subordinate: Policy) -> Policy:
    """Both at once (6.1.3.1, "Operator value merge"). Raises TrustProblem where they contradict each other."""
    found = {name: dict(rules) for name, rules in superior.items()}
    for name, rules in subordinate.items():
        into = found.setdefault(name, {})
        for operator, value in rules.items():
            into[operator] = MERGES[operator](name, into[operator], value) if operator in into else value
        _check_together(name, into)
    return found


def applied(policy: Policy, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata as the policy leaves it. Raises TrustProblem (``invalid_metadata``) where it does not fit."""
    found = {name: value for name, value in metadata.items() if value is not None}
    for name, rules in policy.items():
        if name == SPACED and isinstance(found.get(name), str):
            found[name] = found[name].split()
        for operator in OPERATORS:
            if operator in rules:
                APPLIES[operator](name, rules[operator], found)
        if name == SPACED and isinstance(found.get(name), list):
            found[name] = " ".join(map(str, found[name]))
    return found


def _as_lists(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Operators for a list that is written as text: where one speaks of the whole of it, it says such a text."""
    made = dict(rules)
    for name in ("value", "default"):
        if isinstance(whole := rules.get(name), str):
            made[name] = whole.split()
    if isinstance(allowed := made.get("one_of"), list):
        made["one_of"] = [each.split() if isinstance(each, str) else each for each in allowed]
    return made


def _value(name: str, value: Any, found: dict[str, Any]) -> None:
    if value is None:
        found.pop(name, None)
    else:
        found[name] = value


def _add(name: str, values: list[Any], found: dict[str, Any]) -> None:
    found[name] = _union(_list(name, found.get(name, [])), values)


def _default(name: str, value: Any, found: dict[str, Any]) -> None:
    found.setdefault(name, value)


def _one_of(name: str, values: list[Any], found: dict[str, Any]) -> None:
    if name in found and _form(found[name]) not in _forms(values):
        raise _unfit(f"{name} is none of those that the policy allows")


def _subset_of(name: str, values: list[Any], found: dict[str, Any]) -> None:
    if name in found:
        found[name] = _common(_list(name, found[name]), values)


def _superset_of(name: str, values: list[Any], found: dict[str, Any]) -> None:
    if name in found and not _within(values, _list(name, found[name])):
        raise _unfit(f"{name} lacks a value that the policy wants")


def _essential(name: str, value: bool, found: dict[str, Any]) -> None:
    if value and name not in found:
        raise _unfit(f"{name} is missing, which the policy wants")


APPLIES: Mapping[str, Callable[[str, Any, dict[str, Any]], None]] = {
    "value": _value,
    "add": _add,
    "default": _default,
    "one_of": _one_of,
    "subset_of": _subset_of,
    "superset_of": _superset_of,
    "essential": _essential,
}


def _equal(name: str, one: Any, other: Any) -> Any:
    if not _same(one, other):
        raise broken(f"Policies contradict each other about {name}"[:300])
    return one


def _either(_name: str, one: list[Any], other: list[Any]) -> list[Any]:
    return _union(one, other)


def _both(_name: str, one: list[Any], other: list[Any]) -> list[Any]:
    return _common(one, other)


def _some(name: str, one: list[Any], other: list[Any]) -> list[Any]:
    left = _common(one, other)
    if not left:
        raise broken(f"Policies leave no value for {name}"[:300])
    return left


MERGES: Mapping[str, Callable[[str, Any, Any], Any]] = {
    "value": _equal,
    "add": _either,
    "default": _equal,
    "one_of": _some,
    "subset_of": _both,
    "superset_of": _either,
    "essential": lambda _name, one, other: one or other,
}


def _check_value(name: str, operator: str, value: Any) -> None:
    fits = (
        isinstance(value, bool)
        if operator == "essential"
        else isinstance(value, list) and len(value) <= MOST
        if operator in LISTS
        else operator == "value" or value is not None
    )
    if not fits:
        raise broken(f"{operator} of the policy for {name} has no value that it may have"[:300])


def _check_together(name: str, rules: Mapping[str, Any]) -> None:
    """Which operators go together, and with what values (6.1.3.1, "Combination with other operators")."""
    value = rules.get("value")
    fixed, values = "value" in rules, value if isinstance(value, list) else [value]
    nothing = fixed and value is None
    subset, superset = rules.get("subset_of"), rules.get("superset_of")
    conditions = (
        not any(pair <= rules.keys() for pair in APART),
        not (nothing and ("default" in rules or rules.get("essential"))),
        not (fixed and "add" in rules) or _within(rules["add"], values),
        not (fixed and "one_of" in rules) or _form(value) in _forms(rules["one_of"]),
        not (fixed and subset is not None) or _within(values, subset),
        not (fixed and superset is not None) or _within(superset, values),
        "add" not in rules or subset is None or _within(rules["add"], subset),
        subset is None or superset is None or _within(superset, subset),
    )
    if not all(conditions):
        raise broken(f"The policy for {name} contradicts itself"[:300])


def _limited(document: Mapping[str, Any]) -> Mapping[str, Any]:
    if len(document) > MOST:
        raise broken("A policy speaks of too many parameters")
    return document


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _unfit(f"{name} is no list, as the policy wants it")
    return value


def _form(value: Any) -> Hashable:
    """What a value is, so that two are the same where their forms are: lists in order or not, and never a number that
    is a truth value. Members of a federation write both sides of a comparison, so that it costs no more than their
    length, however deep they nest.
    """
    if isinstance(value, list):
        return "list", frozenset(map(_form, value))
    if isinstance(value, dict):
        return "object", frozenset((name, _form(each)) for name, each in value.items())
    return type(value).__name__, value


def _forms(values: Iterable[Any]) -> set[Hashable]:
    return {_form(each) for each in values}


def _same(one: Any, other: Any) -> bool:
    return _form(one) == _form(other)


def _within(some: Iterable[Any], values: Iterable[Any]) -> bool:
    return _forms(some) <= _forms(values)


def _union(one: list[Any], other: list[Any]) -> list[Any]:
    known = _forms(one)
    return [*one, *(each for each in other if _form(each) not in known)]


def _common(one: list[Any], other: list[Any]) -> list[Any]:
    known = _forms(other)
    return [each for each in one if _form(each) in known]


def _unfit(text: str) -> TrustProblem:
    return TrustProblem("invalid_metadata", text[:300])
