"""Suspicious-IP throttling: one network and many accounts (spec: Attack protection, "Suspicious IP")."""

from __future__ import annotations

from typing import Any

import pytest

from idp.foundation.settings import Settings
from idp.signin.attack_protection import throttling
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import PASSWORD, Person, World

PART = "suspicious-ip-throttling"
DATABASE = "Username-Password-Authentication"


def few(world: World, *, logins: int = 5, sign_ups: int = 3, **more: Any) -> None:
    """A network may do little."""
    stages = {
        "pre-login": {"max_attempts": logins, "rate": 864_000},
        "pre-user-registration": {"max_attempts": sign_ups, "rate": 1_728_000},
    }
    world.protection(PART, stage=stages, **more)


def fail(browser: Browser, times: int, *, since: int = 0) -> None:
    for number in range(times):
        browser.submit(username=f"nobody{since + number}@example.com", password="wrong")
        assert browser.status == 400, number


@row("I4")
@on_both_stores
def test_the_hundred_and_first_account_of_one_network_is_refused(world: World, browser: Browser, jane: Person) -> None:
    """Acceptance 4: 101st failing username from one IP is refused, other addresses are fine; GET, DELETE, GET."""
    app = world.client()
    app.begin(browser)
    fail(browser, 100)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.status == 429
    assert browser.response is not None
    assert 0 < int(browser.response.headers["Retry-After"]) <= 864
    assert "from your network" in browser.shown.text
    assert app.sign_in(world.browser(address="203.0.113.77"), jane)
    api = world.caller()
    assert api.get(f"/anomaly/blocks/ips/{browser.address}").status_code == 200
    assert api.get("/anomaly/blocks/ips/203.0.113.77").status_code == 404
    assert api.delete(f"/anomaly/blocks/ips/{browser.address}").status_code == 204
    assert api.get(f"/anomaly/blocks/ips/{browser.address}").status_code == 404
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None


