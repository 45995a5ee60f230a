"""Accounts of a database that are signed in to with a code (``authentication_methods.email_otp`` and ``phone_otp``,
``attributes.*.identifier.default_method``; spec/management-api.md, "Connections"; spec/login-factors.md, acceptance 9
and 10 for these codes; docs/decisions/0364).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from idp.directory.users.log_types import UserLog
from tests.world import factors
from tests.world.browser import Browser
from tests.world.factors import sent_code
from tests.world.fixtures import Clock, on_both_stores
from tests.world.racing import at_once
from tests.world.world import PASSWORD, Person, World

EMAIL, NUMBER = "jane@example.com", "+12025550123"
CODE_PAGE, NUMBER_PAGE = "/u/email-otp-challenge", "/u/phone-identifier-challenge"
STRANGERS = "a stranger chose this 9 Horse"


def by_code(world: World, *, default: str = "email_otp", password: bool = True, **more: Any) -> None:
    """People sign in with a code to their address, or with their password."""
    email = {"identifier": {"active": True, "default_method": default}, "signup": {"status": "required"}}
    methods = {"password": {"enabled": password}, "email_otp": {"enabled": True}, "passkey": {"enabled": False}}
    world.connection_options(attributes={"email": email}, authentication_methods=methods, **more)


def by_number(world: World, *, default: str = "phone_otp") -> None:
    phone = {"identifier": {"active": True, "default_method": default}, "signup": {"status": "required"}}
    email = {"identifier": {"active": True}, "signup": {"status": "optional"}}
    methods = {"password": {"enabled": True}, "phone_otp": {"enabled": True}}
    world.connection_options(attributes={"phone_number": phone, "email": email}, authentication_methods=methods)


def code_of(world: World, to: str = EMAIL) -> str:
    world.work()
    found = re.search(r"\b\d{6}\b", world.mails(to)[0].text)
    assert found is not None
    return found[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def proven(world: World, user_id: str) -> list[str]:
    """What the newest session of that user remembers."""
    found = world.caller().get(f"/users/{quote(user_id)}/sessions").get_json()["sessions"]
    newest = max(found, key=lambda each: str(each["created_at"]))
    return [str(each["name"]) for each in newest["authentication"]["methods"]]


@pytest.fixture
def jane(world: World) -> Person:
    return world.user(EMAIL)


@on_both_stores
def test_the_code_comes_first_where_it_is_the_default(world: World, browser: Browser, jane: Person) -> None:
    by_code(world)
    attempt = world.client().begin(browser)
    assert browser.path == "/u/login/identifier", "who it is has to be known first"
    browser.submit(username="Jane@Example.com")
    assert browser.path == CODE_PAGE
    assert EMAIL not in browser.shown.text
    code = code_of(world)
    browser.submit(code=wrong(code))
    assert (browser.status, browser.path) == (400, CODE_PAGE)
    browser.submit(code=f"{code[:3]} {code[3:]}")
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id
    assert proven(world, jane.user_id) == ["otp"]
    assert [entry.type for entry in world.logs("fp", "s")] == ["fp", "s"]


def test_a_password_comes_first_otherwise_and_either_way_leads_in(world: World, browser: Browser, jane: Person) -> None:
    by_code(world, default="password")
    attempt = world.client().begin(browser)
    browser.submit(username=EMAIL)
    assert browser.path == "/u/login/password"
    browser.submit("use-code")
    assert browser.path == CODE_PAGE
    browser.follow("use-password")
    browser.submit(password=jane.password)
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id
    assert proven(world, jane.user_id) == ["pwd"]
    other = world.browser()
    attempt = world.client().begin(other)
    other.submit(username=EMAIL).submit("use-code")
    other.submit(code=code_of(world))
    assert attempt.tokens(other.answer).id_claims["sub"] == jane.user_id


@on_both_stores
def test_a_code_for_a_new_password_takes_the_place_of_one_for_a_sign_in(
    world: World, browser: Browser, jane: Person
) -> None:
    """They share their page: the code that was asked for last is the one that is typed."""
    email = {"identifier": {"active": True}, "signup": {"status": "required"}, "verification_method": "otp"}
    world.connection_options(attributes={"email": email}, authentication_methods={"email_otp": {"enabled": True}})
    world.client().begin(browser)
    browser.submit(username=EMAIL).submit("use-code")
    browser.follow("use-password").follow("forgot-password-link")
    browser.submit(username=EMAIL)
    assert browser.path == CODE_PAGE
    world.work()
    (newest,) = (mail for mail in world.mails(EMAIL) if "password" in mail.subject.lower())
    found = re.search(r"\b\d{6}\b", newest.text)
    assert found is not None
    browser.submit(code=found[0])
    assert browser.path == "/u/reset-verify", "on to a new password, and nobody is signed in"


def test_a_number_is_proven_though_a_code_for_a_sign_in_was_asked_for(world: World, browser: Browser) -> None:
    by_number(world)
    attempt = world.client().begin(browser)
    browser.submit(username="+12025550144")
    assert browser.path == NUMBER_PAGE
    browser.follow("edit-identifier-link").follow("signup-link")
    browser.submit(phone_number=NUMBER, password=PASSWORD)
    assert browser.path == NUMBER_PAGE
    browser.submit(code=sent_code(world, NUMBER))
    assert attempt.tokens(browser.answer).id_claims["sub"]


def test_nobody_learns_who_has_an_account(world: World, jane: Person) -> None:
    by_code(world)
    app, seen = world.client(), []
    for who in (EMAIL, "nobody@example.com"):
        browser = world.browser()
        app.begin(browser)
        browser.submit(username=who)
        first = browser.status, browser.path, browser.shown.text.replace("n•••", "j•••")
        browser.submit(code="000000")
        seen.append((*first, browser.status, browser.path, browser.shown.text.replace("n•••", "j•••")))
    assert seen[0] == seen[1]
    world.work()
    assert len(world.mails(EMAIL)) == 1
    assert world.mails("nobody@example.com") == []


def test_codes_end(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    by_code(world)
    world.client().begin(browser)
    browser.submit(username=jane.email)
    code = code_of(world)
    clock.forward(seconds=301)
    browser.submit(code=code)
    assert browser.status == 400, "five minutes"
    browser.submit("resend-code")
    code = code_of(world)
    for _ in range(3):
        browser.submit(code=wrong(code))
    browser.submit(code=code)
    assert browser.status == 400, "three tries"


def test_a_code_belongs_to_its_attempt_and_is_good_once(world: World, browser: Browser, jane: Person) -> None:
    by_code(world)
    app, other = world.client(), world.browser()
    app.begin(browser)
    browser.submit(username=jane.email)
    code = code_of(world)
    app.begin(other)
    other.submit(username=jane.email)
    if code_of(world) != code:
        other.submit(code=code)
        assert other.status == 400
    address = browser.shown.url

    def types() -> bool:
        browser.submit(code=code)
        return browser.left_for is not None

    assert at_once([types])[0]
    browser.open(address)
    assert browser.status == 400


def test_wrong_codes_count_towards_the_lock_of_the_account(world: World, jane: Person, clock: Clock) -> None:
    by_code(world)
    app = world.client()
    for _ in range(4):
        browser = world.browser()
        app.begin(browser)
        browser.submit(username=jane.email)
        code = code_of(world)
        for _ in range(3):
            browser.submit(code=wrong(code))
        clock.forward(seconds=31)
    assert browser.status == 429


def test_whoever_is_blocked_is_sent_nothing(world: World, browser: Browser, jane: Person) -> None:
    by_code(world)
    world.change_user(jane.user_id, blocked=True)
    world.client().begin(browser)
    browser.submit(username=jane.email)
    world.work()
    assert world.mails(jane.email) == []


@on_both_stores
def test_security_n2_a_first_proof_ends_what_a_stranger_chose(world: World, browser: Browser) -> None:
    """Somebody made an account with the owner's address before the owner came."""
    by_code(world)
    squatted = world.user(EMAIL, STRANGERS, verified=False)
    stranger, app = world.browser(), world.client()
    app.begin(stranger)
    stranger.submit(username=EMAIL).follow("use-password")
    stranger.submit(password=STRANGERS)
    assert stranger.left_for is not None
    attempt = app.begin(browser)
    browser.submit(username=EMAIL)
    browser.submit(code=code_of(world))
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims["email_verified"]) == (squatted.user_id, True)
    app.begin(stranger)
    assert stranger.left_for is None, "their session is over"
    stranger.submit(username=EMAIL).follow("use-password")
    stranger.submit(password=STRANGERS)
    assert stranger.status == 400, "and so is the password"


