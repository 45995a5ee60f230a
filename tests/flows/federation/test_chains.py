"""Whose word counts in a federation: chains of statements that are fetched (OpenID Federation 1.0, 10)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.client_keys import public
from tests.world.federation import Federation
from tests.world.relying_party import begin, refused
from tests.world.world import CALLBACK


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("rp", {"iss": "https://evil.test/rp"}),
        ("rp", {"sub": "https://evil.test/rp"}),
        ("rp", {"iss": None}),
        ("rp", {"sub": None}),
        ("rp", {"exp": None}),
        ("rp", {"iat": None}),
        ("rp", {"exp": 1}),
        ("rp", {"exp": "tomorrow"}),
        ("rp", {"iat": 99_999_999_999}),
        ("rp", {"jwks": None}),
        ("rp", {"jwks": {"keys": []}}),
        ("rp", {"jwks": {"keys": [public("ES256", "evil")]}}),
        ("rp", {"jwks": {"keys": [{**public("ES256", "rp"), "kid": None}]}}),
        ("rp", {"jwks": {"keys": [public("ES256", "rp")] * 2}}),
        ("rp", {"authority_hints": None}),
        ("rp", {"authority_hints": "middle"}),
        ("rp", {"authority_hints": ["https://localhost:1/nobody"]}),
        ("rp", {"crit": ["moon"], "moon": "full"}),
        ("middle", {"iss": "https://evil.test/middle"}),
        ("middle", {"authority_hints": None}),
        ("middle", {"metadata": {}}),
        ("middle", {"metadata": {"federation_entity": {"federation_fetch_endpoint": "http://localhost/x"}}}),
        ("middle", {"jwks": {"keys": [public("ES256", "evil")]}}),
        ("anchor", {"jwks": {"keys": [public("ES256", "evil")]}}),
        ("anchor", {"exp": 1}),
    ],
)
def test_configurations_that_are_refused(
    party: Application, federation: Federation, browser: Browser, name: str, says: dict[str, Any]
) -> None:
    federation[name].says = {**federation[name].says, **says}
    unreachable = says.get("authority_hints") == ["https://localhost:1/nobody"]
    no_way_up = says == {"authority_hints": None}
    error = "temporarily_unavailable" if unreachable else "invalid_trust_anchor" if no_way_up else "invalid_trust_chain"
    refused(party, browser, error)


@pytest.mark.parametrize(
    ("above", "told"),
    [
        ("middle", {"iss": "https://evil.test/"}),
        ("middle", {"sub": "https://evil.test/"}),
        ("middle", {"exp": 1}),
        ("middle", {"iat": 99_999_999_999}),
        ("middle", {"jwks": {"keys": [public("ES256", "evil")]}}),
        ("middle", {"crit": ["moon"]}),
        ("anchor", {"sub": "https://evil.test/"}),
        ("anchor", {"exp": 1}),
        ("anchor", {"jwks": {"keys": [public("ES256", "evil")]}}),
        ("anchor", {"metadata_policy_crit": ["regexp"]}),
        ("anchor", {"constraints": {"max_path_length": 0}}),
        ("anchor", {"constraints": {"naming_constraints": {"permitted": [".example.test"]}}}),
        ("anchor", {"constraints": {"naming_constraints": {"excluded": ["localhost"]}}}),
        ("anchor", {"constraints": {"allowed_entity_types": ["openid_provider"]}}),
        ("middle", {"constraints": {"allowed_entity_types": []}}),
        ("middle", {"constraints": 7}),
        ("anchor", {"metadata_policy": 7}),
    ],
)
def test_statements_of_superiors_that_are_refused(
    party: Application, federation: Federation, browser: Browser, above: str, told: dict[str, Any]
) -> None:
    below = "rp" if above == "middle" else "middle"
    federation[above].tells[below] = told
    refused(party, browser)


def test_constraints_that_hold(party: Application, federation: Federation, browser: Browser) -> None:
    rules = {
        "max_path_length": 1,
        "naming_constraints": {"permitted": ["localhost"], "excluded": [".localhost"]},
        "allowed_entity_types": ["openid_relying_party"],
    }
    federation["anchor"].tells["middle"] = {"constraints": rules}
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text


@pytest.mark.parametrize("name", ["rp", "middle", "anchor"])
@pytest.mark.parametrize(
    "head", [{"typ": "JWT"}, {"typ": None}, {"kid": None}, {"kid": "other"}, {"crit": ["b64"], "b64": True}]
)
def test_headers_of_statements(
    party: Application, federation: Federation, browser: Browser, name: str, head: dict[str, Any]
) -> None:
    federation[name].head = {"typ": "entity-statement+jwt", **head}
    refused(party, browser)


@pytest.mark.parametrize(("status", "kind"), [(404, None), (200, "application/json"), (302, None), (503, None)])
def test_answers_that_are_no_statement(
    party: Application, federation: Federation, browser: Browser, status: int, kind: str | None
) -> None:
    federation["rp"].status, federation["rp"].kind = status, kind or federation["rp"].kind
    error = "temporarily_unavailable" if status == 503 else "invalid_trust_chain"
    refused(party, browser, error)
    asked = len(federation.asked)
    refused(party, browser, error)
    assert len(federation.asked) == asked, "left alone for a while"


def test_loops_end(party: Application, federation: Federation, browser: Browser) -> None:
    """Two who name each other as superiors, and never an anchor."""
    other = federation.add("other", "middle")
    federation["middle"].hints = [other.id]
    other.tells = {"middle": {}}
    refused(party, browser, "invalid_trust_anchor")
    assert len(federation.asked) < 10


def test_a_chain_has_an_end(party: Application, federation: Federation, browser: Browser) -> None:
    above = "anchor"
    for each in range(12):
        federation.add(f"level{each}", above)
        above = f"level{each}"
    federation["rp"].hints = [federation[above].id]
    federation[above].tells["rp"] = {}
    refused(party, browser, "invalid_trust_anchor")
    assert len(federation.asked) <= 24


def test_many_superiors_cost_so_much(party: Application, federation: Federation, browser: Browser) -> None:
    names = [f"{chr(97 + each)}" for each in range(20)]
    for each in names:
        federation.add(each, "middle").hints = []
        federation[each].tells["rp"] = {}
    for each in names:
        federation[each].hints = [federation[other].id for other in names]
        for other in names:
            federation[other].tells[each] = {}
    federation["rp"].hints = [federation[each].id for each in names]
    refused(party, browser, "temporarily_unavailable")
    assert len(federation.asked) <= 24


def test_another_way_up_is_tried(party: Application, federation: Federation, browser: Browser) -> None:
    lost = federation.add("lost", "anchor")
    federation["anchor"].tells.pop("lost")
    lost.tells = {"rp": {}}
    federation["rp"].hints = [lost.id, federation["middle"].id]
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text


def test_another_anchor_is_nobodys(party: Application, federation: Federation, browser: Browser) -> None:
    stranger = {"entity_id": f"{federation.base}/stranger", "jwks": federation["anchor"].jwks()}
    party.world.management().patch("/tenants/settings", {"federation": {"trust_anchors": [stranger]}})
    refused(party, browser, "invalid_trust_anchor")


@row("P3")
@pytest.mark.parametrize(
    "address",
    [
        "https://169.254.169.254/rp",
        "https://10.0.0.1/rp",
        "http://localhost/rp",
        "https://localhost/rp?x=1",
        "https://localhost/rp#part",
        "https://user@localhost/rp",
        f"https://localhost/{'x' * 300}",
        "https://",
    ],
)
def test_addresses_that_are_not_read(
    party: Application, federation: Federation, browser: Browser, address: str
) -> None:
    begin(Application(party.world, address, None, CALLBACK, "none"), browser)
    assert browser.status in {400, 404}
    assert federation.asked == []
