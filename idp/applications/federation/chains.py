"""Trust chains: from what an entity says of itself, statement by statement, to an anchor that the tenant names (OpenID
Federation 1.0, 4, 10). Whatever a chain was made of, fetched or sent along, it is proven here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from idp.applications.clients.public_keys import ClientKey
from idp.applications.federation import constraints, policies
from idp.applications.federation.statements import (
    RELYING_PARTY,
    Statement,
    TrustProblem,
    broken,
    check_signature,
    read,
)

MOST_STATEMENTS = 10
"""Of one chain: eight superiors, with both ends."""
Anchors = Mapping[str, Sequence[ClientKey]]
"""Keys of the entities that the tenant trusts, by their address."""


@dataclass(frozen=True)
class Trusted:
    """A chain that was proven. ``path`` are its entities, the subject first and the anchor last; ``metadata`` what its
    superiors leave of what the subject says of itself; ``ends_at`` in seconds.
    """

    path: tuple[str, ...]
    metadata: Mapping[str, Any]
    ends_at: int
    subject: Statement
    anchor: Statement | None
    """What the anchor says of itself, where the chain holds it."""
    keys: Mapping[str, Sequence[ClientKey]]
    """Of every entity of the chain, as its superior names them."""
    issued: Mapping[str, int]
    """When each entity of the chain said what it says in it (s), by its address."""


def proven(raw: Sequence[object], entity: str, anchors: Anchors) -> Trusted:
    """The chain of the relying party ``entity`` that these statements are, the entity's own first.

    :raises TrustProblem: they prove nothing.
    """
    if not 2 <= len(raw) <= MOST_STATEMENTS or not all(isinstance(each, str) for each in raw):
        raise broken("A trust chain is no list of some statements")
    return checked([read(str(each)) for each in raw], entity, anchors)


def checked(statements: Sequence[Statement], entity: str, anchors: Anchors, kind: str = RELYING_PARTY) -> Trusted:
    """The same of statements that were read, and of an entity of that kind."""
    subject, superiors = statements[0], list(statements[1:])
    anchor = superiors.pop() if superiors and superiors[-1].is_configuration else None
    if not superiors or any(each.is_configuration for each in superiors):
        raise broken("A trust chain has no statement of a superior, or one too many of somebody about themselves")
    _check_joined(subject, superiors, anchor, entity)
    path = (entity, *(each.iss for each in superiors))
    if path[-1] not in anchors:
        raise TrustProblem("invalid_trust_anchor", f"Nobody here trusts {path[-1]}"[:300])
    _check_signatures(subject, superiors, anchor, anchors[path[-1]])
    for at, each in enumerate(superiors, start=1):
        constraints.check(each, path[:at], kind)
    keys = {each.sub: each.keys for each in superiors} | {path[-1]: anchors[path[-1]]}
    ends_at = min(each.exp for each in statements)
    issued = {each.iss: each.iat for each in (subject, *superiors)}
    return Trusted(path, _metadata(subject, superiors, kind), ends_at, subject, anchor, keys, issued)


def _check_joined(subject: Statement, superiors: Sequence[Statement], anchor: Statement | None, entity: str) -> None:
    """Each statement is about the issuer of the one before, and nobody is met twice."""
    if not subject.is_configuration or subject.iss != entity:
        raise broken("A trust chain does not begin with what the entity says of itself")
    if superiors[0].iss not in subject.hints():
        raise broken("The entity does not name its superior (authority_hints)")
    issuers = [subject.iss, *(each.iss for each in superiors)]
    if [each.sub for each in superiors] != issuers[:-1] or len(set(issuers)) != len(issuers):
        raise broken("The statements of a trust chain do not belong together")
    if anchor is not None and anchor.iss != issuers[-1]:
        raise broken("A trust chain ends with somebody else")


def _check_signatures(
    subject: Statement, superiors: Sequence[Statement], anchor: Statement | None, trusted: Sequence[ClientKey]
) -> None:
    """From the anchor, whose keys are known, down to the subject, whose own keys its superior names."""
    keys = trusted
    if anchor is not None:
        check_signature(anchor.raw, keys, anchor.iss)
    for each in reversed(superiors):
        check_signature(each.raw, keys, each.iss)
        keys = each.keys
    check_signature(subject.raw, keys, subject.iss)
    check_signature(subject.raw, subject.keys, subject.iss)


def _metadata(subject: Statement, superiors: Sequence[Statement], kind: str) -> dict[str, Any]:
    """What the immediate superior says goes before what the subject says; then the policies of all of them (6.1.4)."""
    own = subject.metadata(kind)
    if own is None:
        raise TrustProblem("invalid_metadata", f"The entity is no {kind}")
    found = {**own, **(superiors[0].metadata(kind) or {})}
    policy: policies.Policy = {}
    for each in reversed(superiors):
        document = each.said.get("metadata_policy")
        rules = document.get(kind) if isinstance(document, dict) else document
        policy = policies.merged(policy, policies.read(rules, each.said.get("metadata_policy_crit")))
    return policies.applied(policy, found)
