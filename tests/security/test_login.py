"""Groups I and J: signing in, guessing, and making accounts."""

from __future__ import annotations

import statistics
import threading
import time

import pytest

from idp.directory.users.hasher import hasher
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.world import PASSWORD, Person, World

ODD = [
    "' OR '1'='1",
    "jane@example.com' --",
    "*)(uid=*",
    "{{7*7}}",
    "${7*7}",
    "jane@example.com\x00",
    "jane@example.com\r\nX: y",
    "%00",
    "\u202ejane",
    "a" * 5000,
    "\ud7ff",
    "<script>",
    '{"$ne": null}',
    "jane@example.com; DROP TABLE users",
]


@row("I1")
@pytest.mark.parametrize("split", [False, True])
def test_a_wrong_password_and_an_unknown_name_read_the_same(
    world: World, browser: Browser, jane: Person, split: bool
) -> None:
    world.prompts(identifier_first=split)
    app, seen = world.client(), []
    for identifier in (jane.email, "john@example.com"):
        app.begin(browser)
        if split:
            browser.submit(username=identifier)
            browser.submit(password="wrong")
        else:
            browser.submit(username=identifier, password="wrong")
        assert browser.response is not None
        headers = {
            name: value
            for name, value in browser.response.headers
            if name not in {"Content-Security-Policy", "Content-Length"}
        }
        seen.append((browser.status, browser.shown.text.replace(identifier, "X"), headers))
    assert seen[0] == seen[1]


