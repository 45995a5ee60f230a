"""Trust marks of a relying party, where the tenant wants some (OpenID Federation 1.0, 7)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from idp.applications.federation import entities
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.client_keys import key, public, signed
from tests.world.federation import Federation
from tests.world.relying_party import begin, refused


def mark(federation: Federation, by: str = "anchor", **claims: Any) -> dict[str, Any]:
    said = {
        "iss": federation[by].id,
        "sub": federation["rp"].id,
        "iat": int(time.time()),
        "trust_mark_type": "urn:good",
    }
    raw = signed({**said, **claims}, federation[by].key, typ="trust-mark+jwt")
    return {"trust_mark_type": "urn:good", "trust_mark": raw}


def test_marks_are_passed_over_unless_they_are_required(
    party: Application, federation: Federation, browser: Browser
) -> None:
    federation["rp"].says["trust_marks"] = [{"trust_mark_type": "urn:good", "trust_mark": "nonsense"}]
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text
    party.world.management().patch("/tenants/settings", {"federation": {"required_trust_marks": ["urn:good"]}})
    begin(party, browser)
    assert "invalid_trust_chain" in browser.shown.text


@pytest.mark.parametrize("by", ["anchor", "middle", "issuer"])
def test_a_mark_that_is_required(party: Application, federation: Federation, browser: Browser, by: str) -> None:
    party.world.management().patch("/tenants/settings", {"federation": {"required_trust_marks": ["urn:good"]}})
    issuer = federation.add("issuer", "anchor")
    issuer.says = {"metadata": {"federation_entity": {}}}
    federation["anchor"].says["trust_mark_issuers"] = {"urn:good": [federation[by].id]}
    federation["rp"].says["trust_marks"] = [mark(federation, by)]
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text


def test_a_mark_with_another_signature(party: Application, federation: Federation, browser: Browser) -> None:
    party.world.management().patch("/tenants/settings", {"federation": {"required_trust_marks": ["urn:good"]}})
    federation["anchor"].says["trust_mark_issuers"] = {"urn:good": []}
    good = mark(federation)
    head, body, signature = good["trust_mark"].split(".")
    federation["rp"].says["trust_marks"] = [{**good, "trust_mark": f"{head}.{body}.{'A' * len(signature)}"}]
    refused(party, browser)


@pytest.mark.parametrize(
    ("claims", "issuers"),
    [
        ({}, {"urn:good": ["https://other.test/"]}),
        ({}, {}),
        ({"sub": "https://evil.test/"}, {"urn:good": []}),
        ({"trust_mark_type": "urn:other"}, {"urn:good": []}),
        ({"exp": 1}, {"urn:good": []}),
        ({"iss": "https://localhost:1/nobody"}, {"urn:good": ["https://other.test/"]}),
        ({"delegation": "nonsense"}, {"urn:good": []}),
        ({}, {"urn:good": None}),
        ({}, {"urn:good": 7}),
        ({}, {"urn:good": ""}),
        ({}, {"urn:good": {}}),
        ({}, {"urn:good": "https://localhost/"}),
    ],
)
def test_marks_that_do_not_count(
    party: Application, federation: Federation, browser: Browser, claims: Any, issuers: Any
) -> None:
    party.world.management().patch("/tenants/settings", {"federation": {"required_trust_marks": ["urn:good"]}})
    federation["anchor"].says["trust_mark_issuers"] = issuers
    federation["rp"].says["trust_marks"] = [mark(federation, **claims)]
    refused(party, browser)


def test_an_owner_lets_somebody_issue_its_mark(party: Application, federation: Federation, browser: Browser) -> None:
    party.world.management().patch("/tenants/settings", {"federation": {"required_trust_marks": ["urn:good"]}})
    owner = {"sub": "https://owner.test/", "jwks": {"keys": [public("ES256", "owner")]}}
    federation["anchor"].says |= {"trust_mark_issuers": {"urn:good": []}, "trust_mark_owners": {"urn:good": owner}}
    federation["rp"].says["trust_marks"] = [mark(federation)]
    refused(party, browser)
    given = {
        "iss": owner["sub"],
        "sub": federation["anchor"].id,
        "trust_mark_type": "urn:good",
        "iat": int(time.time()),
    }
    raw = signed(given, key("ES256", "owner"), typ="trust-mark-delegation+jwt")
    federation["rp"].says["trust_marks"] = [mark(federation, delegation=raw)]
    entities._failed.clear()
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text
