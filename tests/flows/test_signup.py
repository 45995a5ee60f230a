"""Sign-up: the form, its errors, the verification mail, and what it never takes from a form (contract section 5)."""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.world import PASSWORD, Person, World

EMAIL = "new@example.com"


def test_a_new_person_signs_up_and_is_signed_in(world: World, browser: Browser) -> None:
    attempt = world.client().begin(browser)
    browser.follow("signup-link")
    assert browser.path == "/u/signup"
    form = browser.shown.form("email", "password")
    assert (form.ids["email"], form.ids["password"]) == ("email", "password")
    browser.submit(email=EMAIL, password=PASSWORD)
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["email"] == EMAIL
    assert claims["email_verified"] is False
    assert claims["name"] == EMAIL
    assert [entry.type for entry in world.logs("ss", "s", "svr")] == ["ss", "svr", "s"]


def test_the_mail_proves_the_address(world: World, browser: Browser) -> None:
    app = world.client()
    attempt = app.begin(browser, screen_hint="signup")
    browser.submit(email=EMAIL, password=PASSWORD)
    tokens = attempt.tokens(browser.answer)
    (mail,) = world.mails(EMAIL)
    (link,) = [link for link in mail.links if "/u/email-verification" in link]
    reader = world.browser()
    reader.open(link)
    assert EMAIL in reader.shown.text
    assert tokens.userinfo().get_json()["email_verified"] is False, "opening the link proves nothing"
    reader.submit()
    assert reader.status == 200
    assert tokens.userinfo().get_json()["email_verified"] is True
    reader.open(link)
    assert reader.status == 400
    assert reader.shown.links["continue-link"]
    assert [entry.type for entry in world.logs("ss", "sv", "fv")] == ["ss", "sv"]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", PASSWORD),
        (EMAIL, ""),
        ("no-at-sign", PASSWORD),
        ("a@b", PASSWORD),
        ("two@at@example.com", PASSWORD),
        ("space in@example.com", PASSWORD),
        ("nl\n@example.com", PASSWORD),
        (f"{'x' * 250}@example.com", PASSWORD),
        ('"quoted"@example.com', PASSWORD),
        ("<script>@example.com", PASSWORD),
        (EMAIL, "short"),
        (EMAIL, "alllowercase"),
        (EMAIL, "Password1"),
        (EMAIL, "x" * 2000 + "A1"),
    ],
)
def test_what_is_wrong_is_said_on_the_form(world: World, browser: Browser, email: str, password: str) -> None:
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email=email, password=password)
    assert (browser.status, browser.path) == (400, "/u/signup")
    assert "email-error" in browser.shown.texts or "password-error" in browser.shown.texts
    assert password not in browser.shown.html or not password
    assert world.logs("ss") == []


@pytest.mark.parametrize("again", ["jane@example.com", "JANE@EXAMPLE.COM", " jane@example.com ", "Jane@Example.Com"])
def test_a_taken_address_is_refused_in_any_spelling(world: World, browser: Browser, jane: Person, again: str) -> None:
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email=again, password=PASSWORD)
    assert browser.status == 400
    assert world.logs("fs")


def test_nothing_else_is_taken_from_the_form(world: World, browser: Browser) -> None:
    attempt = world.client().begin(browser, screen_hint="signup")
    form = browser.shown.form("email")
    browser.send_form(
        form,
        None,
        email=EMAIL,
        password=PASSWORD,
        email_verified="true",
        user_id="auth0|admin",
        app_metadata='{"admin":true}',
        blocked="false",
        username="boss",
        connection="Other",
        name="Mallory",
        **{"user_metadata[role]": "admin"},
    )
    claims = attempt.tokens(browser.answer).id_claims
    user = world.management().get(f"/users/{claims['sub']}")
    assert user["email_verified"] is False
    assert user["user_id"] == claims["sub"] != "auth0|admin"
    assert user["name"] == EMAIL
    assert not user.get("app_metadata")
    assert not user.get("user_metadata")
    assert "username" not in user


