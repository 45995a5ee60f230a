"""A new password by a mailed code instead of a link (``attributes.email.verification_method``; the template
``reset_email_by_code``).
"""

from __future__ import annotations

import re

import pytest

from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Person, World

NEW = "an entirely New passphrase 7"
PAGE = "/u/email-otp-challenge"


@pytest.fixture(autouse=True)
def by_code(world: World) -> None:
    email = {"identifier": {"active": True}, "verification_method": "otp"}
    world.connection_options(attributes={"email": email})


def ask(world: World, browser: Browser, identifier: str) -> Browser:
    world.client().begin(browser)
    browser.follow("forgot-password-link")
    return browser.submit(username=identifier)


def code_of(world: World, to: str) -> str:
    found = re.search(r"\b\d{6}\b", world.mails(to)[0].text)
    assert found is not None
    return found[0]


@on_both_stores
def test_a_code_leads_to_the_new_password_once(world: World, browser: Browser, jane: Person) -> None:
    ask(world, browser, jane.email)
    assert browser.path == PAGE
    assert jane.email not in browser.shown.text
    assert [mail.links for mail in world.mails(jane.email)] == [[]], "no link is mailed besides"
    code = code_of(world, jane.email)
    form = browser.shown.form("code")
    browser.submit(code=code)
    assert browser.path == "/u/reset-verify"
    browser.submit(password=NEW)
    assert browser.status == 200
    attempt = world.client().begin(later := world.browser())
    later.submit(username=jane.email, password=NEW)
    attempt.tokens(later.answer)
    browser.send_form(form, None, code=code)
    assert browser.status == 400
    assert [entry.type for entry in world.logs("scpr", "scp")] == ["scpr", "scp"]


def test_page_and_mailbox_say_the_same_whoever_asks_for_whom(world: World, browser: Browser, jane: Person) -> None:
    known = ask(world, browser, jane.email).shown
    unknown = ask(world, world.browser(), "john@example.com").shown
    assert known.text == unknown.text
    assert [mail.to for mail in world.mails()] == [jane.email]


def test_three_tries_and_it_is_dead(world: World, browser: Browser, jane: Person) -> None:
    """security.md M11."""
    ask(world, browser, jane.email)
    code = code_of(world, jane.email)
    for _ in range(3):
        browser.submit(code=f"{(int(code) + 1) % 1_000_000:06d}")
        assert browser.status == 400
    browser.submit(code=code)
    assert (browser.status, browser.path) == (400, PAGE)


def test_a_code_of_another_attempt_is_none(world: World, browser: Browser, jane: Person) -> None:
    ask(world, browser, jane.email)
    first = code_of(world, jane.email)
    other = ask(world, world.browser(), jane.email)
    if code_of(world, jane.email) != first:
        other.submit(code=first)
        assert other.status == 400


def test_the_code_of_one_address_is_none_of_another(world: World, browser: Browser, jane: Person) -> None:
    """Whoever proves an address of theirs does not go on with another's in the same attempt."""
    mine = world.user("mine@example.com")
    ask(world, browser, mine.email)
    code = code_of(world, mine.email)
    browser.follow("edit-identifier-link")
    browser.submit(username=jane.email)
    browser.submit(code=code)
    assert (browser.status, browser.path) == (400, PAGE)


def test_another_code_can_be_asked_for(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    ask(world, browser, jane.email)
    assert len(world.mails(jane.email)) == 1
    clock.forward(minutes=2)
    browser.submit("resend-code")
    assert browser.status == 200
    assert len(world.mails(jane.email)) == 2
    browser.submit("resend-code")
    browser.submit("resend-code")
    assert browser.status == 429
    browser.submit(code=code_of(world, jane.email))
    assert browser.path == "/u/reset-verify"


def test_the_tenants_template_takes_its_place(world: World, browser: Browser, jane: Person) -> None:
    template = {
        "template": "reset_email_by_code",
        "enabled": True,
        "body": "<p>Use {{ code }} now</p>",
        "from": "",
        "subject": "Ours",
        "syntax": "liquid",
    }
    assert world.caller().post("/email-templates", template).status_code in {200, 201}
    ask(world, browser, jane.email)
    (mail,) = world.mails(jane.email)
    assert mail.subject == "Ours"
    browser.submit(code=code_of(world, jane.email))
    assert browser.path == "/u/reset-verify"


def test_nothing_to_type_without_having_asked(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    state = browser.shown.url.partition("state=")[2].partition("&")[0]
    browser.open(f"{PAGE}?state={state}")
    assert browser.path == "/u/reset-password/request"


def test_strangers_do_not_use_up_the_owners_codes(world: World, jane: Person, clock: Clock) -> None:
    """security.md M5: whoever asks for somebody's codes takes away nobody's way back."""
    world.client().sign_in(world.browser(), jane)
    for number in range(11):
        clock.forward(minutes=1)
        ask(world, world.browser(address=f"198.51.100.{number + 1}"), jane.email)
        world.work()
    assert len(world.mails(jane.email)) == 10
    owner = ask(world, world.browser(), jane.email)
    owner.submit(code=code_of(world, jane.email))
    assert owner.path == "/u/reset-verify"
