"""Telephone numbers that people sign up and sign in with (``attributes.phone_number``; spec/management-types.tsv;
spec/account-lifecycle.md), and what nobody may be without (``profile_required``).
"""

from __future__ import annotations

from typing import Any

import pytest

from idp.signin.factors.kinds import sent_codes
from tests.world.browser import Browser
from tests.world.factors import sent_code
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import PASSWORD, World

NUMBER, OTHER = "+12025550123", "+12025550144"
TYPED = "+1 (202) 555-0123"
EMAIL = "new@example.com"
NEW = "an entirely New passphrase 7"
CODE_PAGE = "/u/phone-identifier-challenge"
DATABASE = "Username-Password-Authentication"


def known_by(world: World, *, proven: bool = True, **more: Any) -> None:
    """People of the connection are known by their number; an address is optional."""
    phone = {
        "identifier": {"active": True},
        "signup": {"status": "required", "verification": {"active": proven}},
    }
    email = {"identifier": {"active": True}, "signup": {"status": "optional", "verification": {"active": False}}}
    world.connection_options(**{"attributes": {"phone_number": phone, "email": email}, **more})


def signed_up(world: World, browser: Browser, **fields: str) -> Any:
    attempt = world.client().begin(browser, screen_hint="signup")
    browser.submit(**{"phone_number": TYPED, "password": PASSWORD, "email": "", **fields})
    return attempt


def only_user(world: World, **wanted: Any) -> dict[str, Any]:
    query = " AND ".join(f'{name}:"{value}"' for name, value in wanted.items())
    (found,) = world.caller().get("/users", q=query).get_json()
    return dict(found)


def made(world: World, status: int = 201, **members: Any) -> dict[str, Any]:
    body = {"connection": DATABASE, "password": PASSWORD, **members}
    answer = world.caller().post("/users", body)
    assert answer.status_code == status, answer.text
    return dict(answer.get_json())


@on_both_stores
def test_a_number_signs_up_is_proven_and_signs_in(world: World, browser: Browser) -> None:
    known_by(world)
    attempt = signed_up(world, browser)
    assert browser.path == CODE_PAGE
    assert only_user(world, phone_number=NUMBER).get("phone_verified") in (None, False)
    browser.submit(code="000000")
    assert browser.status == 400
    browser.submit(code=sent_code(world, NUMBER))
    sub = attempt.tokens(browser.answer).id_claims["sub"]
    user = only_user(world, phone_number=NUMBER)
    assert (user["user_id"], user["phone_verified"]) == (sub, True)
    again = world.client().begin(other := world.browser())
    assert "Phone number" in other.shown.text
    other.submit(username="+1 202 555 0123", password=PASSWORD)
    assert again.tokens(other.answer).id_claims["sub"] == sub


def test_identifier_first_takes_numbers_too(world: World, browser: Browser) -> None:
    known_by(world, proven=False)
    world.prompts(identifier_first=True)
    user = made(world, phone_number=NUMBER)
    attempt = world.client().begin(browser)
    browser.submit(username=TYPED)
    browser.submit(password=PASSWORD)
    assert attempt.tokens(browser.answer).id_claims["sub"] == user["user_id"]


def test_who_left_before_the_code_is_asked_for_it_at_the_next_sign_in(world: World, browser: Browser) -> None:
    known_by(world)
    signed_up(world, browser)
    attempt = world.client().begin(later := world.browser())
    later.submit(username=NUMBER, password=PASSWORD)
    assert later.path == CODE_PAGE
    later.submit(code=sent_code(world, NUMBER))
    attempt.tokens(later.answer)


def test_nobody_signs_in_with_a_number_where_it_is_no_identifier(world: World, browser: Browser) -> None:
    made(world, email=EMAIL, phone_number=NUMBER)
    world.client().begin(browser)
    browser.submit(username=NUMBER, password=PASSWORD)
    assert browser.status == 400


@on_both_stores
def test_two_people_have_two_numbers(world: World, browser: Browser) -> None:
    known_by(world, proven=False)
    first = made(world, phone_number=NUMBER)
    made(world, 409, phone_number=NUMBER)
    second = made(world, phone_number=OTHER)
    answer = world.caller().patch(f"/users/{second['user_id']}", {"phone_number": NUMBER})
    assert answer.status_code == 409, answer.text
    signed_up(world, browser)
    assert (browser.status, browser.path) == (400, "/u/signup")
    assert only_user(world, phone_number=NUMBER)["user_id"] == first["user_id"]


