"""Brute-force lockout: counting, blocking, and every way out (spec: Attack protection)."""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.templates import CONNECTION
from tests.world.world import PASSWORD, Person, World


def fail(browser: Browser, identifier: str, times: int) -> None:
    for _ in range(times):
        browser.submit(username=identifier, password="wrong")


@on_both_stores
def test_the_eleventh_try_is_refused_even_with_the_right_password(world: World, browser: Browser, jane: Person) -> None:
    """Acceptance 1, with the two tests below."""
    world.client().begin(browser)
    fail(browser, jane.email, 10)
    assert browser.status == 400
    browser.submit(username=jane.email, password=jane.password)
    assert browser.status == 429
    assert world.logs("limit_wc")


def test_another_address_is_not_affected(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.begin(browser)
    fail(browser, jane.email, 11)
    elsewhere = world.browser(address="203.0.113.77")
    assert app.sign_in(elsewhere, jane)


def test_counting_by_name_alone_affects_every_address(world: World, browser: Browser, jane: Person) -> None:
    world.brute_force(mode="count_per_identifier")
    app = world.client()
    app.begin(browser)
    fail(browser, jane.email, 11)
    elsewhere = world.browser(address="203.0.113.77")
    app.begin(elsewhere)
    elsewhere.submit(username=jane.email, password=jane.password)
    assert elsewhere.status == 429


def test_spellings_of_one_name_count_together(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    for spelling in ("jane@example.com", "JANE@example.com", " Jane@Example.com") * 4:
        browser.submit(username=spelling, password="wrong")
    assert browser.status == 429


def test_a_success_forgets_the_failures(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    for _ in range(3):
        app.begin(browser, prompt="login")
        fail(browser, jane.email, 9)
        browser.submit(username=jane.email, password=jane.password)
        assert browser.left_for is not None


def test_names_nobody_has_are_counted_too(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    fail(browser, "nobody@example.com", 11)
    assert browser.status == 429
    assert world.mails() == []


def test_the_limit_is_the_tenants(world: World, browser: Browser, jane: Person) -> None:
    """Acceptance 2, with the allow-list and the ways out below; a reset: test_lifecycle."""
    world.brute_force(max_attempts=3)
    world.client().begin(browser)
    fail(browser, jane.email, 3)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.status == 429
    world.brute_force(max_attempts=20)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None, "raising the limit lifts the block"


def test_a_listed_address_is_never_blocked(world: World, browser: Browser, jane: Person) -> None:
    world.brute_force(allowlist=["198.51.100.0/24"], max_attempts=2)
    world.client().begin(browser)
    fail(browser, jane.email, 5)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None


def test_a_connection_may_be_exempt(world: World, browser: Browser, jane: Person) -> None:
    world.connection_options(brute_force_protection=False)
    world.client().begin(browser)
    fail(browser, jane.email, 12)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None


def test_a_month_later_it_is_over(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = world.client()
    app.begin(browser)
    fail(browser, jane.email, 11)
    clock.forward(days=31)
    assert app.sign_in(world.browser(), jane)


def test_the_owner_is_told_once_and_unlocks_by_the_link(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    app.begin(browser)
    fail(browser, jane.email, 14)
    (mail,) = world.mails(jane.email)
    (link,) = [link for link in mail.links if "/u/unblock" in link]
    owner = world.browser()
    owner.open(link)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.status == 429, "opening the link unlocks nothing"
    owner.submit()
    assert owner.status == 200
    assert owner.shown.links["login-link"]
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None
    assert owner.open(link).status == 400
    assert world.logs("ublkdu")


@pytest.mark.parametrize(("picked", "reads"), [("fr", "fr"), (None, "de")])
def test_the_owner_is_told_in_their_own_language(world: World, jane: Person, picked: str | None, reads: str) -> None:
    """Or in that of the tenant, never in that of whoever guessed."""
    world.settings(enabled_locales=["de", "en", "fr", "ar"])
    world.change_user(jane.user_id, language=picked)
    guesser = world.browser(language="ar")
    world.client().begin(guesser)
    fail(guesser, jane.email, 11)
    assert guesser.shown.lang == "ar"
    (mail,) = world.mails(jane.email)
    assert f'lang="{reads}"' in mail.html


def test_without_the_notification_shield_nobody_is_told(world: World, browser: Browser, jane: Person) -> None:
    world.brute_force(shields=["block"])
    world.client().begin(browser)
    fail(browser, jane.email, 12)
    assert world.mails(jane.email) == []


def test_a_block_from_everywhere_has_a_type_of_its_own(world: World, browser: Browser, jane: Person) -> None:
    world.brute_force(mode="count_per_identifier", max_attempts=2)
    world.client().begin(browser)
    fail(browser, jane.email, 3)
    assert [entry.type for entry in world.logs("limit_wc", "limit_sul")] == ["limit_sul"]


def test_blocks_of_names_nobody_has_and_of_protection_that_is_off(world: World, browser: Browser) -> None:
    """Acceptance 3: an unknown identifier works; ``consider_brute_force_enablement``."""
    world.brute_force(max_attempts=2)
    world.client().begin(browser)
    fail(browser, "nobody@example.com", 3)
    management = world.management()
    asked = "/user-blocks?identifier=Nobody@example.com"
    blocked = [{"identifier": "nobody@example.com", "ip": browser.address, "connection": CONNECTION}]
    assert management.get(asked)["blocked_for"] == blocked
    world.brute_force(max_attempts=2, enabled=False)
    assert management.get(asked)["blocked_for"] == blocked
    assert management.get(f"{asked}&consider_brute_force_enablement=true")["blocked_for"] == []
    world.brute_force(max_attempts=2, shields=[])
    assert management.get(asked)["blocked_for"] == [], "nobody is kept out"
    world.brute_force(max_attempts=2)
    management.delete(asked)
    assert management.get(asked)["blocked_for"] == []


def test_another_password_by_the_api_lifts_it(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    fail(browser, jane.email, 11)
    assert browser.status == 429
    world.management().patch(f"/users/{jane.user_id}", {"password": "another passphrase 9 B"})
    browser.submit(username=jane.email, password="another passphrase 9 B")
    assert browser.left_for is not None


def test_signing_up_with_a_name_that_was_guessed_at_ends_its_block(world: World, browser: Browser) -> None:
    """The unknown-user case of the sheet: whoever gets the account now begins anew."""
    app = world.client()
    app.begin(browser)
    fail(browser, "new@example.com", 11)
    assert browser.status == 429
    again = world.browser()
    app.begin(again, screen_hint="signup")
    again.submit(email="new@example.com", password=PASSWORD)
    assert again.left_for is not None
    browser.submit(username="new@example.com", password=PASSWORD)
    assert browser.left_for is not None


def test_without_the_block_shield_failures_are_only_logged(world: World, browser: Browser, jane: Person) -> None:
    """Acceptance 5, of this shield: it only watches."""
    world.brute_force(shields=[])
    world.client().begin(browser)
    fail(browser, jane.email, 12)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None
    assert len(world.logs("fp")) == 12
    watched = [entry.description for entry in world.logs("limit_wc")]
    assert len(watched) == 3
    assert all(str(words).endswith("monitoring only") for words in watched)
    assert world.management().get(f"/user-blocks/{jane.user_id}")["blocked_for"] == []


@pytest.mark.parametrize("by", ["identifier", "id"])
def test_an_administrator_sees_and_lifts_it(world: World, browser: Browser, jane: Person, by: str) -> None:
    world.client().begin(browser)
    fail(browser, jane.email, 11)
    management = world.management()
    path = f"/user-blocks?identifier={jane.email}" if by == "identifier" else f"/user-blocks/{jane.user_id}"
    assert [block["ip"] for block in management.get(path)["blocked_for"]] == [browser.address]
    management.delete(path)
    assert management.get(path)["blocked_for"] == []
    browser.submit(username=jane.email, password=jane.password)
    assert browser.left_for is not None


@pytest.mark.timeout(300)
def test_very_many_sign_ins_from_one_address_wait(world: World, browser: Browser) -> None:
    world.client().begin(browser)
    for _ in range(301):
        browser.submit(username="nobody@example.com", password="")
    for number in range(301):
        browser.submit(username=f"nobody{number}@example.com", password="x" * 2000)
        if browser.status == 429:
            break
    assert browser.status == 429
    assert browser.response is not None
    assert int(browser.response.headers["Retry-After"]) > 0
