"""The link that proves an address: what it says in each state, and the ways to another (spec: Email verification)."""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import PASSWORD, Person, World

EMAIL = "new@example.com"


@pytest.fixture
def signed_up(world: World, browser: Browser) -> Browser:
    """A browser in which somebody just made an account."""
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email=EMAIL, password=PASSWORD)
    return browser


def links(world: World) -> list[str]:
    """Verification links, newest first."""
    return [link for mail in world.mails(EMAIL) for link in mail.links if "/u/email-verification" in link]


def verified(world: World) -> bool:
    (user,) = world.caller().get("/users-by-email", email=EMAIL).json
    return bool(user["email_verified"])


def test_a_link_that_is_too_old_leads_to_a_new_one(world: World, signed_up: Browser, clock: Clock) -> None:
    (old,) = links(world)
    clock.forward(days=5, minutes=1)
    reader = world.browser(language="de")
    assert reader.open(old).status == 400
    reader.submit("resend-link")
    assert reader.status == 200
    assert "n•••@example.com" in reader.shown.text
    newest = links(world)[0]
    assert newest != old
    reader.open(newest).submit("default")
    assert reader.status == 200
    assert verified(world)


def test_asked_again_at_once_it_says_when(world: World, signed_up: Browser, clock: Clock) -> None:
    (old,) = links(world)
    clock.forward(days=6)
    reader = world.browser()
    reader.open(old).submit("resend-link")
    reader.open(old).submit("resend-link")
    assert reader.status == 429
    assert "You can get another one in" in reader.shown.text
    assert len(links(world)) == 2


def test_an_older_link_says_that_a_newer_one_was_sent(world: World, signed_up: Browser) -> None:
    (first,) = links(world)
    signed_up.open("/account").submit("resend-verification")
    assert "A new link is on its way." in signed_up.shown.text
    assert len(links(world)) == 2
    reader = world.browser()
    assert reader.open(first).status == 400
    assert "newer link" in reader.shown.text
    reader.open(links(world)[0]).submit("default")
    assert verified(world)


def test_a_used_link_says_that_the_address_is_confirmed(world: World, signed_up: Browser) -> None:
    (link,) = links(world)
    reader = world.browser()
    reader.open(link).submit("default")
    assert reader.open(link).status == 400
    assert "Already confirmed" in reader.shown.text
    assert reader.shown.links["continue-link"]
    assert reader.shown.forms == []


def test_the_account_page_says_when_a_link_can_be_sent_again(world: World, signed_up: Browser, clock: Clock) -> None:
    signed_up.open("/account").submit("resend-verification")
    signed_up.submit("resend-verification")
    assert signed_up.status == 429
    assert "You can get another one in" in signed_up.shown.text
    clock.forward(seconds=61)
    signed_up.submit("resend-verification")
    assert signed_up.status == 200
    assert len(links(world)) == 3


def test_nobodys_mailbox_is_filled(world: World, signed_up: Browser, clock: Clock) -> None:
    signed_up.open("/account")
    for _ in range(20):
        signed_up.submit("resend-verification")
        clock.forward(seconds=61)
    assert len(links(world)) == 1 + 5
    reader = world.browser()
    assert reader.open(links(world)[0]).status == 200, "the newest stays good"


def test_the_account_page_of_a_confirmed_address_offers_nothing(world: World, browser: Browser, jane: Person) -> None:
    browser.open("/account")
    browser.submit(username=jane.email, password=jane.password)
    buttons = {identifier for form in browser.shown.forms for identifier, _, _ in form.buttons}
    assert "resend-verification" not in buttons
    form = browser.shown.form("name")
    browser.open("/account/verification", method="POST", form=form.fields, site="same-origin")
    assert (browser.status, world.mails(jane.email)) == (200, [])


def test_a_dead_link_sends_nothing_to_an_address_that_changed(world: World, signed_up: Browser, clock: Clock) -> None:
    (link,) = links(world)
    reader = world.browser()
    clock.forward(days=6)
    reader.open(link)
    form = reader.shown.form_with_button("resend-link")
    (user,) = world.caller().get("/users-by-email", email=EMAIL).json
    world.management().patch(f"/users/{user['user_id']}", {"email": "other@example.com", "verify_email": False})
    reader.send_form(form, "resend-link")
    assert reader.status == 400
    assert len(links(world)) == 1
    assert world.mails("other@example.com") == []


def test_a_foreign_page_cannot_have_a_link_sent(world: World, signed_up: Browser, clock: Clock) -> None:
    (link,) = links(world)
    clock.forward(days=6)
    reader = world.browser()
    reader.open(link)
    form = reader.shown.form_with_button("resend-link")
    reader.open(form.action, method="POST", form={**form.fields, "action": "again"}, site="cross-site")
    assert reader.status == 403
    assert len(links(world)) == 1
