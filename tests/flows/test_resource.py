"""``resource`` beside ``audience`` (RFC 8707), and ``acr`` in the ``claims`` parameter (OIDC Core 5.5.1.1)."""

from __future__ import annotations

import json

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.world import API, Person, World

OTHER = "https://other.example.test/"
GRANTS = ["authorization_code", "refresh_token", "client_credentials"]


def test_a_resource_is_the_audience(world: World, browser: Browser, jane: Person) -> None:
    world.api()
    app = world.client(grant_types=GRANTS)
    world.grant(app.client_id, API, "read:things")
    scope = "openid read:things offline_access"
    attempt = app.begin(browser, resource=API, scope=scope)
    browser.submit(username=jane.email, password=jane.password)
    tokens = attempt.tokens(browser.answer, resource=API)
    assert API in tokens.access_claims["aud"]
    assert API in tokens.refreshed(resource=API).access_claims["aud"]
    own = app.token(grant_type="client_credentials", resource=API).get_json()
    assert app.claims(own["access_token"])["aud"] == API


@row("E6")
@pytest.mark.parametrize("resource", [OTHER, f"{API}#x", "no-uri", "x" * 700, "https://[", f"{API}?x"])
def test_a_resource_that_is_none_is_told_so(world: World, browser: Browser, jane: Person, resource: str) -> None:
    world.api()
    app = world.client(grant_types=GRANTS)
    world.grant(app.client_id, API, "read:things")
    app.begin(browser, resource=resource)
    assert browser.answer.error == "invalid_target"
    response = app.token(grant_type="client_credentials", resource=resource)
    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_target")


@row("F4")
def test_no_token_is_exchanged_for_one_of_another_resource(world: World, browser: Browser, jane: Person) -> None:
    world.api()
    world.api(OTHER)
    app = world.client()
    attempt = app.begin(browser, resource=API, scope="openid read:things offline_access")
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.redeem(browser.answer, resource=OTHER).get_json()["error"] == "invalid_target"
    tokens = attempt.tokens(browser.answer)
    assert app.refresh(tokens.refresh_token, resource=OTHER).get_json()["error"] == "invalid_target"
    assert app.refresh(tokens.refresh_token, resource=API).status_code == 200


def test_audience_comes_first_and_a_tenant_may_know_it_alone(world: World, browser: Browser, jane: Person) -> None:
    world.api()
    world.api(OTHER)
    app = world.client()
    tokens = app.sign_in(browser, jane, audience=API, resource=OTHER)
    assert API in tokens.access_claims["aud"]
    world.settings(resource_parameter_profile="audience")
    assert "." not in app.sign_in(browser, jane, resource=OTHER).access_token


@pytest.mark.parametrize(
    ("acr", "outcome"),
    [
        ({"values": ["unknown", "urn:gatehouse:acr:password"]}, "urn:gatehouse:acr:password"),
        ({"value": "urn:gatehouse:acr:password", "essential": True}, "urn:gatehouse:acr:password"),
        ({"values": ["unknown"]}, None),
        ({"values": "unknown", "essential": True}, None),
        ({"values": [5, None, {}, ""], "essential": True}, None),
        ({"essential": True}, None),
        (None, None),
        ({"values": ["unknown"], "essential": True}, "unmet_authentication_requirements"),
    ],
)
def test_acr_may_be_asked_for_as_a_claim(
    world: World, browser: Browser, jane: Person, acr: object, outcome: str | None
) -> None:
    app = world.client()
    attempt = app.begin(browser, claims=json.dumps({"id_token": {"acr": acr, "auth_time": {"essential": True}}}))
    if outcome == "unmet_authentication_requirements":
        assert browser.answer.error == outcome
        return
    browser.submit(username=jane.email, password=jane.password)
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims.get("acr"), claims["auth_time"] > 0) == (outcome, True)
