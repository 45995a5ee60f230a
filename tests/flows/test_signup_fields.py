"""What sign-up asks for: by the ``attributes`` of the connection, and by fields of the tenant's own pieces (issue 11.7;
spec/privacy.md).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.world.browser import Browser
from tests.world.world import PASSWORD, World

EMAIL = "new@example.com"
BOX = '<input type="checkbox" id="t" name="ulp-terms" value="yes" required>'
TERMS = f'<label for="t">{BOX} I accept the terms of 2026</label>'
NAMES = '<input name="ulp-given-name" required><input name="ulp-family_name"><input name="ulp-color">'


def asks(world: World, **attributes: Any) -> None:
    """The connection asks for these."""
    world.connection_options(attributes=attributes)


def status(of: str) -> dict[str, Any]:
    return {"identifier": {"active": True}, "signup": {"status": of}}


def begun(world: World, browser: Browser) -> Any:
    return world.client().begin(browser, screen_hint="signup")


def piece(world: World, markup: str) -> None:
    answer = world.caller().put("/prompts/signup/partials", {"signup": {"form-content-end": markup}})
    assert answer.status_code == 200, answer.text


def user(world: World, email: str = EMAIL) -> dict[str, Any]:
    (found,) = world.caller().get("/users-by-email", email=email).get_json()
    return dict(found)


@pytest.mark.parametrize("given", ["", "not a number", "+1 202 555 0123 ext. 5", "0301234567"])
def test_a_number_that_is_required_has_to_be_one(world: World, browser: Browser, given: str) -> None:
    asks(world, email=status("required"), phone_number=status("required"))
    begun(world, browser)
    browser.submit(email=EMAIL, password=PASSWORD, phone_number=given)
    assert (browser.status, browser.path) == (400, "/u/signup")
    assert world.caller().get("/users-by-email", email=EMAIL).get_json() == []


def test_a_number_is_kept_in_one_spelling(world: World, browser: Browser) -> None:
    asks(world, email=status("required"), phone_number={"signup": {"status": "optional"}})
    attempt = begun(world, browser)
    assert "(optional)" in browser.shown.text
    browser.submit(email=EMAIL, password=PASSWORD, phone_number="+1 (202) 555-0123")
    attempt.tokens(browser.answer)
    found = user(world)
    assert found["phone_number"] == "+12025550123"
    assert found.get("phone_verified") in (None, False)


def test_what_is_optional_may_be_left_out(world: World, browser: Browser) -> None:
    asks(world, email=status("required"), username=status("optional"), phone_number=status("optional"))
    attempt = begun(world, browser)
    browser.submit(email=EMAIL, password=PASSWORD)
    attempt.tokens(browser.answer)
    assert "username" not in user(world)


def test_a_username_alone_makes_an_account(world: World, browser: Browser) -> None:
    asks(world, email=status("inactive"), username=status("required"))
    attempt = begun(world, browser)
    assert "email" not in browser.shown.form("password").fields
    browser.submit(username="Jane.Doe", password=PASSWORD)
    tokens = attempt.tokens(browser.answer)
    assert "email" not in tokens.id_claims
    again = world.client().begin(other := world.browser())
    other.submit(username="jane.doe", password=PASSWORD)
    assert again.tokens(other.answer).id_claims["sub"] == tokens.id_claims["sub"]
    assert world.mails() == []


def test_usernames_have_the_shape_that_attributes_say(world: World, browser: Browser) -> None:
    shape = {**status("required"), "validation": {"min_length": 5, "max_length": 6}}
    asks(world, email=status("required"), username=shape)
    begun(world, browser)
    for bad in ("", "four", "sevenxx"):
        browser.submit(email=EMAIL, username=bad, password=PASSWORD)
        assert browser.status == 400, bad
    browser.submit(email=EMAIL, username="fiver", password=PASSWORD)
    assert user(world)["username"] == "fiver"


def test_nobody_registers_without_anything_they_are_known_by(world: World, browser: Browser) -> None:
    asks(world, email=status("optional"), username=status("optional"))
    begun(world, browser)
    browser.submit(username="jane", password=PASSWORD)
    assert browser.status == 400, "an address is asked for where nothing else is required"


def test_no_mail_where_the_address_needs_no_proof(world: World, browser: Browser) -> None:
    asks(world, email={**status("required"), "signup": {"status": "required", "verification": {"active": False}}})
    begun(world, browser)
    browser.submit(email=EMAIL, password=PASSWORD)
    assert world.mails(EMAIL) == []


def test_privacy_4_sign_up_without_the_tick_is_refused_and_the_tick_is_kept_with_its_date(
    world: World, browser: Browser
) -> None:
    piece(world, TERMS)
    attempt = begun(world, browser)
    browser.submit(**{"email": EMAIL, "password": PASSWORD, "ulp-terms": ""})
    assert (browser.status, browser.path) == (400, "/u/signup")
    assert "Accept the terms" in browser.shown.text
    assert world.caller().get("/users-by-email", email=EMAIL).get_json() == []
    browser.submit(**{"email": EMAIL, "password": PASSWORD, "ulp-terms": "yes"})
    attempt.tokens(browser.answer)
    consent = user(world)["user_metadata"]["consent"]
    assert consent["given"] is True
    assert consent["date"].endswith("Z")
    assert consent["text_details"] == "I accept the terms of 2026"


def test_fields_of_the_tenants_own_become_names_and_metadata(world: World, browser: Browser) -> None:
    piece(world, NAMES)
    begun(world, browser)
    browser.submit(email=EMAIL, password=PASSWORD)
    assert browser.status == 400, "a name is required"
    fields = {"ulp-given-name": "Jane", "ulp-family_name": "Doe", "ulp-color": "red"}
    browser.submit(**{"email": EMAIL, "password": PASSWORD, **fields})
    found = user(world)
    assert (found["given_name"], found["family_name"]) == ("Jane", "Doe")
    assert found["user_metadata"] == {"color": "red"}


def test_nobody_brings_along_what_no_piece_asks_for(world: World, browser: Browser) -> None:
    """security.md J2: a form decides nothing but what it is asked."""
    piece(world, NAMES)
    begun(world, browser)
    form = browser.shown.form("email", "password")
    extra = {
        "ulp-admin": "yes",
        "ulp-terms": "yes",
        "email_verified": "true",
        "app_metadata": "{}",
        "phone_number": "+12025550123",
    }
    filled = {**form.fields, "email": EMAIL, "password": PASSWORD, "ulp-given-name": "J", **extra, **form.button(None)}
    browser.open(form.action, site="same-origin", method="POST", form=filled)
    found = user(world)
    assert "user_metadata" not in found
    assert "phone_number" not in found
    assert found["email_verified"] is False


@pytest.mark.parametrize("value", ["x" * 501, "a\0b", "\x1b[31m"])
def test_hostile_values_of_own_fields(world: World, browser: Browser, value: str) -> None:
    piece(world, NAMES)
    begun(world, browser)
    browser.submit(**{"email": EMAIL, "password": PASSWORD, "ulp-given-name": "J", "ulp-color": value})
    assert browser.status == 400