def test_without_passwords_nothing_takes_one(world: World, browser: Browser, jane: Person) -> None:
    by_code(world, default="email_otp", password=False)
    app = world.client(grant_types=["password", "authorization_code"])
    world.settings(default_directory="Username-Password-Authentication")
    form = {"grant_type": "password", "username": jane.email, "password": jane.password}
    assert app.token(**form).json["error"] == "invalid_grant"
    assert [entry.description for entry in world.logs("fp")] == ["passwords are switched off"]
    app.begin(browser)
    browser.submit(username=jane.email)
    assert browser.path == CODE_PAGE
    assert "use-password" not in browser.shown.html
    browser.open(browser.shown.url.replace("/u/email-otp-challenge", "/u/login/password"))
    assert browser.path == "/u/login/identifier"
    browser.submit(username="not an address")
    assert browser.status == 400


def test_without_passwords_nobody_is_offered_another_one(world: World, browser: Browser, jane: Person) -> None:
    by_code(world, password=False)
    browser.open("/account")
    browser.submit(username=jane.email)
    browser.submit(code=code_of(world))
    assert browser.path == "/account"
    assert 'name="current_password"' not in browser.shown.html
    other = world.browser()
    world.client().begin(other, screen_hint="reset-password")
    other.submit(username=jane.email)
    world.work()
    assert len(world.mails(jane.email)) == 1, "the code of the sign-in"
    assert [entry.description for entry in world.logs("fcpr")] == ["passwords are switched off"]


