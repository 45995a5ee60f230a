"""``docs/management-api.md``: every operation of Auth0's Management API v2, whether it is built, and why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from idp.foundation.apikit.path import Router
from idp.management.operations import Operation, operations

ACTIONS: Final = "Actions, with the scripts they run, come later"
FACTORS: Final = "each provider that there is has a path of its own"
ORGANIZATIONS: Final = "Organizations come later"
CLOUD: Final = "of Auth0's cloud, or of a plan there"
AHEAD: Final = "of Google Workspace alone; directories bring their people by SCIM"
REASONS: Final[Mapping[str, str]] = {
    "/actions": ACTIONS,
    "/rules": ACTIONS,
    "/rules-configs": ACTIONS,
    "/hooks": ACTIONS,
    "/organizations": ORGANIZATIONS,
    "/users/{id}/organizations": ORGANIZATIONS,
    "/flows": "Forms and flows come with Actions",
    "/forms": "Forms and flows come with Actions",
    "/event-streams": "event streams come later",
    "/events": "event streams come later",
    "/log-streams": "log streams come later",
    "/self-service-profiles": "self-service SSO comes later",
    "/user-attribute-profiles": "self-service SSO comes later",
    "/connection-profiles": "self-service SSO comes later",
    "/network-acls": "networks are kept out by the proxy",
    "/keys/network-acls": "networks are kept out by the proxy",
    "/keys/encryption": "secrets are sealed with the operator's master key (`idp keys reencrypt`)",
    "/prompts/mfa-push": "push notifications need an app of our own",
    "/guardian": FACTORS,
    "/attack-protection": CLOUD,
    "/connections/{id}/directory-provisioning": AHEAD,
    "/connections-directory-provisionings": AHEAD,
}
"""Beginning of a path -> why what begins so is not built; the longest that fits counts, anything else is of Auth0's
cloud.
"""
TIERS: Final[Mapping[str, str]] = {
    "T1": "what the user documentation names, or SDKs and tools need",
    "T2": "worth having",
    "T3": "cloud, commercial or new",
}


@dataclass(frozen=True)
class State:
    """One operation, and whether it is built."""

    operation: Operation
    built: bool

    @property
    def reason(self) -> str:
        """Why it is not built."""
        path = self.operation.path
        known = [start for start in REASONS if path == start or path.startswith(f"{start}/")]
        return REASONS[max(known, key=len)] if known else CLOUD


def states() -> list[State]:
    """Every operation, in the order of the table."""
    from idp.management.mount import endpoints
    from idp.wiring import api_modules

    router: Router[bool] = Router()
    for endpoint in endpoints(api_modules()):
        router.add(endpoint.method, endpoint.path, True)
    return [State(each, _declared(router, each)) for each in operations()]


def parity_reference() -> str:
    """Markdown of them all."""
    found = states()
    sections = (
        _section(head, list(group))
        for head, group in groupby(sorted(found, key=_place), key=lambda each: each.operation.path.split("/")[1])
    )
    return f"{_INTRODUCTION}\n{_counts(found)}\n{''.join(sections)}".rstrip() + "\n"


def _declared(router: Router[bool], operation: Operation) -> bool:
    try:
        router.add(operation.method, operation.path, False)
    except ValueError:  # a feature declares it
        return True
    return False


def _place(state: State) -> tuple[str, str, str]:
    return state.operation.path.split("/")[1], state.operation.path, state.operation.method


def _counts(found: Iterable[State]) -> str:
    of, built = Counter[str](), Counter[str]()
    for state in found:
        of[state.operation.tier] += 1
        built[state.operation.tier] += state.built
    rows = "".join(f"| {tier} | {says} | {built[tier]} | {of[tier]} |\n" for tier, says in TIERS.items())
    return f"| tier | is | built | of |\n|---|---|---|---|\n{rows}"


def _section(head: str, found: Iterable[State]) -> str:
    rows = "".join(
        f"| `{each.operation.method} {each.operation.path}` | {each.operation.tier} |"
        f" {'built' if each.built else 'not built'} | {'' if each.built else each.reason} |\n"
        for each in found
    )
    return f"\n## {head}\n| operation | tier | state | why |\n|---|---|---|---|\n{rows}"


_INTRODUCTION = """<!-- Made by `idp docs parity`; a test compares it. -->
# The Management API beside Auth0's

Every operation of Auth0's Management API v2, in the order of their paths, with its tier and whether it is built here.
One that is not answers 403 `insufficient_scope`, and lists that official tools insist on are empty: `auth0-deploy-cli`
passes both over. What is built stands with its scopes in [reference/endpoints.md](reference/endpoints.md) and as
OpenAPI 3.1 at `/api/v2/openapi.json`.
"""
