"""Breached-password detection at sign-in, sign-up and reset (spec: Attack protection, "Breached passwords")."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from idp.signin.attack_protection import hash_list, ranges
from idp.signin.attack_protection.ntlm import ntlm
from idp.signin.attack_protection.ranges import RangeService
from tests.counterparts.local_site import local_site
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock, OpenWorld
from tests.world.world import Person, World

PART = "breached-password-detection"
TESTED = "AUTH0-TEST-1 and so on"
DATABASE = "Username-Password-Authentication"
BREACHED = "battery Horse 9 staple"
EVERYWHERE = {
    "pre-user-registration": {"shields": ["block", "admin_notification"]},
    "pre-change-password": {"shields": ["block", "admin_notification"]},
}


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def on(world: World, *shields: str, **more: Any) -> None:
    world.protection(PART, enabled=True, shields=list(shields), **more)


def build(world: World, folder: Path, *passwords: str, kind: str = "sha1") -> None:
    """A list on this machine."""
    lines = [(sha1(each) if kind == "sha1" else ntlm(each).hex()) + ":3\n" for each in passwords]
    source = folder / "hashes.txt"
    source.write_text("".join(lines))
    hash_list.build(source, world.platform.settings.breached_passwords, lambda _: None)


def reset_link(world: World, person: Person) -> str:
    return str(world.management().post("/tickets/password-change", {"user_id": person.user_id})["ticket"])


@row("I10")
@pytest.mark.parametrize("kind", ["sha1", "ntlm"])
def test_a_password_of_the_list_opens_nothing_until_it_is_another(
    world: World, browser: Browser, tmp_path: Path, kind: str
) -> None:
    """Acceptance 5: at sign-in, with the way out."""
    person = world.user(password=BREACHED)
    build(world, tmp_path, "something else", BREACHED, kind=kind)
    on(world, "block")
    app = world.client()
    app.begin(browser)
    browser.submit(username=person.email, password="wrong")
    assert (browser.status, browser.path) == (400, "/u/login"), "nothing is told without the password"
    browser.submit(username=person.email, password=BREACHED)
    assert browser.path == "/u/reset-password/request"
    assert "data breach" in browser.shown.text
    assert browser.shown.form("username").fields["username"] == person.email
    browser.submit(username=person.email)
    (mail,) = world.mails(person.email)
    reader = world.browser()
    reader.open(next(link for link in mail.links if "/u/reset-verify" in link))
    reader.submit(password="A good and new 1")
    assert reader.status == 200
    app.begin(browser)
    browser.submit(username=person.email, password="A good and new 1")
    assert browser.left_for is not None
    (entry,) = world.logs("pwd_leak")
    assert entry.user_id == person.user_id


@row("I10")
@pytest.mark.parametrize("password", [TESTED, "Paaf213XXYYZZ", "Paat739!!WWXXYYZZ"])
def test_sign_up_and_reset_refuse_it(world: World, browser: Browser, jane: Person, password: str) -> None:
    """Acceptance 5: the passwords for trying it out, at sign-up and reset."""
    on(world, stage=EVERYWHERE)
    app = world.client()
    app.begin(browser, screen_hint="signup")
    browser.submit(email="new@example.com", password=password)
    assert browser.status == 400
    assert "data breach" in browser.shown.texts["password-error"]
    body = {"client_id": app.client_id, "connection": DATABASE, "email": "new@example.com", "password": password}
    answer = world.send("POST", "/dbconnections/signup", json=body)
    assert (answer.status_code, (answer.json or {})["code"]) == (400, "password_leaked")
    reader = world.browser()
    reader.open(reset_link(world, jane))
    reader.submit(password=password)
    assert reader.status == 400
    assert "data breach" in reader.shown.texts["password-error"]
    assert [entry.type for entry in world.logs("signup_pwd_leak", "reset_pwd_leak")] == [
        "signup_pwd_leak",
        "reset_pwd_leak",
    ]
    assert len(world.mails(world.platform.settings.admin_email)) == 1, "one an hour for a network"


def test_without_shields_the_log_alone_is_told(world: World, browser: Browser) -> None:
    """Acceptance 5: monitoring."""
    on(world)
    app = world.client()
    app.begin(browser, screen_hint="signup")
    browser.submit(email="new@example.com", password=TESTED)
    assert browser.left_for is not None
    again = world.browser()
    app.begin(again)
    again.submit(username="new@example.com", password=TESTED)
    assert again.left_for is not None
    reader = world.browser()
    (user,) = world.caller().get("/users-by-email", email="new@example.com").json or []
    reader.open(str(world.management().post("/tickets/password-change", {"user_id": user["user_id"]})["ticket"]))
    reader.submit(password=f"{TESTED} again")
    assert reader.status == 200
    kinds = [entry.type for entry in world.logs("pwd_leak", "signup_pwd_leak", "reset_pwd_leak")]
    assert kinds == ["signup_pwd_leak", "pwd_leak", "reset_pwd_leak"]
    assert world.mails(world.platform.settings.admin_email) == []


def test_off_means_nothing_is_looked_at(world: World, browser: Browser) -> None:
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email="new@example.com", password=TESTED)
    assert browser.left_for is not None
    assert world.logs("signup_pwd_leak") == []


def test_the_owner_is_told_once_an_hour_and_the_log_too(world: World, browser: Browser, clock: Clock) -> None:
    person = world.user(password=TESTED)
    on(world, "block", "user_notification", "admin_notification")
    app = world.client()
    for _ in range(3):
        app.begin(browser)
        browser.submit(username=person.email, password=TESTED)
        assert browser.path == "/u/reset-password/request", "the block itself is never throttled"
    (mail,) = world.mails(person.email)
    assert "data breach" in mail.text
    assert any("screen_hint=reset-password" in link for link in mail.links)
    assert len(world.logs("pwd_leak")) == 1
    assert len(world.mails(world.platform.settings.admin_email)) == 1
    clock.forward(minutes=61)
    app.begin(browser)
    browser.submit(username=person.email, password=TESTED)
    assert len(world.mails(person.email)) == 2
    assert len(world.logs("pwd_leak")) == 2


def test_administrators_may_have_a_summary_instead(world: World, browser: Browser, clock: Clock) -> None:
    on(world, admin_notification_frequency=["daily", "monthly"], stage=EVERYWHERE)
    for address in ("192.0.2.1", "192.0.2.2"):
        browser.address = address
        world.client().begin(browser, screen_hint="signup")
        browser.submit(email="new@example.com", password=TESTED)
    admin = world.platform.settings.admin_email
    assert world.mails(admin) == []
    clock.forward(hours=25)
    (mail,) = world.mails(admin)
    assert "2" in mail.text
    assert "data breach" not in mail.text
    clock.forward(days=30)
    assert len(world.mails(admin)) == 2


@row("I1")
def test_every_door_refuses_it(world: World, browser: Browser) -> None:
    """The errors that SDKs know (spec, "Errors seen by SDKs")."""
    person = world.user(password=TESTED)
    on(world, "block")
    origin = "https://app.example.test"
    app = world.client(grant_types=["password"], cross_origin_authentication=True, allowed_origins=[origin])
    answer = app.token(grant_type="password", username=person.email, password=TESTED)
    assert (answer.status_code, (answer.json or {})["error"]) == (400, "password_leaked")
    world.settings(compatibility={"auth0_statuses": True})
    assert app.token(grant_type="password", username=person.email, password=TESTED).status_code == 401
    body = {"client_id": app.client_id, "credential_type": "password", "username": person.email, "password": TESTED}
    answer = world.send("POST", "/co/authenticate", json=body, headers={"Origin": origin})
    assert (answer.status_code, (answer.json or {})["error"]) == (401, "password_leaked")


def test_a_breached_password_is_no_guess(world: World, browser: Browser) -> None:
    person = world.user(password=TESTED)
    on(world, "block")
    world.brute_force(max_attempts=2)
    for _ in range(4):
        world.client().begin(browser)
        browser.submit(username=person.email, password=TESTED)
        assert browser.path == "/u/reset-password/request"


def test_a_new_list_counts_from_the_next_password_on(world: World, browser: Browser, tmp_path: Path) -> None:
    person = world.user(password=BREACHED)
    on(world, "block")
    app = world.client()
    assert app.sign_in(browser, person), "there is no list yet"
    build(world, tmp_path, BREACHED)
    app.begin(browser, prompt="login")
    browser.submit(username=person.email, password=BREACHED)
    assert browser.path == "/u/reset-password/request"
    build(world, tmp_path, "another")
    assert app.sign_in(world.browser(), person)
    world.platform.settings.breached_passwords.write_bytes(b"nonsense")
    assert app.sign_in(world.browser(), person), "what is no list keeps nobody out"


# ---- the range service
class Service:
    """What the range service was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.status = 200
        self.known = {sha1(BREACHED)}

    def app(self) -> Flask:
        app = Flask("ranges")

        @app.get("/range/<prefix>")
        def answer(prefix: str) -> tuple[str, int]:
            self.asked.append((prefix, request.headers.get("Add-Padding")))
            lines = [f"{each[5:]}:42" for each in self.known if each.startswith(prefix)]
            padding = [f"{'0' * 35}:0", f"{sha1('padded')[5:]}:0"]
            return "\r\n".join([*padding, *lines]), self.status

        return app


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    with local_site(made.app()) as address:
        made.address = f"{address}/range/"  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def asking(service: Service, open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> World:
    """A tenant that asks it."""
    monkeypatch.setattr(ranges, "service", RangeService())
    world = open_world(IDP_BREACHED_PASSWORDS_URL=service.address)  # type: ignore[attr-defined]
    on(world, "block", method="enhanced", stage=EVERYWHERE)
    return world


@row("I10")
def test_the_range_service_learns_five_letters_and_no_more(asking: World, service: Service) -> None:
    browser, app = asking.browser(), asking.client()
    app.begin(browser, screen_hint="signup")
    for _ in range(2):
        browser.submit(email="new@example.com", password=BREACHED)
        assert browser.status == 400
    assert service.asked == [(sha1(BREACHED)[:5], "true")], "what it said a moment ago is not asked again"
    service.known.add(sha1("padded") + "x")
    browser.submit(email="new@example.com", password="A good one 77")
    assert browser.left_for is not None


def test_only_the_enhanced_method_asks(asking: World, service: Service) -> None:
    asking.protection(PART, method="standard")
    browser, app = asking.browser(), asking.client()
    app.begin(browser, screen_hint="signup")
    browser.submit(email="new@example.com", password=BREACHED)
    assert browser.left_for is not None
    assert service.asked == []


def test_a_service_that_does_not_answer_keeps_nobody_out(asking: World, service: Service) -> None:
    service.status = 503
    browser, app = asking.browser(), asking.client()
    app.begin(browser, screen_hint="signup")
    browser.submit(email="new@example.com", password=BREACHED)
    assert browser.left_for is not None
    again = asking.browser()
    app.begin(again)
    again.submit(username="new@example.com", password=BREACHED)
    assert again.left_for is not None
    assert len(service.asked) == 1, "it is left alone for a while"


@row("P4")
def test_the_service_is_asked_through_the_guard(service: Service, world: World) -> None:
    """A private address is called only where the operator allows it."""
    settings = world.other_process(breached_passwords_url=service.address, outbound_allow=())  # type: ignore[attr-defined]
    with settings.context() as work:
        assert not RangeService().knows(work.platform.settings, BREACHED)
    assert service.asked == []
    settings.platform.db.dispose()
