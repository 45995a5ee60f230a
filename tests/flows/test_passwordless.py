"""Codes and links that sign people in (spec/login-factors.md, acceptance 9 to 12; security.md I3, M2, M11, M12)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from idp.directory.connections import service as connections
from idp.foundation.ephemeral import codes
from tests.protocol.tokens.test_statements import Sent
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Application, World

JANE = "jane@example.com"
CODE = re.compile(r"^\s*(\d{4,12})\s*$", re.MULTILINE)


def connect(world: World, *client_ids: str, strategy: str = "email", name: str = "", **options: Any) -> str:
    """A passwordless connection for these applications; answers its id."""
    members = {"name": name or strategy, "strategy": strategy, "options": options, "enabled_clients": list(client_ids)}
    with world.writing() as work:
        return str(connections.create(work, members).id)


def alone(world: World, client_id: str) -> None:
    """The application no longer uses the database."""
    with world.writing() as work:
        connections.switch_clients(work, connections.get(work, world.connection_id), [(client_id, False)])


def code_for(world: World, address: str = JANE) -> str:
    """The newest code that was sent there."""
    found = CODE.search(world.mails(address)[0].text)
    assert found, world.mails(address)[0].text
    return found[1]


def link_for(world: World, address: str = JANE) -> str:
    """The newest link."""
    (link,) = world.mails(address)[0].links
    return link


def users(world: World, email: str = JANE) -> list[dict[str, Any]]:
    return list(world.caller().get("/users-by-email", email=email).json or [])


@pytest.fixture
def app(world: World) -> Application:
    """An application whose people sign in with mailed codes alone."""
    made = world.client()
    connect(world, made.client_id)
    alone(world, made.client_id)
    return made


def ask(app: Application, browser: Browser, address: str = JANE, **params: str) -> Any:
    attempt = app.begin(browser, **params)
    browser.submit(username=address)
    return attempt


def ask_for_link(app: Application, browser: Browser, address: str = JANE) -> Any:
    attempt = ask(app, browser, address)
    browser.submit("use-link")
    assert browser.path == "/u/login-passwordless/login-passwordless-email-link"
    return attempt


@on_both_stores
def test_a_mailed_code_signs_in_and_makes_the_account(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, app.client_id)
    alone(world, app.client_id)
    attempt = app.begin(browser)
    assert browser.path == "/u/login/identifier"
    assert "password" not in {name for form in browser.shown.forms for name in form.fields}
    browser.submit(username="Jane@Example.com")
    assert browser.path == "/u/login-passwordless/login-passwordless-email-code"
    browser.submit(code=code_for(world))
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["sub"].startswith("email|")
    assert (claims["email"], claims["email_verified"]) == (JANE, True)
    second = world.browser()
    again = ask(app, second)
    second.submit(code=code_for(world))
    assert again.tokens(second.answer).id_claims["sub"] == claims["sub"]
    (known,) = users(world)
    assert (known["user_id"], known["logins_count"]) == (claims["sub"], 2)
    assert [entry.type for entry in world.logs("cls", "s")] == ["cls", "s", "cls", "s"]


def test_blanks_and_digits_of_other_scripts_are_read(world: World, app: Application, browser: Browser) -> None:
    attempt = ask(app, browser)
    code = code_for(world)
    arabic = "".join(chr(0x0660 + int(digit)) for digit in code)
    browser.submit(code=f" {arabic[:3]} {arabic[3:]} ")
    assert attempt.tokens(browser.answer)


@row("M12")
def test_the_third_wrong_code_is_the_last(world: World, app: Application, browser: Browser) -> None:
    ask(app, browser)
    code = code_for(world)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(3):
        browser.submit(code=wrong)
        assert browser.status == 400
    browser.submit(code=code)
    assert browser.status == 400
    assert users(world) == []


def test_a_code_is_good_for_as_long_as_it_says(world: World, app: Application, browser: Browser, clock: Clock) -> None:
    ask(app, browser)
    code = code_for(world)
    clock.forward(seconds=181)
    browser.submit(code=code)
    assert browser.status == 400


@row("M12")
def test_a_code_of_another_attempt_is_none(world: World, app: Application, browser: Browser) -> None:
    ask(app, browser)
    code = code_for(world)
    other = world.browser()
    ask(app, other)
    other.submit(code=code)
    assert other.status == 400
    browser.submit(code=code)
    assert browser.answer.code


def test_only_the_newest_code_counts_and_not_at_once(
    world: World, app: Application, browser: Browser, clock: Clock
) -> None:
    ask(app, browser)
    first = code_for(world)
    browser.submit("resend-link")
    assert (browser.status, browser.response and browser.response.headers["Retry-After"]) == (429, "30")
    clock.forward(seconds=31)
    browser.submit("resend-link")
    assert "Only the newest code works" in browser.shown.text
    second = code_for(world)
    browser.submit(code=first)
    if first != second:
        assert browser.status == 400
    browser.submit(code=second)
    assert browser.answer.code


def test_length_and_lifetime_are_the_connections(world: World, browser: Browser, clock: Clock) -> None:
    app = world.client()
    connect(world, app.client_id, totp={"length": 8, "time_step": 600})
    alone(world, app.client_id)
    attempt = ask(app, browser)
    assert "8 digits" in browser.shown.text
    assert "10 minutes" in browser.shown.text
    code = code_for(world)
    assert len(code) == 8
    clock.forward(seconds=599)
    browser.submit(code=code)
    assert attempt.tokens(browser.answer)


@row("I3")
@row("I2")
def test_asking_for_a_code_does_the_same_for_everybody(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acceptance 10, its timing: who has an account is looked up by the worker, when the page was answered long ago."""
    app = world.client()
    connect(world, app.client_id, disable_signup=True)
    alone(world, app.client_id)
    caller = world.caller()
    caller.post("/users", {"connection": "email", "email": JANE, "email_verified": True})
    caller.post("/users", {"connection": "email", "email": "blocked@example.com", "blocked": True})
    did = []
    for address in (JANE, "nobody@example.com", "blocked@example.com", "another@example.com"):
        theirs = world.browser()
        app.begin(theirs)
        with monkeypatch.context() as listening:
            sent = Sent(listening)
            theirs.submit(username=address)
            did.append(list(sent.names))
    assert did[1] == did[0] == did[2] == did[3]


