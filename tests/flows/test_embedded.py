"""Forms that applications show themselves: sign-up, reset, and sign-in across origins."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Application, Person, World

DATABASE = "Username-Password-Authentication"
ORIGIN = "https://app.example.test"
REALM = "http://auth0.com/oauth/grant-type/password-realm"


def post(world: World, path: str, **body: Any) -> Any:
    return world.send("POST", path, json=body)


def sign_up(world: World, app: Application, **more: Any) -> Any:
    body = {"client_id": app.client_id, "connection": DATABASE, "email": "new@example.com", "password": "Str0ng enough"}
    return post(world, "/dbconnections/signup", **{**body, **more})


def test_an_account_is_made_and_its_address_is_to_be_proven(world: World, browser: Browser) -> None:
    app = world.client()
    metadata = {"plan": "free"}
    answer = sign_up(world, app, given_name="New", family_name="Comer", user_metadata=metadata)
    assert answer.status_code == 200, answer.text
    assert answer.json["email"] == "new@example.com"
    assert answer.json["email_verified"] is False
    assert (answer.json["given_name"], answer.json["user_metadata"]) == ("New", metadata)
    assert [mail.to for mail in world.mails()] == ["new@example.com"]
    (user,) = world.caller().get("/users-by-email", email="new@example.com").json or []
    assert (user["user_id"], user["family_name"]) == (f"auth0|{answer.json['_id']}", "Comer")
    attempt = app.begin(browser)
    browser.submit(username="new@example.com", password="Str0ng enough")
    assert attempt.tokens(browser.answer)
    assert [entry.type for entry in world.logs("ss")] == ["ss"]


def test_whether_somebody_has_an_account_is_not_told_unless_the_tenant_wants_it(world: World, jane: Person) -> None:
    app = world.client()
    answer = sign_up(world, app, email=jane.email)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_signup")
    world.settings(flags={"enable_public_signup_user_exists_error": True})
    answer = sign_up(world, app, email=jane.email)
    assert (answer.json["code"], answer.json["name"]) == ("user_exists", "BadRequestError")


def test_weak_passwords_get_the_rules(world: World) -> None:
    app = world.client()
    answer = sign_up(world, app, password="short")
    assert (answer.status_code, answer.json["name"], answer.json["code"]) == (
        400,
        "PasswordStrengthError",
        "invalid_password",
    )
    (length, types) = answer.json["description"]["rules"]
    assert (length["message"], length["format"], length["verified"]) == (
        "At least %d characters in length",
        [8],
        False,
    )
    assert types["format"] == [3, 4]
    assert answer.json["policy"].startswith("* At least 8 characters in length")
    assert sign_up(world, app, password="Password1").json["name"] == "PasswordDictionaryError"


def test_what_may_not_be_sent_is_refused(world: World) -> None:
    app = world.client()
    for more in (
        {"email": "nothing"},
        {"email": None},
        {"user_metadata": {str(number): "x" for number in range(11)}},
        {"user_metadata": {"a": {"nested": "x"}}},
        {"user_metadata": {"a": "x" * 501}},
        {"picture": "javascript:alert(1)"},
        {"connection": "unknown"},
    ):
        assert sign_up(world, app, **more).status_code == 400
    quiet = sign_up(world, app, app_metadata={"admin": True}, email_verified=True, blocked=True, user_id="mine")
    (user,) = world.caller().get("/users-by-email", email="new@example.com").json or []
    assert quiet.status_code == 200
    assert (user.get("app_metadata"), user["email_verified"]) == (None, False)
    world.connection_options(disable_signup=True)
    answer = sign_up(world, app, email="other@example.com")
    assert answer.json["description"] == "public signup is disabled"


@row("I3")
def test_a_forgotten_password_is_answered_alike(world: World, jane: Person) -> None:
    app = world.client()
    answers = {
        (said.status_code, said.content_type, said.text)
        for email in (jane.email, "nobody@example.com")
        for said in [
            post(
                world,
                "/dbconnections/change_password",
                client_id=app.client_id,
                connection=DATABASE,
                email=email,
            )
        ]
    }
    assert answers == {
        (200, "text/html; charset=utf-8", "We've just sent you an email to reset your password."),
    }
    assert [mail.to for mail in world.mails()] == [jane.email]


# ---- across origins
@pytest.fixture
def app(world: World) -> Application:
    return world.client("web", cross_origin_authentication=True, allowed_origins=[ORIGIN])


def authenticate(browser: Browser, app: Application, origin: str = ORIGIN, **more: Any) -> Any:
    body = {"client_id": app.client_id, "credential_type": REALM, "realm": DATABASE, **more}
    import msgspec

    headers = {"Origin": origin, "Content-Type": "application/json"}
    url = f"{app.world.issuer}co/authenticate"
    return browser.request("POST", url, headers=headers, site="cross-site", body=msgspec.json.encode(body))


def go_on(browser: Browser, app: Application, ticket: str) -> Any:
    attempt = app.attempt(login_ticket=ticket, realm=DATABASE)
    browser.open(attempt.url, site="cross-site")
    return attempt


def test_a_ticket_signs_in_once(world: World, browser: Browser, app: Application, jane: Person) -> None:
    said = authenticate(browser, app, username=jane.email, password=jane.password)
    assert said.status_code == 200, said.text
    assert set(said.json) == {"login_ticket", "co_verifier", "co_id"}
    assert said.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert said.headers["Access-Control-Allow-Credentials"] == "true"
    attempt = go_on(browser, app, said.json["login_ticket"])
    assert attempt.tokens(browser.answer).id_claims["sub"] == jane.user_id
    browser.jar.kept.pop("auth0", None)
    assert app.begin(browser, prompt="none").tokens(browser.answer), "a session of this browser"
    again = world.browser()
    go_on(again, app, said.json["login_ticket"])
    assert again.path == "/u/login"
    assert [entry.type for entry in world.logs("scoa", "s")] == ["scoa", "s"]


def test_a_ticket_is_no_way_around_the_code_that_proves_an_address(
    world: World, browser: Browser, app: Application
) -> None:
    email = {"identifier": {"active": True}, "signup": {"status": "required"}, "verification_method": "otp"}
    world.connection_options(attributes={"email": email})
    person = world.user("new@example.com", verified=False)
    said = authenticate(browser, app, username=person.email, password=person.password)
    attempt = go_on(browser, app, said.json["login_ticket"])
    assert browser.path == "/u/login-email-verification"
    browser.submit(code=re.findall(r"\b\d{6}\b", world.mails(person.email)[0].text)[0])
    assert attempt.tokens(browser.answer).id_claims["sub"] == person.user_id


@row("H5")
def test_a_ticket_is_of_its_browser_and_its_application(
    world: World, browser: Browser, app: Application, jane: Person, clock: Clock
) -> None:
    said = authenticate(browser, app, username=jane.email, password=jane.password)
    victim = world.browser()
    go_on(victim, app, said.json["login_ticket"])
    assert victim.path == "/u/login", "nobody is signed in as somebody else"
    authenticate(victim, app, username="nobody@example.com", password="x")
    go_on(victim, app, said.json["login_ticket"])
    assert victim.path == "/u/login"
    other = world.client("web", cross_origin_authentication=True, allowed_origins=[ORIGIN])
    go_on(browser, other, said.json["login_ticket"])
    assert browser.path == "/u/login"
    clock.forward(seconds=121)
    go_on(browser, app, said.json["login_ticket"])
    assert browser.path == "/u/login"


def test_only_where_it_is_switched_on_and_from_known_origins(
    world: World, browser: Browser, app: Application, jane: Person
) -> None:
    right = {"username": jane.email, "password": jane.password}
    evil = authenticate(browser, app, origin="https://evil.example", **right)
    assert evil.status_code == 403
    assert "Access-Control-Allow-Origin" not in evil.headers
    off = world.client("web", allowed_origins=[ORIGIN])
    assert authenticate(browser, off, **right).status_code == 403
    wrong = authenticate(browser, app, username=jane.email, password="wrong")
    assert (wrong.status_code, wrong.json["error"]) == (403, "access_denied")
    world.change_user(jane.user_id, blocked=True)
    blocked = authenticate(browser, app, **right)
    assert (blocked.status_code, blocked.json["error"]) == (403, "blocked_user")
    world.brute_force(max_attempts=1)
    authenticate(browser, app, username="x@example.com", password="wrong")
    assert authenticate(browser, app, username="x@example.com", password="wrong").status_code == 429