def test_another_number_is_not_proven(world: World) -> None:
    known_by(world, proven=False)
    user = made(world, phone_number=NUMBER, phone_verified=True)
    changed = world.caller().patch(f"/users/{user['user_id']}", {"phone_number": OTHER}).get_json()
    assert (changed["phone_number"], changed.get("phone_verified")) == (OTHER, None)


def test_the_only_identifier_stays(world: World) -> None:
    known_by(world, proven=False)
    user = made(world, phone_number=NUMBER)
    answer = world.caller().patch(f"/users/{user['user_id']}", {"phone_number": None})
    assert answer.status_code == 400


def test_wrong_passwords_count_for_the_account_however_the_number_is_typed(world: World, browser: Browser) -> None:
    known_by(world, proven=False)
    made(world, phone_number=NUMBER)
    world.brute_force(max_attempts=3)
    for typed in (NUMBER, TYPED, "+1 202-555-0123"):
        world.client().begin(fresh := world.browser())
        fresh.submit(username=typed, password="wrong")
    world.client().begin(browser)
    browser.submit(username=NUMBER, password=PASSWORD)
    assert browser.status == 429


def test_the_applications_own_form_and_the_password_grant(world: World) -> None:
    known_by(world, proven=False)
    app = world.client(
        "spa",
        grant_types=["password", "http://auth0.com/oauth/grant-type/password-realm"],
        token_endpoint_auth_method="none",
    )
    body = {"client_id": app.client_id, "connection": DATABASE, "phone_number": TYPED, "password": PASSWORD}
    answer = world.send("POST", "/dbconnections/signup", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.get_json()["phone_number"] == NUMBER
    grant = {
        "grant_type": "http://auth0.com/oauth/grant-type/password-realm",
        "client_id": app.client_id,
        "username": NUMBER,
        "password": PASSWORD,
        "realm": DATABASE,
    }
    assert world.send("POST", "/oauth/token", json=grant).status_code == 200


# ---- a new password
@pytest.fixture
def asked(world: World, browser: Browser) -> Browser:
    known_by(world, proven=False)
    made(world, phone_number=NUMBER, phone_verified=True)
    world.client().begin(browser)
    browser.follow("forgot-password-link")
    return browser.submit(username=TYPED)


def test_a_code_by_text_message_leads_to_a_new_password(world: World, asked: Browser) -> None:
    assert asked.path == CODE_PAGE
    asked.submit(code=sent_code(world, NUMBER))
    assert asked.path == "/u/reset-verify"
    asked.submit(password=NEW)
    assert asked.status == 200
    attempt = world.client().begin(later := world.browser())
    later.submit(username=NUMBER, password=NEW)
    attempt.tokens(later.answer)


def test_the_page_says_the_same_of_a_number_that_nobody_has(world: World, asked: Browser) -> None:
    world.client().begin(other := world.browser())
    other.follow("forgot-password-link")
    other.submit(username=OTHER)
    assert other.shown.text.replace(OTHER, NUMBER) == asked.shown.text
    assert {mail.to for mail in world.mails()} == {NUMBER}


def test_an_unproven_number_is_no_way_around_a_proven_address(world: World, browser: Browser) -> None:
    """security.md N: whoever gave somebody else's number must not have given them the account, nor the other way."""
    known_by(world, proven=False)
    made(world, phone_number=NUMBER, email=EMAIL, email_verified=True)
    world.client().begin(browser)
    browser.follow("forgot-password-link")
    browser.submit(username=NUMBER)
    assert browser.path == CODE_PAGE
    world.work()
    assert world.mails(NUMBER) == []


@on_both_stores
def test_the_owner_of_a_number_takes_back_what_a_stranger_made_with_it(world: World, browser: Browser) -> None:
    """security.md N2: the address that the stranger gave leads nowhere afterwards."""
    known_by(world, proven=False)
    user = made(world, phone_number=NUMBER, email=EMAIL)
    world.client().begin(browser)
    browser.follow("forgot-password-link")
    browser.submit(username=NUMBER)
    browser.submit(code=sent_code(world, NUMBER))
    browser.submit(password=NEW)
    found = world.caller().get(f"/users/{user['user_id']}").get_json()
    assert (found["phone_verified"], found.get("email")) == (True, None)
    world.client().begin(other := world.browser())
    other.submit(username=EMAIL, password=NEW)
    assert other.status == 400


def test_the_owner_of_an_address_takes_the_strangers_number_off(world: World, browser: Browser) -> None:
    known_by(world, proven=False)
    user = made(world, phone_number=NUMBER, email=EMAIL, verify_email=False)
    world.client().begin(browser)
    browser.follow("forgot-password-link")
    browser.submit(username=EMAIL)
    browser.open(next(link for link in world.mails(EMAIL)[0].links if "reset-verify" in link))
    browser.submit(password=NEW)
    found = world.caller().get(f"/users/{user['user_id']}").get_json()
    assert (found["email_verified"], found.get("phone_number")) == (True, None)


# ---- what attributes say besides
def test_text_messages_for_a_new_password_count_for_their_number(world: World, clock: Clock) -> None:
    """However it is typed, and with all others that go there while nobody has proven it (toll fraud)."""
    known_by(world, proven=False)
    made(world, phone_number=NUMBER)

    def ask(typed: str) -> int:
        world.client().begin(browser := world.browser())
        browser.follow("forgot-password-link")
        browser.submit(username=typed)
        return len(world.mails(NUMBER))

    assert [ask(typed) for typed in (NUMBER, f"{NUMBER[:3]} {NUMBER[3:]}", f"{NUMBER[:6]}-{NUMBER[6:]}")] == [1, 2, 2]
    with world.context() as work:
        while sent_codes.too_often_to(work, NUMBER) is None:
            pass
    clock.forward(minutes=2)
    assert ask(NUMBER) == 2, "as many were sent there as may be in an hour"
    clock.forward(minutes=60)
    assert ask(NUMBER) == 3


def test_phone_provider_protection_slows_codes_of_identifiers_too(world: World, clock: Clock) -> None:
    known_by(world, proven=False)
    made(world, phone_number=NUMBER, phone_verified=True)
    world.protection("phone-provider-protection", type="exponential")
    sent = []
    for _ in range(4):
        world.client().begin(browser := world.browser())
        browser.follow("forgot-password-link")
        browser.submit(username=NUMBER)
        sent.append(len(world.mails(NUMBER)))
        clock.forward(seconds=31)
    assert sent == [1, 2, 2, 3], "the wait doubles"


def test_profile_required_is_asked_everywhere(world: World, browser: Browser) -> None:
    email = {"identifier": {"active": True}, "profile_required": True}
    phone = {"profile_required": True, "signup": {"status": "inactive"}}
    world.connection_options(attributes={"email": email, "phone_number": phone})
    made(world, 400, email=EMAIL)
    user = made(world, email=EMAIL, phone_number=NUMBER)
    answer = world.caller().patch(f"/users/{user['user_id']}", {"phone_number": None})
    assert answer.status_code == 400
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email="second@example.com", password=PASSWORD)
    assert browser.status == 400, "sign-up asks for it"


