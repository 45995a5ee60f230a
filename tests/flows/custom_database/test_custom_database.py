"""A tenant's own database behind a connection: spec/custom-database.md, "Flows" and "Errors", with its scripts run for
real against a web service on loopback.
"""

from __future__ import annotations

import re

import pytest

from tests.flows.custom_database.people import PASSWORD, sign_in
from tests.world.browser import Browser
from tests.world.directory import ForeignDirectory, customized
from tests.world.fixtures import on_both_stores
from tests.world.sources import logged
from tests.world.world import World


@on_both_stores
def test_people_sign_in_with_the_accounts_of_the_database(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory)
    claims = sign_in(world, browser, "ada@source.example", PASSWORD)
    assert (claims["sub"], claims["name"], claims["email_verified"]) == ("auth0|src-1", "Ada L.", True)
    directory.people["ada@source.example"]["name"] = "Ada Lovelace"
    claims = sign_in(world, browser, "ada@source.example", PASSWORD)
    assert (claims["sub"], claims["name"]) == ("auth0|src-1", "Ada Lovelace"), "the cache follows each login"
    assert directory.calls["login"] == 2


@on_both_stores
def test_acceptance_2_the_first_login_migrates_and_the_script_is_never_called_again(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory, import_mode=True)
    for _ in range(3):
        assert sign_in(world, browser, "ada@source.example", PASSWORD)["sub"] == "auth0|src-1"
    assert directory.calls == {"login": 1}
    browser.jar.kept.clear()
    world.client().begin(browser)
    browser.submit(username="ada@source.example", password="another one")
    assert (browser.status, directory.calls["login"]) == (400, 1)


