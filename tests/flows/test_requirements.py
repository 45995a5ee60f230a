"""What a client or an API insists on and is not offered here is refused: never given with less protection than was
set.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.key_pair import public_pem
from tests.world.world import API, Person, World

OF_CLIENTS: list[dict[str, Any]] = [
    {"organization_usage": "require"},
    {"compliance_level": "fapi1_adv_pkj_par"},
]
HARMLESS: list[dict[str, Any]] = [
    {"require_proof_of_possession": False},
    {"organization_usage": "allow"},
    {"organization_usage": "deny"},
    {"compliance_level": "none"},
    {"signed_request_object": {"required": False}},
    {"require_pushed_authorization_requests": False},
]
OF_APIS: list[dict[str, Any]] = [
    {"token_encryption": {"format": "compact-nested-jwe"}},
    {"consent_policy": "transactional-authorization-with-mfa"},
]


@row("A5")
@pytest.mark.parametrize("members", OF_CLIENTS)
def test_a_client_that_insists_on_what_is_not_here_is_told_so(
    world: World, browser: Browser, jane: Person, members: dict[str, Any]
) -> None:
    world.client().sign_in(browser, jane)
    world.client(**members).begin(browser)
    assert browser.answer.error == "invalid_request"
    assert "not available here" in browser.answer.params["error_description"]


@pytest.mark.parametrize("members", OF_CLIENTS)
def test_a_client_that_begins_to_insist_gets_no_more_tokens(
    world: World, browser: Browser, jane: Person, members: dict[str, Any]
) -> None:
    app = world.client(grant_types=["authorization_code", "refresh_token", "client_credentials"])
    world.grant(app.client_id, world.api(), "read:things")
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    world.change_client(app.client_id, **members)
    for response in (app.refresh(tokens.refresh_token), app.token(grant_type="client_credentials", audience=API)):
        assert (response.status_code, response.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("members", HARMLESS)
def test_other_values_change_nothing(world: World, browser: Browser, jane: Person, members: dict[str, Any]) -> None:
    assert world.client(**members).sign_in(browser, jane)


@pytest.mark.parametrize("members", OF_APIS)
def test_an_api_that_insists_on_what_is_not_here_gets_no_tokens(
    world: World, browser: Browser, jane: Person, members: dict[str, Any]
) -> None:
    app = world.client(grant_types=["authorization_code", "client_credentials"])
    world.grant(app.client_id, world.api(**members), "read:things")
    assert app.token(grant_type="client_credentials", audience=API).get_json()["error"] == "invalid_request"
    app.begin(browser, audience=API)
    assert browser.answer.error == "invalid_request"


@row("E8")
def test_a_client_set_to_keys_is_not_let_in_by_a_secret(world: World) -> None:
    key = {"credential_type": "public_key", "pem": public_pem()}
    app = world.client("m2m", client_authentication_methods={"private_key_jwt": {"credentials": [key]}})
    world.grant(app.client_id, world.api(), "read:things")
    response = app.token(grant_type="client_credentials", audience=API)
    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")


def test_policies_without_assigned_permissions_give_none(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    tokens = app.sign_in(browser, jane, audience=world.api(enforce_policies=True), scope="openid read:things")
    assert tokens.raw["scope"] == "openid"


@pytest.mark.parametrize(
    ("policy", "grant", "outcome"),
    [
        ("allow_all", None, "openid read:things write:things"),
        ("deny_all", None, "access_denied"),
        ("require_client_grant", None, "access_denied"),
        ("require_client_grant", ["read:things"], "openid read:things"),
    ],
)
def test_an_api_says_how_people_come_to_it(
    world: World, browser: Browser, jane: Person, policy: str, grant: list[str] | None, outcome: str
) -> None:
    world.api(subject_type_authorization={"user": {"policy": policy}, "client": {"policy": "require_client_grant"}})
    app = world.client()
    if grant is not None:
        members = {"client_id": app.client_id, "audience": API, "scope": grant, "subject_type": "user"}
        world.management().post("/client-grants", members)
    attempt = app.begin(browser, audience=API, scope="openid read:things write:things")
    if outcome == "access_denied":
        assert browser.answer.error == outcome
        return
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer).raw["scope"] == outcome


def test_a_grant_for_people_is_none_for_the_client_itself(world: World) -> None:
    world.api(subject_type_authorization={"user": {"policy": "require_client_grant"}})
    app = world.client("m2m")
    members = {"client_id": app.client_id, "audience": API, "scope": ["read:things"], "subject_type": "user"}
    world.management().post("/client-grants", members)
    assert app.token(grant_type="client_credentials", audience=API).get_json()["error"] == "access_denied"


@pytest.mark.parametrize(
    ("members", "outcome"),
    [
        ({"allow_all_scopes": True, "scope": []}, "read:things write:things"),
        ({"organization_usage": "require", "scope": ["read:things"]}, "invalid_request"),
        ({"organization_usage": "allow", "scope": ["read:things"]}, "read:things"),
    ],
)
def test_a_client_grant_says_more_than_its_scopes(world: World, members: dict[str, Any], outcome: str) -> None:
    app = world.client("m2m")
    world.management().post("/client-grants", {"client_id": app.client_id, "audience": world.api(), **members})
    body = app.token(grant_type="client_credentials", audience=API).get_json()
    assert outcome in {body.get("scope"), body.get("error")}


def test_an_api_that_serves_no_machines_serves_none(world: World) -> None:
    app = world.client("m2m")
    world.grant(app.client_id, world.api(subject_type_authorization={"client": {"policy": "deny_all"}}), "read:things")
    assert app.token(grant_type="client_credentials", audience=API).get_json()["error"] == "access_denied"


def test_a_client_may_want_its_own_sign_in(world: World, browser: Browser, jane: Person) -> None:
    world.client().sign_in(browser, jane)
    app = world.client(sso_disabled=True)
    app.begin(browser, prompt="none")
    assert browser.answer.error == "login_required"
    attempt = app.begin(browser)
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    assert attempt.tokens(browser.answer)
