"""Which claims go where: scopes, the claims parameter, and their types (OIDC Core 5; the suite's 0.6, 0.7, 0.17)."""

from __future__ import annotations

from typing import Any

import pytest

from idp.directory.users.attributes import ATTRIBUTES, Attribute
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.world import Person, World

PROFILE: dict[str, Any] = {
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


# ---- by user_metadata (docs/compatibility.md, "Claims")
IN_METADATA = [each for each in ATTRIBUTES if each.in_metadata is not None]
UNFIT: dict[str, list[Any]] = {
    "middle_name": ["", 5, None, ["Quentin"], "x" * 151],
    "preferred_username": ["", 5, {"name": "jane"}],
    "profile": ["javascript:alert(1)", "jane", 5, "https://example.com/a b", "https://example.com/\n"],
    "website": ["data:text/html,x", "ftp://example.com/", "", "https://"],
    "gender": ["", True],
    "birthdate": ["02.01.1990", "1990-1-2", 19900102, "1990-01-02\n", "\u0661\u0669\u0669\u0660-01-02"],
    "zoneinfo": ["", "Europe/Berlin; x", 1],
    "locale": ["en US", "", {"tag": "en"}],
    "address": ["Berlin", {}, [], {"locality": 5}, {"planet": "Earth"}],
}


def named(row: Attribute) -> str:
    return row.name


def with_metadata(world: World, **members: Any) -> Person:
    """Somebody whose ``user_metadata`` an administrator wrote."""
    person = world.user("meta@example.com")
    assert world.caller().patch(f"/users/{person.user_id}", {"user_metadata": members}).status_code == 200
    return person


def test_every_claim_of_a_profile_that_discovery_lists_can_be_set() -> None:
    assert {row.claim for row in IN_METADATA} == {
        "middle_name",
        "preferred_username",
        "profile",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "address",
    }
    assert UNFIT.keys() == {row.name for row in IN_METADATA}
    assert all(row.settable or row.owner.value == "system" for row in ATTRIBUTES if row.claim and not row.in_metadata)


@pytest.mark.parametrize("attribute", IN_METADATA, ids=named)
def test_a_member_of_the_metadata_fills_its_claim(world: World, browser: Browser, attribute: Attribute) -> None:
    value = PROFILE[attribute.name]
    person = with_metadata(world, **{attribute.name: value, "department": "Harbour", "sub": "x", "nickname": "y"})
    scope = attribute.scopes[0]
    tokens = world.client().sign_in(browser, person, scope=f"openid {scope}")
    told = tokens.userinfo().get_json()
    assert told[str(attribute.claim)] == tokens.id_claims[str(attribute.claim)] == value
    assert (told["sub"], told.get("nickname", "meta")) == (person.user_id, "meta")
    assert "department" not in told
    single = f'{{"userinfo": {{"{attribute.claim}": null}}}}'
    alone = world.client().sign_in(world.browser(), person, scope="openid", claims=single)
    assert alone.userinfo().get_json() == {"sub": person.user_id, attribute.claim: value}
    without = world.client().sign_in(world.browser(), person, scope="openid email").userinfo().get_json()
    assert attribute.claim not in without


@pytest.mark.parametrize("attribute", IN_METADATA, ids=named)
def test_metadata_of_another_form_is_no_claim(world: World, browser: Browser, attribute: Attribute) -> None:
    app, person = world.client(), with_metadata(world, other=1)
    tokens = app.sign_in(browser, person, scope=EVERYTHING)
    for value in UNFIT[attribute.name]:
        world.change_user(person.user_id, user_metadata={attribute.name: value})
        response = tokens.userinfo()
        assert response.status_code == 200
        assert attribute.claim not in response.get_json(), value


@pytest.mark.parametrize("attribute", IN_METADATA, ids=named)
def test_what_the_source_says_goes_before_metadata(world: World, browser: Browser, attribute: Attribute) -> None:
    person = world.user("source@example.com", **{attribute.name: PROFILE[attribute.name]})
    other: dict[str, Any] = {"locality": "Elsewhere"} if attribute.name == "address" else {}
    world.change_user(person.user_id, user_metadata={attribute.name: other or "https://elsewhere.example.com/"})
    tokens = world.client().sign_in(browser, person, scope=EVERYTHING)
    assert tokens.userinfo().get_json()[attribute.claim] == PROFILE[attribute.name]


def test_nobody_takes_anothers_username_by_metadata(world: World, browser: Browser) -> None:
    world.connection_options(requires_username=True)
    person = world.user("jane@example.com", username="jane")
    world.change_user(person.user_id, user_metadata={"preferred_username": "admin"})
    told = world.client().sign_in(browser, person, scope=EVERYTHING).userinfo().get_json()
    assert told["preferred_username"] == "jane"


@pytest.mark.parametrize("document", [None, {}, {"deep": {"birthdate": "1990-01-02"}}, {"birthdate": None}])
def test_other_metadata_changes_nothing(world: World, browser: Browser, document: dict[str, Any] | None) -> None:
    person = world.user("meta@example.com")
    world.change_user(person.user_id, user_metadata=document)
    assert "birthdate" not in world.client().sign_in(browser, person, scope=EVERYTHING).userinfo().get_json()