def test_without_passwords_an_account_is_made_by_its_code(world: World, browser: Browser) -> None:
    by_code(world, password=False)
    attempt = world.client().begin(browser, screen_hint="signup")
    assert 'name="password"' not in browser.shown.html
    browser.submit(email="new@example.com")
    assert browser.path == "/u/email-identifier-challenge"
    browser.submit(code=code_of(world, "new@example.com"))
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["email_verified"] is True
    assert proven(world, claims["sub"]) == ["otp"]
    api = world.caller()
    made = api.post("/users", {"connection": "Username-Password-Authentication", "email": "api@example.com"})
    assert made.status_code == 201, made.text


@on_both_stores
def test_a_number_is_signed_in_with(world: World, browser: Browser) -> None:
    by_number(world)
    answer = world.caller().post(
        "/users",
        {
            "connection": "Username-Password-Authentication",
            "phone_number": NUMBER,
            "phone_verified": True,
            "password": PASSWORD,
        },
    )
    assert answer.status_code == 201, answer.text
    attempt = world.client().begin(browser)
    browser.submit(username="+1 (202) 555-0123")
    assert browser.path == NUMBER_PAGE
    browser.submit(code=sent_code(world, NUMBER))
    assert attempt.tokens(browser.answer).id_claims["sub"] == answer.json["user_id"]
    assert proven(world, answer.json["user_id"]) == ["sms"]
    stranger = world.browser()
    world.client().begin(stranger)
    stranger.submit(username="+12025550144")
    assert stranger.path == NUMBER_PAGE
    world.work()
    assert world.mails("+12025550144") == []


def test_mail_is_no_second_factor_of_a_mailed_code(world: World, browser: Browser, jane: Person) -> None:
    by_code(world)
    factors.demand(world, "otp", "email")
    seed = factors.enrol(world, jane)
    attempt = world.client().begin(browser)
    browser.submit(username=jane.email)
    browser.submit(code=code_of(world))
    assert browser.path == "/u/mfa-otp/mfa-otp-challenge"
    assert "mfa-login-options" not in browser.shown.html
    browser.submit(code=factors.code_of(seed))
    assert "mfa" in attempt.tokens(browser.answer).id_claims["amr"]


@pytest.mark.parametrize(
    "options",
    [
        {"authentication_methods": {"password": {"enabled": False}, "passkey": {"enabled": False}}},
        {
            "attributes": {"email": {"identifier": {"active": True, "default_method": "email_otp"}}},
            "authentication_methods": {"password": {"enabled": True}},
        },
        {
            "attributes": {"email": {"identifier": {"active": True, "default_method": "phone_otp"}}},
            "authentication_methods": {"phone_otp": {"enabled": True}},
        },
        {
            "authentication_methods": {"password": {"enabled": False}, "email_otp": {"enabled": True}},
            "enabledDatabaseCustomization": True,
        },
        {"authentication_methods": {"password": {"signup_behavior": "block"}}},
        {"authentication_methods": {"email_otp": {"enabled": "yes"}}},
    ],
)
def test_what_leaves_nobody_a_way_in_is_refused(world: World, options: dict[str, Any]) -> None:
    body = {"name": "Another", "strategy": "auth0", "options": options}
    answer = world.caller().post("/connections", body)
    assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_body"), answer.text


@on_both_stores
def test_security_n2_of_two_first_proofs_at_once_one_ends_what_was_before(world: World) -> None:
    """The owner, twice: neither code ends what the other one began."""
    by_code(world)
    squatted = world.user(EMAIL, STRANGERS, verified=False)
    app, ready = world.client(), []
    for _ in range(2):
        browser = world.browser()
        attempt = app.begin(browser)
        browser.submit(username=EMAIL)
        ready.append((browser, attempt, code_of(world)))
    at_once([lambda browser=browser, code=code: browser.submit(code=code) for browser, _, code in ready])
    for browser, attempt, _ in ready:
        assert attempt.tokens(browser.answer).id_claims["sub"] == squatted.user_id
        app.begin(browser)
        assert browser.left_for is not None, "their session is alive"
    assert len(world.logs(UserLog.RECLAIMED.value)) == 1