def test_addresses_may_be_shared_where_they_are_no_identifiers(world: World, browser: Browser) -> None:
    email = {"identifier": {"active": False}, "unique": False, "signup": {"status": "optional"}}
    username = {"identifier": {"active": True}}
    world.connection_options(attributes={"email": email, "username": username})
    first = made(world, email=EMAIL, username="first")
    second = made(world, email=EMAIL, username="second")
    assert first["user_id"] != second["user_id"]
    world.client().begin(browser)
    browser.submit(username=EMAIL, password=PASSWORD)
    assert browser.status == 400, "an address says not who it is"
    attempt = world.client().begin(other := world.browser())
    other.submit(username="second", password=PASSWORD)
    assert attempt.tokens(other.answer).id_claims["sub"] == second["user_id"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"email": {"identifier": {"active": True}, "unique": False}},
        {"email": {"identifier": {"active": False}}, "username": {"identifier": {"active": False}}},
    ],
)
def test_attributes_that_contradict_each_other(world: World, attributes: dict[str, Any]) -> None:
    answer = world.caller().patch(f"/connections/{world.connection_id}", {"options": {"attributes": attributes}})
    assert answer.status_code == 400, answer.text


def test_the_code_is_dead_after_a_quarter_of_an_hour(world: World, asked: Browser, clock: Clock) -> None:
    code = sent_code(world, NUMBER)
    clock.forward(seconds=901)
    asked.submit(code=code)
    assert (asked.status, asked.path) == (400, CODE_PAGE)