def test_tries_come_back_one_by_one(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    """Acceptance 4: refill, by a clock that is moved."""
    few(world)
    world.client().begin(browser)
    fail(browser, 5)
    browser.submit(username=jane.email, password="wrong")
    assert browser.status == 429
    clock.forward(seconds=865)
    fail(browser, 1, since=50)
    browser.submit(username="other@example.com", password="wrong")
    assert browser.status == 429
    clock.forward(seconds=5 * 865)
    world.client().begin(browser)
    fail(browser, 5, since=100)
    browser.submit(username="other@example.com", password="wrong")
    assert browser.status == 429


def test_right_passwords_cost_nothing(world: World, browser: Browser, jane: Person) -> None:
    few(world, logins=2)
    app = world.client()
    for _ in range(4):
        assert app.sign_in(world.browser(), jane)
    app.begin(browser)
    fail(browser, 1)
    assert app.sign_in(world.browser(), jane)


@pytest.mark.parametrize("how", ["allowlist", "no shield", "off"])
def test_who_is_left_alone(world: World, browser: Browser, jane: Person, how: str) -> None:
    """Acceptance 5, of this shield: without it the log alone is told."""
    more = {"allowlist": {"allowlist": ["198.51.100.0/24"]}, "no shield": {"shields": []}, "off": {"enabled": False}}
    few(world, **more[how])
    world.client().begin(browser)
    fail(browser, 8)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None
    assert bool(world.logs("limit_mu")) is (how == "no shield")
    assert world.caller().get(f"/anomaly/blocks/ips/{browser.address}").status_code == 404


@row("I4")
def test_a_network_is_one_caller_whatever_addresses_it_writes_from(world: World, browser: Browser) -> None:
    few(world)
    world.client().begin(browser)
    for number in range(5):
        browser.address = f"2001:db8:1:2:{number:x}::1"
        fail(browser, 1, since=number)
    browser.address = "2001:db8:1:2:ffff::1"
    browser.submit(username="x@example.com", password="wrong")
    assert browser.status == 429
    assert world.caller().get("/anomaly/blocks/ips/2001:db8:1:2::77").status_code == 200
    browser.address = "2001:db8:1:3::1"
    fail(browser, 1)


@row("Q1")
def test_an_address_that_a_stranger_writes_into_a_header_is_none(world: World, browser: Browser) -> None:
    """Who is no trusted proxy is told apart by the address that packets come from."""
    few(world)
    app = world.client()
    app.begin(browser)
    form = browser.shown.form("username", "password").fields
    for number in range(6):
        fields = {**form, "username": f"nobody{number}@example.com", "password": "wrong", "action": "default"}
        headers = {"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"}
        browser.request("POST", browser.shown.url, form=fields, headers=headers, site="same-origin")
    assert browser.status == 429
    assert world.caller().get(f"/anomaly/blocks/ips/{browser.address}").status_code == 200


@row("I4")
def test_the_limit_holds_at_every_door(world: World, browser: Browser, jane: Person) -> None:
    few(world)
    origin = "https://app.example.test"
    app = world.client(grant_types=["password", "authorization_code"])
    spa = world.client("spa", cross_origin_authentication=True, allowed_origins=[origin])
    app.begin(browser)
    fail(browser, 5)
    refused = app.token(grant_type="password", username=jane.email, password=jane.password)
    assert (refused.status_code, (refused.json or {})["error"]) == (429, "too_many_attempts")
    body = {"client_id": spa.client_id, "credential_type": "password", "username": jane.email, "password": PASSWORD}
    answer = world.send("POST", "/co/authenticate", json=body, headers={"Origin": origin})
    assert (answer.status_code, (answer.json or {})["error"]) == (429, "too_many_attempts"), answer.text


@on_both_stores
def test_sign_ups_are_counted_whatever_comes_of_them(world: World, browser: Browser, jane: Person) -> None:
    few(world)
    app = world.client()
    app.begin(browser, screen_hint="signup")
    browser.submit(email=jane.email, password=PASSWORD)
    assert browser.status == 400, "taken"
    browser.submit(email="", password=PASSWORD)
    assert browser.status == 400, "malformed requests do not count"
    for number in range(2):
        body = {"client_id": app.client_id, "connection": DATABASE, "email": f"new{number}@example.com"}
        made = world.send("POST", "/dbconnections/signup", json={**body, "password": PASSWORD})
        assert made.status_code == 200, made.text
    browser.submit(email="fourth@example.com", password=PASSWORD)
    assert browser.status == 429
    assert "Too many attempts to create an account" in browser.shown.text
    made = world.send("POST", "/dbconnections/signup", json={**body, "email": "f@example.com", "password": PASSWORD})
    assert (made.status_code, (made.json or {})["code"]) == (429, "too_many_attempts")
    assert world.caller().get(f"/anomaly/blocks/ips/{browser.address}").status_code == 200
    assert app.sign_in(world.browser(), jane), "sign-ups say nothing about sign-ins"
    elsewhere = world.browser(address="203.0.113.4")
    app.begin(elsewhere, screen_hint="signup")
    elsewhere.submit(email="fourth@example.com", password=PASSWORD)
    assert elsewhere.left_for is not None


def test_administrators_are_told_once(world: World, browser: Browser) -> None:
    few(world)
    world.client().begin(browser)
    fail(browser, 5)
    for _ in range(3):
        browser.submit(username="x@example.com", password="wrong")
    (mail,) = world.mails(world.platform.settings.admin_email)
    assert browser.address in mail.text
    assert len(world.logs("limit_mu")) == 4
    few(world, shields=["block"])
    other = world.browser(address="203.0.113.9")
    world.client().begin(other)
    fail(other, 5)
    assert len(world.mails(world.platform.settings.admin_email)) == 1


@row("I6")
@on_both_stores
def test_two_processes_count_together(world: World, elsewhere: World, browser: Browser) -> None:
    """Acceptance 6, on the database alone; with Redis the same rows decide."""
    few(world)
    for number in range(6):
        with (world, elsewhere)[number % 2].context() as work:
            work.ip = browser.address
            assert (throttling.before_login(work) is None) is (number < 5), number
            throttling.failed(work)


def test_it_is_switched_off_with_the_other_limits(world: World, browser: Browser) -> None:
    few(world)
    settings: Settings = world.platform.settings
    quiet = world.other_process(rate_limits=False)
    assert settings.rate_limits
    with quiet.context() as work:
        for _ in range(9):
            throttling.failed(work)
        assert throttling.before_login(work) is None
    quiet.platform.db.dispose()
