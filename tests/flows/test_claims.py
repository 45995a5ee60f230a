"""Which claims go where: scopes, the claims parameter, and their types (OIDC Core 5; the suite's 0.6, 0.7, 0.17)."""

from __future__ import annotations

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.world import Person, World

PROFILE = {
    "name": "Jane Q. Doe",
    "given_name": "Jane",
    "family_name": "Doe",
    "middle_name": "Quentin",
    "nickname": "jq",
    "preferred_username": "jane.doe",
    "profile": "https://example.com/jane",
    "picture": "https://example.com/jane.png",
    "website": "https://jane.example.com",
    "gender": "female",
    "birthdate": "1990-01-02",
    "zoneinfo": "Europe/Berlin",
    "locale": "en-GB",
    "address": {"locality": "Berlin", "country": "DE"},
}
BY_SCOPE = {
    "profile": (set(PROFILE) - {"address"}) | {"updated_at"},
    "email": {"email", "email_verified"},
    "phone": {"phone_number", "phone_number_verified"},
    "address": {"address"},
}
PROTOCOL = {"iss", "sub", "aud", "iat", "exp", "auth_time", "sid", "nonce"}
EVERYTHING = "openid profile email phone address"


@pytest.fixture
def full(world: World) -> Person:
    """Somebody with every standard claim."""
    person = world.user("full@example.com", **PROFILE)
    world.change_user(person.user_id, phone_number="+4930123456", phone_verified=True)
    return person


@row("V6")
@pytest.mark.parametrize("scope", ["profile", "email", "phone", "address"])
def test_a_scope_opens_its_claims_and_no_others(world: World, browser: Browser, full: Person, scope: str) -> None:
    tokens = world.client().sign_in(browser, full, scope=f"openid {scope}")
    assert set(tokens.userinfo().get_json()) == {"sub"} | BY_SCOPE[scope]
    assert set(tokens.id_claims) == PROTOCOL | BY_SCOPE[scope]


def test_openid_alone_opens_only_the_subject(world: World, browser: Browser, full: Person) -> None:
    tokens = world.client().sign_in(browser, full, scope="openid")
    assert set(tokens.userinfo().get_json()) == {"sub"}
    assert set(tokens.id_claims) == PROTOCOL


def test_types_are_the_standards(world: World, browser: Browser, full: Person) -> None:
    tokens = world.client().sign_in(browser, full, scope=EVERYTHING)
    for claims in (tokens.userinfo().get_json(), tokens.id_claims):
        assert isinstance(claims["updated_at"], int)
        assert claims["email_verified"] is True
        assert claims["phone_number_verified"] is True
        assert claims["address"] == PROFILE["address"]
        assert claims["phone_number"] == "+4930123456"
        assert all(value not in (None, "", {}, []) for value in claims.values())


def test_what_somebody_has_not_is_absent(world: World, browser: Browser, jane: Person) -> None:
    claims = world.client().sign_in(browser, jane, scope=EVERYTHING).userinfo().get_json()
    assert {"phone_number", "phone_number_verified", "address", "birthdate"}.isdisjoint(claims)
    assert all(value is not None for value in claims.values())


def test_the_claims_parameter_opens_single_claims(world: World, browser: Browser, full: Person) -> None:
    asked = '{"userinfo":{"name":{"essential":true},"unknown":null},"id_token":{"email":null}}'
    tokens = world.client().sign_in(browser, full, scope="openid", claims=asked)
    assert set(tokens.userinfo().get_json()) == {"sub", "name"}
    assert set(tokens.id_claims) == PROTOCOL | {"email"}


def test_a_refreshed_token_keeps_what_the_claims_parameter_asked_for(
    world: World, browser: Browser, full: Person
) -> None:
    asked = '{"userinfo":{"name":null},"id_token":{"email":null}}'
    tokens = world.client().sign_in(browser, full, scope="openid offline_access", claims=asked).refreshed()
    assert set(tokens.userinfo().get_json()) == {"sub", "name"}
    assert "email" in tokens.id_claims


def test_userinfo_shows_the_person_as_they_are_now(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client().sign_in(browser, jane)
    world.change_user(jane.user_id, name="Jane Newname")
    assert tokens.userinfo().get_json()["name"] == "Jane Newname"


@row("V5")
def test_protocol_claims_are_never_taken_from_a_profile(world: World, browser: Browser) -> None:
    mallory = world.user("mallory@example.com", sub="auth0|admin", iss="https://evil.test/", aud="x", exp=1, sid="y")
    tokens = world.client().sign_in(browser, mallory, scope=EVERYTHING)
    assert tokens.id_claims["sub"] == mallory.user_id
    assert tokens.id_claims["iss"] == world.issuer
    assert tokens.userinfo().get_json()["sub"] == mallory.user_id


@pytest.mark.parametrize("single", ["name", "nickname", "picture", "email_verified", "created_at"])
def test_single_claims_are_scopes_too(world: World, browser: Browser, full: Person, single: str) -> None:
    tokens = world.client().sign_in(browser, full, scope=f"openid {single}")
    assert set(tokens.userinfo().get_json()) == {"sub", single}