def test_it_can_be_switched_off(world: World, browser: Browser) -> None:
    app = world.client()
    app.begin(browser)
    state = browser.shown.form("username").fields["state"]
    form_page = world.browser()
    form_page.jar = browser.jar
    form_page.open(f"/u/signup?state={state}")
    world.connection_options(disable_signup=True)
    browser.open(browser.shown.url)
    assert "signup-link" not in browser.shown.links
    form_page.submit(email=EMAIL, password=PASSWORD)
    assert form_page.status == 403
    browser.open(f"/u/signup?state={state}")
    assert browser.status == 403
    app.begin(browser, screen_hint="signup")
    assert browser.path in {"/u/signup", "/u/login"}
    assert world.logs("ss") == []


def test_usernames_where_the_connection_has_them(world: World, browser: Browser) -> None:
    world.connection_options(requires_username=True)
    attempt = world.client().begin(browser, screen_hint="signup")
    browser.submit(email=EMAIL, username="", password=PASSWORD)
    assert browser.status == 400
    browser.submit(email=EMAIL, username="New.User", password=PASSWORD)
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["preferred_username"] == "new.user"
    fresh = world.browser()
    attempt = world.client().begin(fresh)
    fresh.submit(username="NEW.user", password=PASSWORD)
    assert attempt.tokens(fresh.answer).id_claims["sub"] == claims["sub"]


@pytest.mark.parametrize(
    ("options", "password", "fine"),
    [
        ({"passwordPolicy": "none", "password_complexity_options": {}}, "x", True),
        ({"passwordPolicy": "low", "password_complexity_options": {}}, "fiveX", False),
        ({"passwordPolicy": "low", "password_complexity_options": {}}, "qzwxvk", True),
        ({"passwordPolicy": "fair", "password_complexity_options": {}}, "qzwxvkAB", False),
        ({"passwordPolicy": "fair", "password_complexity_options": {}}, "qzwxvkA1", True),
        ({"passwordPolicy": "good", "password_complexity_options": {}}, "qzwxvkA!", True),
        ({"passwordPolicy": "excellent", "password_complexity_options": {}}, "qzwxvkA1!", False),
        ({"passwordPolicy": "excellent", "password_complexity_options": {}}, "qzwxvkkkA1!", False),
        ({"passwordPolicy": "excellent", "password_complexity_options": {}}, "qzwxvkkA1!", True),
        ({"passwordPolicy": "good", "password_complexity_options": {"min_length": 12}}, "qzwxvkA1!", False),
        ({"password_no_personal_info": {"enable": True}}, "new-Person1x", True),
        ({"password_no_personal_info": {"enable": True}}, "xxNEW@example.com1", False),
        ({"password_dictionary": {"enable": True, "dictionary": ["Hunter2Hunter2"]}}, "hunter2hunter2", False),
        ({"passwordPolicy": "low"}, "Пароль-достаточно", True),
    ],
)
def test_the_connections_policy_decides(
    world: World, browser: Browser, options: dict[str, object], password: str, fine: bool
) -> None:
    world.connection_options(**options)
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email="new@example.com" if "NEW" in password else "other@example.com", password=password)
    assert (browser.left_for is not None) is fine, browser.page.text if browser.page else ""


def test_too_many_sign_ups_from_one_address_wait(world: World, browser: Browser) -> None:
    world.client().begin(browser, screen_hint="signup")
    for _ in range(51):
        browser.submit(email="nonsense", password="x")
    assert browser.status == 429


def test_a_cancelled_sign_up_returns(world: World, browser: Browser) -> None:
    world.client().begin(browser, screen_hint="signup")
    browser.submit("login-cancel")
    assert browser.answer.error == "access_denied"


def test_signing_up_while_somebody_else_is_signed_in_changes_the_person(
    world: World, browser: Browser, jane: Person
) -> None:
    app = world.client()
    before = app.sign_in(browser, jane).id_claims
    attempt = app.begin(browser, prompt="create")
    browser.submit(email=EMAIL, password=PASSWORD)
    after = attempt.tokens(browser.answer).id_claims
    assert after["email"] == EMAIL
    assert after["sid"] != before["sid"]