def test_nobody_learns_who_has_an_account(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, app.client_id, disable_signup=True)
    alone(world, app.client_id)
    caller = world.caller()
    known = {"connection": "email", "email": JANE, "email_verified": True}
    assert caller.post("/users", known).status_code == 201
    blocked = {"connection": "email", "email": "blocked@example.com", "blocked": True}
    assert caller.post("/users", blocked).status_code == 201
    pages = []
    for address in (JANE, "blocked@example.com", "nobody@example.com"):
        theirs = world.browser()
        ask(app, theirs, address)
        first = theirs.shown.text.replace(address[0] + "•", "X•")
        theirs.submit("resend-link")
        pages.append((first, theirs.status, theirs.shown.text.replace(address[0] + "•", "X•")))
    assert pages[0] == pages[1] == pages[2]
    assert [mail.to for mail in world.mails()] == [JANE]
    assert {entry.data["user_name"] for entry in world.logs("fn")} == {"blocked@example.com", "nobody@example.com"}


def test_what_is_no_address_is_said_so(app: Application, browser: Browser) -> None:
    app.begin(browser)
    for typed in ("jane", "jane@", "@example.com", "a b@example.com"):
        browser.submit(username=typed)
        assert browser.status == 400
        assert "complete email address" in browser.shown.text


def test_wrong_codes_lock_like_wrong_passwords(world: World, app: Application, clock: Clock) -> None:
    world.brute_force(max_attempts=4)
    browser = world.browser()
    for _ in range(2):
        ask(app, browser)
        for _ in range(2):
            browser.submit(code="1")
        clock.forward(seconds=31)
    ask(app, browser)
    browser.submit(code=code_for(world))
    assert browser.status == 429
    elsewhere = world.browser(address="192.0.2.44")
    ask(app, elsewhere)
    elsewhere.submit(code=code_for(world))
    assert elsewhere.answer.code, "the owner signs in from elsewhere"


@row("M11", "R6")
@on_both_stores
def test_one_of_many_who_type_the_same_code_at_once_wins(world: World) -> None:
    key, code = "con_1\0jane@example.com\0attempt", "482913"
    with world.context() as work:
        assert codes.put(work, key, code, ttl_ms=60_000) is None

    def guess(_: int) -> bool:
        with world.context() as work:
            return codes.guess(work, key, code)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(guess, range(8))) == [False] * 7 + [True]
    with world.context() as work:
        assert not codes.guess(work, key, code), "used"


@row("M12", "R6")
@on_both_stores
def test_guesses_at_once_have_no_more_tries(world: World) -> None:
    key = "con_1\0jane@example.com\0attempt"
    with world.context() as work:
        codes.put(work, key, "482913", ttl_ms=60_000)

    def guess(number: int) -> bool:
        with world.context() as work:
            return codes.guess(work, key, f"{number:06d}")

    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(guess, range(20)))
    with world.context() as work:
        assert not codes.guess(work, key, "482913"), "three were too many"


