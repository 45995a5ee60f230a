"""Group M: tickets and the links of mails."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import Person, World

NEW = "an entirely New passphrase 7"


def reset_link(world: World, person: Person, **members: object) -> str:
    """A reset link, as an administrator makes one."""
    return str(world.management().post("/tickets/password-change", {"user_id": person.user_id, **members})["ticket"])


def works(world: World, person: Person, password: str) -> bool:
    """Whether the password signs the person in."""
    browser = world.browser(address="203.0.113.99")
    world.client().begin(browser)
    browser.submit(username=person.email, password=password)
    return browser.left_for is not None


@row("M1")
def test_a_link_is_used_once(world: World, browser: Browser, jane: Person) -> None:
    link = reset_link(world, jane)
    browser.open(link)
    form = browser.shown.form("password")
    browser.send_form(form, None, password=NEW)
    assert browser.status == 200
    browser.send_form(form, None, password="yet Another passphrase 8")
    assert browser.status == 400
    assert works(world, jane, NEW)


@row("M2")
@pytest.mark.parametrize("kind", ["password-change", "email-verification"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_programs_that_read_mail_use_nothing_up(world: World, browser: Browser, kind: str, method: str) -> None:
    person = world.user(verified=False)
    link = world.management().post(f"/tickets/{kind}", {"user_id": person.user_id})["ticket"]
    for _ in range(3):
        world.send(method, link)
    assert world.management().get(f"/users/{person.user_id}")["email_verified"] is False
    assert browser.open(link).status == 200


@row("M2", "H5")
@pytest.mark.parametrize("kind", ["password-change", "email-verification"])
def test_a_foreign_page_cannot_use_a_link(world: World, browser: Browser, kind: str) -> None:
    person = world.user(verified=False)
    link = world.management().post(f"/tickets/{kind}", {"user_id": person.user_id})["ticket"]
    browser.open(link)
    form = browser.shown.forms[0]
    browser.request("POST", form.action, form={**form.fields, "password": NEW, "action": "default"}, site="cross-site")
    assert browser.status == 403
    browser.request("POST", form.action, form={**form.fields, "password": NEW, "csrf": "x"}, site="same-origin")
    assert browser.status == 403
    assert not works(world, person, NEW)


@row("M3")
def test_a_link_ends_when_it_says(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    short, default = reset_link(world, jane, ttl_sec=30), None
    clock.forward(seconds=31)
    assert browser.open(short).status == 400
    default = reset_link(world, jane)
    clock.forward(seconds=432_000 - 60)
    assert browser.open(default).status == 200
    form = browser.shown.form("password")
    clock.forward(seconds=120)
    browser.send_form(form, None, password=NEW)
    assert browser.status == 400
    assert not works(world, jane, NEW)


@row("M4")
def test_the_person_is_the_tickets_whatever_the_form_says(world: World, browser: Browser, jane: Person) -> None:
    mallory = world.user("mallory@example.com")
    browser.open(reset_link(world, mallory))
    form = browser.shown.form("password")
    browser.send_form(
        form,
        None,
        password=NEW,
        username=jane.email,
        email=jane.email,
        user_id=jane.user_id,
        connection="Other",
        account_id=jane.account_id,
    )
    assert browser.status == 200
    assert works(world, mallory, NEW)
    assert works(world, jane, jane.password)


@row("M5", "B5")
def test_a_ticket_is_of_one_kind(world: World, browser: Browser, jane: Person) -> None:
    person = world.user("unproven@example.com", verified=False)
    value = {
        kind: parse_qs(
            urlsplit(world.management().post(f"/tickets/{kind}", {"user_id": person.user_id})["ticket"]).query
        )["ticket"][0].rstrip("#")
        for kind in ("password-change", "email-verification")
    }
    for path, kind in (
        ("reset-verify", "email-verification"),
        ("unblock", "password-change"),
        ("email-verification", "password-change"),
        ("unblock", "email-verification"),
    ):
        assert browser.open(f"/u/{path}?ticket={value[kind]}").status == 400
    for path in ("/u/login", "/authorize/resume"):
        assert browser.open(f"{path}?state={value['password-change']}").status == 400
    world.client().begin(browser)
    state = browser.shown.form("username").fields["state"]
    assert browser.open(f"/u/reset-verify?ticket={state}").status == 400


@row("M6")
def test_only_the_newest_link_is_good_and_all_die_with_the_change(world: World, browser: Browser, jane: Person) -> None:
    older, newer = reset_link(world, jane), reset_link(world, jane)
    assert browser.open(older).status == 400
    assert browser.open(newer).status == 200
    world.management().patch(f"/users/{jane.user_id}", {"password": NEW})
    assert browser.open(newer).status == 400


@row("M7")
@pytest.mark.parametrize("kind", ["password-change", "email-verification"])
def test_links_die_with_the_address_they_went_to(world: World, browser: Browser, kind: str) -> None:
    person = world.user("old@example.com", verified=False)
    link = world.management().post(f"/tickets/{kind}", {"user_id": person.user_id})["ticket"]
    browser.open(link)
    form = browser.shown.forms[0]
    world.management().patch(f"/users/{person.user_id}", {"email": "new@example.com"})
    browser.open(
        form.action, method="POST", form={**form.fields, "password": NEW, "action": "default"}, site="same-origin"
    )
    assert browser.status == 400
    user = world.management().get(f"/users/{person.user_id}")
    assert user["email_verified"] is False


@row("M8")
def test_a_reset_ends_what_the_old_password_opened(world: World, browser: Browser, jane: Person) -> None:
    app, thief = world.client("spa"), world.browser()
    tokens = app.sign_in(thief, jane, scope="openid offline_access")
    browser.open(reset_link(world, jane)).submit(password=NEW)
    other = world.other_process()
    elsewhere = Application(other, app.client_id, None, app.callback, "none")
    assert elsewhere.refresh(tokens.refresh_token).status_code == 400
    assert elsewhere.userinfo(tokens.access_token).status_code == 401
    app.begin(thief, prompt="none")
    assert thief.answer.error == "login_required"
    other.platform.db.dispose()


@row("M9")
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.test",
        "/relative",
        "https://user@evil.test/",
        "https://x.test/\r\nX: y",
        "ftp://x.test/",
        "not a url",
    ],
)
@pytest.mark.parametrize("kind", ["password-change", "email-verification"])
def test_a_result_address_is_checked_when_the_link_is_made(world: World, kind: str, url: str) -> None:
    person = world.user(verified=False)
    response = world.management()("POST", f"/tickets/{kind}", {"user_id": person.user_id, "result_url": url})
    assert response.status_code == 400


@row("M9")
def test_a_result_address_in_the_link_itself_does_not_count(world: World, browser: Browser, jane: Person) -> None:
    link = reset_link(world, jane).rstrip("#")
    browser.open(f"{link}&result_url=https://evil.test/&returnTo=https://evil.test/")
    form = browser.shown.form("password")
    browser.send_form(form, None, password=NEW, result_url="https://evil.test/")
    assert browser.left_for is None
    assert not any(link.startswith("https://evil") for link in browser.shown.links.values())
    assert browser.response is not None
    assert "evil" not in browser.response.headers["Content-Security-Policy"]


@row("M10")
def test_tickets_cannot_be_guessed(world: World, jane: Person) -> None:
    values = {parse_qs(urlsplit(reset_link(world, jane)).query)["ticket"][0].rstrip("#") for _ in range(5)}
    assert len(values) == 5
    assert all(len(value) >= 43 for value in values)
