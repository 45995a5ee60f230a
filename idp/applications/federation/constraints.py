"""What a superior constrains about those below it (OpenID Federation 1.0, 6.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from idp.applications.federation.statements import (
    FEDERATION_ENTITY,
    Statement,
    broken,
    host,
    mapping,
)

_ADDRESS = re.compile(r":|(^|\.)(\d+|0x[0-9a-f]*)\Z")
"""What resolvers take for an IP address: of version 6, or a number at the end (WHATWG URL, "ends in a number"). It fits
no name, and would be kept out by none (RFC 5280 4.2.1.10).
"""


def check(statement: Statement, below: Sequence[str], kind: str) -> None:
    """``below`` are the entities under the one that speaks, the subject of the chain first, which is of
    that ``kind``. Raises TrustProblem.
    """
    rules = mapping(statement.said.get("constraints"), "constraints")
    _path(rules, below)
    _names(mapping(rules.get("naming_constraints"), "naming_constraints"), below)
    _types(rules, kind)


def _path(rules: Mapping[str, Any], below: Sequence[str]) -> None:
    if "max_path_length" not in rules:
        return
    most = rules["max_path_length"]
    if isinstance(most, bool) or not isinstance(most, int) or most < 0:
        raise broken("max_path_length is no number")
    if len(below) - 1 > most:
        raise broken("The chain is longer than a superior allows (max_path_length)")


def _names(rules: Mapping[str, Any], below: Sequence[str]) -> None:
    for name in ("permitted", "excluded"):
        patterns = rules.get(name)
        if patterns is None:
            continue
        nameless = next((each for each in below if _ADDRESS.search(host(each))), None)
        if nameless is not None:
            raise broken(f"{nameless} has no name, and a superior says which ones it allows (naming_constraints)"[:300])
        if not isinstance(patterns, list) or not all(isinstance(each, str) and each for each in patterns):
            raise broken(f"naming_constraints.{name} is no list of names")
        for entity in below:
            fits = any(_below(host(entity), each.lower()) for each in patterns)
            if fits != (name == "permitted"):
                raise broken(f"{entity} has a name that a superior does not allow (naming_constraints)"[:300])


def _below(name: str, pattern: str) -> bool:
    """A host, or with a dot before it everything below it (RFC 5280 4.2.1.10, for URIs)."""
    return name.endswith(pattern) if pattern.startswith(".") else name == pattern


def _types(rules: Mapping[str, Any], kind: str) -> None:
    allowed = rules.get("allowed_entity_types")
    if allowed is None:
        return
    if not isinstance(allowed, list):
        raise broken("allowed_entity_types is no list")
    if kind not in {*map(str, allowed), FEDERATION_ENTITY}:
        raise broken(f"A superior allows no {kind} below it (allowed_entity_types)")