def test_an_address_that_was_not_verified_is_asked_to_be(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    directory.people["ada@source.example"]["email_verified"] = "true"
    customized(world, directory, import_mode=True)
    assert sign_in(world, browser, "ada@source.example", PASSWORD)["email_verified"] is False
    assert [mail.to for mail in world.mails()] == ["ada@source.example"]


LOGIN_ROWS = {
    "cb(null)": ("callback(null)", 400, "fu", None, "Wrong email or password."),
    "wrong, known": (
        "callback(new WrongUsernameOrPasswordError('u-7', 'three tries left'))",
        400,
        "fp",
        "auth0|u-7",
        "three tries left",
    ),
    "wrong, unknown": ("callback(new WrongUsernameOrPasswordError('', 'who?'))", 400, "fu", None, "who?"),
    "unauthorized": ("callback(new UnauthorizedError('Closed on Sundays.'))", 403, "f", None, "Closed on Sundays."),
    "error": ("callback(new Error('connect ECONNREFUSED 10.0.0.7'))", 503, "f", None, "does not work at the moment"),
    "thrown": ("throw new TypeError('x of undefined')", 503, "f", None, "does not work at the moment"),
    "never called": ("", 503, "f", None, "does not work at the moment"),
    "no profile": ("callback(null, 'ada')", 503, "f", None, "does not work at the moment"),
    "no id": ("callback(null, {email: identifier})", 503, "f", None, "does not work at the moment"),
}


@pytest.mark.parametrize("row", LOGIN_ROWS)
def test_acceptance_1_rows_of_login(world: World, browser: Browser, row: str) -> None:
    body, status, kind, user_id, words = LOGIN_ROWS[row]
    customized(world, scripts={"login": f"function (identifier, password, callback) {{ {body} }}"})
    world.client().begin(browser)
    browser.submit(username="ada@source.example", password=PASSWORD)
    assert browser.status == status
    assert "ECONNREFUSED" not in browser.shown.text
    assert ("Closed on Sundays." in browser.shown.text) is (row == "unauthorized")
    (entry,) = logged(world, kind)
    assert (world.logs(kind)[0].user_id or None, words in entry["description"]) == (user_id, True)
    if row == "error":
        assert "ECONNREFUSED" in entry["details"]["detail"]


def test_a_source_that_does_not_work_is_no_guess(world: World, browser: Browser) -> None:
    customized(world, scripts={"login": "function (a, b, callback) { callback(new Error('down')); }"})
    world.client().begin(browser)
    for _ in range(12):
        browser.submit(username="ada@source.example", password=PASSWORD)
        assert browser.status == 503


def sign_up(world: World, browser: Browser, email: str, password: str = PASSWORD) -> None:
    world.client().begin(browser, screen_hint="signup", prompt="login")
    browser.submit(email=email, password=password)


@on_both_stores
def test_acceptance_1_sign_up_asks_makes_and_signs_in(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory)
    sign_up(world, browser, "new@source.example")
    assert browser.left_for is not None
    assert directory.calls == {"users": 1, "create": 1, "login": 1}
    said = directory.said["create"]
    assert (said["email"], said["password"], said["tenant"]) == ("new@source.example", PASSWORD, world.tenant)
    assert (said["connection"], said["user_metadata"]) == ("Username-Password-Authentication", {})
    assert [entry.user_id for entry in world.logs("ss")] == ["auth0|src-2"]
    assert [mail.to for mail in world.mails()] == ["new@source.example"]


def test_acceptance_1_rows_of_sign_up(world: World, browser: Browser, directory: ForeignDirectory) -> None:
    customized(world, directory)
    sign_up(world, browser, "ada@source.example")
    assert (browser.status, directory.calls["create"]) == (400, 0)
    assert logged(world, "fs")[-1]["description"] == "user already exists"
    directory.refuse.add("create")
    sign_up(world, browser, "other@source.example")
    assert browser.status == 400
    assert "We take no such name." in browser.shown.text
    assert logged(world, "fs")[-1]["details"] == {"code": "bad_name"}


def test_what_sign_up_asks_for_goes_to_the_database(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory, attributes={"phone_number": {"signup": {"status": "required"}}})
    piece = '<input name="ulp-company"> <input type="checkbox" name="ulp-terms" required> I agree'
    assert world.caller().put("/prompts/signup/partials", {"signup": {"form-content-end": piece}}).status_code == 200
    world.client().begin(browser, screen_hint="signup", prompt="login")
    own = {"ulp-company": "Acme", "ulp-terms": "on"}
    browser.submit(email="new@source.example", password=PASSWORD, phone_number="+44 20 7946 0018", **own)
    assert browser.left_for is not None
    said = directory.said["create"]
    assert (said["phone_number"], said["user_metadata"]["company"]) == ("+442079460018", "Acme")
    assert said["user_metadata"]["consent"]["given"] is True


def by_code(world: World, directory: ForeignDirectory) -> None:
    email = {"identifier": {"active": True}, "signup": {"status": "required"}, "verification_method": "otp"}
    customized(world, directory, attributes={"email": email})


def typed(world: World, browser: Browser) -> None:
    (mail,) = world.mails("new@source.example")
    assert mail.links == [], "a code proves the address, and no link besides"
    found = re.search(r"\b\d{6}\b", mail.text)
    assert found is not None
    browser.submit(code=found[0])


def test_the_database_is_told_that_a_code_proved_the_address(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    by_code(world, directory)
    sign_up(world, browser, "new@source.example")
    assert browser.path == "/u/email-identifier-challenge"
    typed(world, browser)
    assert browser.left_for is not None
    assert directory.calls["verify"] == 1
    browser.jar.kept.clear()
    assert sign_in(world, browser, "new@source.example", PASSWORD)["email_verified"] is True, "nobody is asked again"


def test_a_database_that_does_not_take_it_down_keeps_the_person_out(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    by_code(world, directory)
    sign_up(world, browser, "new@source.example")
    directory.refuse.add("verify")
    typed(world, browser)
    assert (browser.status, browser.path) == (503, "/u/email-identifier-challenge")
    (entry,) = logged(world, "fv")
    assert entry["description"]


def test_import_mode_makes_accounts_here_unless_the_database_has_one(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory, import_mode=True)
    sign_up(world, browser, "ada@source.example")
    assert (browser.status, directory.calls) == (400, {"users": 1})
    sign_up(world, browser, "new@example.com")
    assert browser.left_for is not None
    assert directory.calls == {"users": 2}
    answer = world.caller().post(
        "/users",
        json={"connection": "Username-Password-Authentication", "email": "ada@source.example", "password": PASSWORD},
    )
    assert answer.status_code == 409


def reset(world: World, browser: Browser, email: str, password: str) -> None:
    world.client().begin(browser, prompt="login")
    browser.follow("forgot-password-link")
    browser.submit(username=email)
    browser.open(world.mails()[-1].links[0])
    browser.submit(password=password)


@on_both_stores
@pytest.mark.parametrize("import_mode", [False, True])
def test_acceptance_1_a_forgotten_password(
    world: World, browser: Browser, directory: ForeignDirectory, import_mode: bool
) -> None:
    customized(world, directory, import_mode=import_mode)
    reset(world, browser, "ada@source.example", "Another Horse 9")
    assert browser.status == 200
    assert directory.calls == ({"users": 1} if import_mode else {"users": 1, "change_password": 1})
    assert [entry.user_id for entry in world.logs("scp")] == ["auth0|src-1"]
    assert sign_in(world, browser, "ada@source.example", "Another Horse 9")["sub"] == "auth0|src-1"
    assert directory.calls["login"] == (0 if import_mode else 1)


def test_a_password_that_the_database_does_not_take_is_not_changed(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory)
    directory.refuse.add("change_password")
    reset(world, browser, "ada@source.example", "Another Horse 9")
    assert browser.status == 503
    assert logged(world, "fcp")
    assert not logged(world, "scp")


def test_a_half_migrated_person_still_signs_in_with_the_old_password(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    """Somebody asked for a reset and never followed the link: the account is here, and has no password yet."""
    customized(world, directory, import_mode=True)
    world.client().begin(browser)
    browser.follow("forgot-password-link")
    browser.submit(username="ada@source.example")
    world.mails()
    for _ in range(2):
        assert sign_in(world, browser, "ada@source.example", PASSWORD)["sub"] == "auth0|src-1"
    assert directory.calls["login"] == 1


def test_acceptance_1_verify_tells_the_database_and_passes_its_words_on(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    directory.people["ada@source.example"]["email_verified"] = False
    customized(world, directory)
    claims = sign_in(world, browser, "ada@source.example", PASSWORD)
    ticket = {"user_id": claims["sub"], "result_url": "https://app.example.test/done"}
    directory.refuse.add("verify")
    url = (world.caller().post("/tickets/email-verification", json=ticket).json or {})["ticket"]
    browser.open(url)
    browser.submit()
    assert "success=false" in str(browser.left_for)
    assert "not+in+our+books" in str(browser.left_for).replace("%20", "+")
    assert logged(world, "fv")
    directory.refuse.clear()
    browser.open(url)
    browser.submit()
    assert "success=true" in str(browser.left_for)
    assert sign_in(world, browser, "ada@source.example", PASSWORD)["email_verified"] is True