@row("X4")
@pytest.mark.usefixtures("costly_passwords")
def test_a_password_costs_what_owasp_asks_for() -> None:
    assert hasher.hash("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@row("I2")
@pytest.mark.usefixtures("costly_passwords")
def test_a_wrong_password_and_an_unknown_name_take_as_long(world: World, browser: Browser, jane: Person) -> None:
    world.brute_force(max_attempts=100)
    world.client().begin(browser)
    form = browser.shown.form("username")

    def once(identifier: str) -> float:
        fields = {**form.fields, "username": identifier, "password": "wrong", "action": "default"}
        began = time.process_time()  # whatever else this machine does
        browser.request("POST", form.action, form=fields, site="same-origin")
        return (time.process_time() - began) * 1000

    for _ in range(4):  # caches of the processor are others', too: one quiet round is proof enough
        known, unknown = [], []
        for number in range(9):
            known.append(once(jane.email))
            unknown.append(once(f"nobody{number}@example.com"))
        a, b = statistics.median(known), statistics.median(unknown)
        if abs(a - b) <= max(12, 0.35 * max(a, b)):
            return
    pytest.fail(f"known {a:.1f} ms, unknown {b:.1f} ms")


@row("I2")
def test_unknown_names_cost_a_whole_hash(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str | None] = []
    real = hasher.verify
    monkeypatch.setattr(hasher, "verify", lambda known, password: (verified.append(known), real(known, password))[1])
    world.client().begin(browser)
    browser.submit(username="nobody@example.com", password="x")
    assert verified == [None]


@row("I3")
def test_asking_for_a_reset_tells_nothing_and_does_nothing_before_the_worker(
    world: World, browser: Browser, jane: Person
) -> None:
    seen = []
    for identifier in (jane.email, "john@example.com"):
        world.client().begin(browser, screen_hint="reset-password")
        browser.submit(username=identifier)
        seen.append((browser.status, browser.path, browser.shown.text))
    assert seen[0] == seen[1]
    assert world.logs("scpr", "fcpr") == []
    assert [mail.to for mail in world.mails()] == [jane.email]


@row("I4")
def test_guessing_stops_at_ten(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    statuses = []
    for _ in range(12):
        browser.submit(username=jane.email, password="wrong")
        statuses.append(browser.status)
    assert statuses == [400] * 10 + [429] * 2


@row("I5")
def test_a_stranger_cannot_lock_the_owner_out(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    for _ in range(12):
        browser.submit(username=jane.email, password="wrong")
    owner = world.browser(address="203.0.113.5")
    assert world.client().sign_in(owner, jane)


@row("I6")
@on_both_stores
@pytest.mark.usefixtures("patient")
def test_parallel_guesses_do_not_slip_past_the_counter(world: World, jane: Person, store: str) -> None:
    app, browsers = world.client(), [world.browser() for _ in range(16)]
    for each in browsers:
        app.begin(each)

    def guess(each: Browser) -> None:
        for _ in range(2):
            each.submit(username=jane.email, password="wrong")

    threads = [threading.Thread(target=guess, args=(each,)) for each in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.logs("fp")) <= 10
    browsers[0].submit(username=jane.email, password=jane.password)
    assert browsers[0].status == 429


@row("I7")
@pytest.mark.parametrize(
    ("password", "other"),
    [
        ("Long" + "x" * 80 + "1a", "Long" + "x" * 80 + "1b"),
        ("Case Matters 1", "case matters 1"),
        ("Trailing space 1 ", "Trailing space 1"),
        ("Ünïcode Pässword 1", "Unicode Password 1"),
        ("Emoji 🎫 Password 1", "Emoji 🎟 Password 1"),
        ("Full\uff21width Pass 1", "FullAwidth Pass 1"),
    ],
)
def test_every_byte_of_a_password_counts(world: World, browser: Browser, password: str, other: str) -> None:
    person = world.user(password=password)
    app = world.client()
    app.begin(browser)
    browser.submit(username=person.email, password=other)
    assert browser.status == 400
    browser.submit(username=person.email, password=password)
    assert browser.left_for is not None


@row("I7")
def test_composed_and_decomposed_letters_are_one(world: World, browser: Browser) -> None:
    person = world.user(password="Pa\u0308ssword Nr. 1")
    world.client().begin(browser)
    browser.submit(username=person.email, password="P\u00e4ssword Nr. 1")
    assert browser.left_for is not None


@row("I8")
@pytest.mark.parametrize("size", [1025, 100_000, 900_000])
def test_an_endless_password_costs_no_more_than_a_wrong_one(
    world: World, browser: Browser, jane: Person, size: int
) -> None:
    world.client().begin(browser)
    began = time.process_time()
    browser.submit(username=jane.email, password="x" * size)
    assert browser.status == 400
    assert time.process_time() - began < 2
    browser.follow("signup-link").submit(email="new@example.com", password="xA1!" * (size // 4 + 1))
    assert browser.status == 400


@row("I9")
@pytest.mark.parametrize("odd", ODD)
@on_both_stores
def test_odd_credentials_are_only_wrong(world: World, browser: Browser, jane: Person, odd: str, store: str) -> None:
    app = world.client()
    for path, fields in (
        ("/u/login", {"username": odd, "password": odd}),
        ("/u/login/identifier", {"username": odd}),
        ("/u/reset-password/request", {"username": odd}),
        ("/u/signup", {"email": odd, "password": odd}),
    ):
        app.begin(browser)
        state = browser.shown.forms[0].fields["state"]
        browser.open(f"{path}?state={state}")
        browser.submit(**fields)
        assert browser.left_for is None
        assert browser.status in {200, 400, 429}, (path, browser.status)
    world.work()
    assert world.mails() == []


@row("I10")
@pytest.mark.parametrize("password", ["Password1", "Password123", "Qwerty123", "Welcome1", "P@ssw0rd"])
def test_common_passwords_are_refused_everywhere(world: World, browser: Browser, jane: Person, password: str) -> None:
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email="new@example.com", password=password)
    assert browser.status == 400
    refused = world.management()("PATCH", f"/users/{jane.user_id}", {"password": password})
    assert refused.status_code == 400
    ticket = world.management().post("/tickets/password-change", {"user_id": jane.user_id})["ticket"]
    browser.open(ticket).submit(password=password)
    assert browser.status == 400


# ---- sign-up


@row("J2")
def test_a_sign_up_form_writes_nothing_but_name_and_password(world: World, browser: Browser) -> None:
    attempt = world.client().begin(browser, screen_hint="signup")
    form = browser.shown.form("email")
    browser.send_form(
        form,
        None,
        email="new@example.com",
        password=PASSWORD,
        email_verified="1",
        user_id="auth0|x",
        app_metadata="{}",
        blocked="",
        name="Boss",
    )
    user = world.management().get(f"/users/{attempt.tokens(browser.answer).id_claims['sub']}")
    assert user["email_verified"] is False
    assert user["name"] == "new@example.com"
    assert user["user_id"] != "auth0|x"


@row("J3")
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_no_sign_up_where_it_is_switched_off(world: World, browser: Browser, when: str) -> None:
    app = world.client()
    if when == "meanwhile":
        app.begin(browser, screen_hint="signup")
        world.connection_options(disable_signup=True)
        browser.submit(email="new@example.com", password=PASSWORD)
    else:
        world.connection_options(disable_signup=True)
        app.begin(browser)
        form = browser.shown.form("username")
        browser.open(
            "/u/signup",
            method="POST",
            form={**form.fields, "email": "new@example.com", "password": PASSWORD, "action": "default"},
            site="same-origin",
        )
    assert browser.status == 403
    assert world.logs("ss") == []


@row("J4")
@pytest.mark.parametrize(
    "email",
    [
        "",
        "@",
        "a@",
        "@b.de",
        "a b@example.com",
        "a@b@example.com",
        "a@example..com",
        "a@-example.com",
        "a@example.com\n",
        "a\x00@example.com",
        "a@exam ple.com",
        "<b>@example.com",
        "a@[127.0.0.1]",
        "a@localhost",
        ".a@example.com",
        "a.@example.com",
        '"a b"@example.com',
        "a@example.com,b@example.com",
        "a@" + "x" * 64 + ".com",
        "x" * 250 + "@example.com",
        "a@\u2028example.com",
        "a\u202e@example.com",
    ],
)
@on_both_stores
def test_hostile_addresses_are_refused(world: World, browser: Browser, email: str, store: str) -> None:
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email=email, password=PASSWORD)
    if browser.left_for is not None:
        stored = world.management().get("/users")
        assert all(
            each["email"] == email.strip() and each["email"].isprintable()
            for each in stored
            if each["email"].startswith("a@example")
        )
        assert email.strip() == "a@example.com"
    else:
        assert browser.status == 400


@row("J5")
@pytest.mark.parametrize(
    ("twin", "same"),
    [
        ("MINNIE@example.com", True),
        ("minnie@EXAMPLE.com", True),
        ("m\u0131nnie@example.com", False),
        ("m\u0456nnie@example.com", False),
        ("\uff4dinnie@example.com", False),
        ("minnie\u200b@example.com", False),
        ("mi\u0144nie@example.com", False),
    ],
)
def test_look_alikes_are_never_the_same_account(world: World, browser: Browser, twin: str, same: bool) -> None:
    minnie = world.user("minnie@example.com")
    app = world.client()
    app.begin(browser)
    browser.submit(username=twin, password=minnie.password)
    assert (browser.left_for is not None) is same
    fresh = world.browser()
    app.begin(fresh, screen_hint="reset-password")
    fresh.submit(username=twin)
    assert ([mail.to for mail in world.mails()] == [minnie.email]) is same
    app.begin(fresh, screen_hint="signup")
    fresh.submit(email=twin, password=PASSWORD)
    assert not (same and fresh.left_for)