# ---- links
@row("M2")
def test_looking_at_a_link_spends_nothing(world: World, app: Application, browser: Browser) -> None:
    attempt = ask_for_link(app, browser)
    link = link_for(world)
    scanner = world.browser()
    assert scanner.request("HEAD", link).status_code == 200
    for _ in range(3):
        scanner.open(link)
        assert scanner.status == 200
    browser.open(link)
    assert "another device" not in browser.shown.text
    browser.submit("login-submit")
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["email"] == JANE
    browser.open(link)
    assert browser.status == 400
    assert "no longer good" in browser.shown.text


def test_a_link_is_good_once(world: World, app: Application, browser: Browser) -> None:
    ask_for_link(app, browser)
    browser.open(link_for(world))
    form = browser.shown.form_with_button("login-submit")
    browser.send_form(form, "login-submit")
    assert browser.answer.code
    browser.send_form(form, "login-submit")
    assert browser.status == 400


def test_a_link_opened_elsewhere_needs_the_number_and_only_the_first_browser_goes_on(
    world: World, app: Application, browser: Browser
) -> None:
    attempt = ask_for_link(app, browser)
    number = re.search(r"enter this number there: (\d\d)", browser.shown.text)
    assert number
    waiting = browser.shown
    browser.submit("login-submit")
    assert "hasn’t been opened yet" in browser.shown.text
    state = waiting.form_with_button("login-submit").fields["state"]
    opened = f"{world.issuer}u/login-passwordless/opened?state={state}"
    assert browser.request("GET", opened).get_json() == {"opened": False}
    phone = world.browser(address="192.0.2.1")
    phone.open(link_for(world))
    assert "another device" in phone.shown.text
    phone.submit(number=f"{(int(number[1]) + 1) % 100:02d}")
    assert phone.status == 400
    phone.submit(number=number[1])
    assert "signed in there" in phone.shown.text
    assert not any("auth0" in name for name in str(phone.jar.kept).split()), "no session here"
    assert browser.request("GET", opened).get_json() == {"opened": True}
    browser.send_form(waiting.form_with_button("login-submit"), "login-submit")
    assert attempt.tokens(browser.answer).id_claims["email"] == JANE


def test_three_wrong_numbers_end_a_link(world: World, app: Application, browser: Browser) -> None:
    ask_for_link(app, browser)
    number = re.search(r"enter this number there: (\d\d)", browser.shown.text)
    assert number
    phone = world.browser()
    phone.open(link_for(world))
    for _ in range(3):
        phone.submit(number=f"{(int(number[1]) + 1) % 100:02d}")
    phone.submit(number=number[1])
    assert phone.status == 400
    browser.submit("login-submit")
    assert "hasn’t been opened yet" in browser.shown.text


def test_an_approved_link_signs_in_its_own_address_and_no_other(
    world: World, app: Application, browser: Browser, clock: Clock
) -> None:
    attempt = ask_for_link(app, browser, "attacker@example.com")
    number = re.search(r"enter this number there: (\d\d)", browser.shown.text)
    assert number
    waiting = browser.shown.form_with_button("login-submit")
    phone = world.browser()
    phone.open(link_for(world, "attacker@example.com"))
    phone.submit(number=number[1])
    browser.follow("edit-identifier-link")
    browser.submit(username="victim@example.com")
    browser.send_form(waiting, "login-submit")
    assert attempt.tokens(browser.answer).id_claims["email"] == "attacker@example.com"


def test_a_newer_link_takes_the_place_of_the_one_before(
    world: World, app: Application, browser: Browser, clock: Clock
) -> None:
    ask_for_link(app, browser)
    first = link_for(world)
    clock.forward(seconds=31)
    browser.submit("resend-link")
    assert "Only the newest link works" in browser.shown.text
    second = link_for(world)
    assert first != second
    browser.open(first)
    assert browser.status == 400
    browser.open(second)
    browser.submit("login-submit")
    assert browser.answer.code


def test_asking_for_the_connection_asks_whoever_is_signed_in(world: World, app: Application, browser: Browser) -> None:
    ask(app, browser)
    browser.submit(code=code_for(world))
    silent = app.begin(browser, prompt="none", connection="email")
    assert silent.tokens(browser.answer)
    app.begin(browser, connection="email")
    assert browser.path == "/u/login/identifier"
