"""Trust marks (OpenID Federation 1.0, 7). They are passed over, unless the tenant requires some: then each has to be
signed by an issuer that the same anchor lets issue it, and that a chain leads to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from idp.applications.clients.public_keys import ClientKey, readable
from idp.applications.federation.chains import Trusted
from idp.applications.federation.fetching import Fetching
from idp.applications.federation.statements import TrustProblem, broken, check_signature, is_entity, mapping, opened

TYPE = "trust-mark+jwt"
DELEGATION = "trust-mark-delegation+jwt"
MOST = 20


def check(chain: Trusted, required: Sequence[str], fetching: Fetching) -> int:
    """The entity bears every mark that is required; answers until when (s) at most.

    :raises TrustProblem: it does not.
    """
    ends_at = chain.ends_at
    if not required:
        return ends_at
    borne = chain.subject.said.get("trust_marks", [])
    if not isinstance(borne, list) or len(borne) > MOST:
        raise broken("trust_marks is no list of some marks")
    anchor = chain.anchor or fetching.configuration(chain.path[-1])
    check_signature(anchor.raw, chain.keys[chain.path[-1]], anchor.iss)
    for kind in required:
        ends_at = min(ends_at, _one(chain, anchor.said, [each for each in borne if _is(each, kind)], kind, fetching))
    return ends_at


def _is(mark: object, kind: str) -> bool:
    return isinstance(mark, dict) and mark.get("trust_mark_type") == kind and isinstance(mark.get("trust_mark"), str)


def _one(chain: Trusted, anchor: Any, borne: Sequence[Any], kind: str, fetching: Fetching) -> int:
    last: TrustProblem | None = None
    for mark in borne:
        try:
            return _checked(chain, anchor, str(mark["trust_mark"]), kind, fetching)
        except TrustProblem as problem:
            last = problem
    raise last or broken(f"The entity has no trust mark {kind}"[:300])


def _checked(chain: Trusted, anchor: Any, raw: str, kind: str, fetching: Fetching) -> int:
    """7.3: of that type, about the entity, by an issuer that may, whose keys are known."""
    said = opened(raw, TYPE)
    issuer = said.get("iss")
    if said.get("trust_mark_type") != kind or said.get("sub") != chain.path[0] or not is_entity(issuer):
        raise broken("A trust mark is another one, or somebody else's")
    issuers = mapping(anchor.get("trust_mark_issuers"), "trust_mark_issuers")
    named = issuers.get(kind)
    if not isinstance(named, list) or (named and issuer not in named):
        raise broken(f"{issuer} may not issue the trust mark {kind}"[:300])
    check_signature(raw, _keys(chain, str(issuer), fetching), str(issuer))
    owners = mapping(anchor.get("trust_mark_owners"), "trust_mark_owners")
    if kind in owners or "delegation" in said:
        _check_delegation(said, mapping(owners.get(kind), "trust_mark_owners"), kind)
    return int(said.get("exp", chain.ends_at))


def _keys(chain: Trusted, issuer: str, fetching: Fetching) -> Sequence[ClientKey]:
    """Keys of an issuer: one of the chain, or one that a superior of the chain speaks of."""
    if issuer in chain.keys:
        return chain.keys[issuer]
    anchor = chain.path[-1]
    return fetching.keys(issuer, {anchor: chain.keys[anchor]})


def _check_delegation(said: Any, owner: Any, kind: str) -> None:
    """7.2.2: the owner of the type lets the issuer."""
    raw = said.get("delegation")
    if not isinstance(raw, str):
        raise broken("A trust mark of somebody else's type has no delegation")
    given = opened(raw, DELEGATION)
    about = (given.get("iss"), given.get("sub"), given.get("trust_mark_type"))
    if not owner or about != (owner.get("sub"), said.get("iss"), kind):
        raise broken("The delegation of a trust mark is another one")
    keys = owner.get("jwks")
    check_signature(raw, readable(keys.get("keys") if isinstance(keys, dict) else None), str(owner.get("sub")))
