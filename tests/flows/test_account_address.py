"""Another address from a person's own page, confirmed at both (security.md O3, M7; spec/login-factors.md, "Policy")."""

from __future__ import annotations

import pytest

from idp.directory.users import service as users
from idp.signin.login.screens.self_service import NewAddress
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.factors import code_of, demand, enrol
from tests.world.fixtures import Clock
from tests.world.world import Person, World

NEW = "jane.new@example.org"


def enter(browser: Browser, person: Person) -> Browser:
    browser.open("/account")
    browser.submit(username=person.email, password=person.password)
    assert browser.path == "/account"
    return browser


def ask(browser: Browser, typed: str = NEW) -> Browser:
    return browser.submit("change-email", new_email=typed)


def links(world: World, *addresses: str) -> list[str]:
    """The newest link to each."""
    return [world.mails(each)[0].links[0] for each in addresses]


def address(world: World, person: Person) -> tuple[str | None, bool]:
    with world.context() as work:
        found = users.get(work, person.user_id)
        return found.email, found.email_verified


def test_it_changes_once_both_have_confirmed(world: World, browser: Browser, jane: Person) -> None:
    ask(enter(browser, jane))
    assert "Check your email" in browser.shown.text
    assert NEW in browser.shown.text
    old, new = links(world, jane.email, NEW)
    elsewhere = world.browser().open(new)
    assert address(world, jane) == (jane.email, True), "looking spends nothing"
    elsewhere.submit("default")
    assert "One more confirmation" in elsewhere.shown.text
    assert address(world, jane) == (jane.email, True)
    browser.open(old).submit("default")
    assert "was changed" in browser.shown.text
    assert address(world, jane) == (NEW, True)
    notice = world.mails(jane.email)[0]
    assert "was changed" in notice.subject
    assert NEW in notice.text
    types = [entry.type for entry in world.logs()]
    assert {"address_change_requested", "address_change_confirmed", "sce"} <= set(types)
    for link in (old, new):
        browser.open(link)
        assert browser.status == 400
    again = world.browser()
    again.open("/account").submit(username=NEW, password=jane.password)
    assert again.path == "/account"


@row("O3")
def test_a_stolen_session_begins_no_change(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    enter(browser, jane)
    clock.forward(minutes=11)
    browser.open("/account")
    ask(browser)
    assert browser.path == "/u/login", "signing in is too long ago"
    assert world.mails(NEW) == []


@row("O3")
def test_a_password_alone_begins_none_where_there_is_a_factor(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    demand(world, policy="confidence-score")
    enter(browser, jane)
    seed = enrol(world, jane)
    browser.open("/account")
    ask(browser)
    assert browser.path == "/u/mfa-otp/mfa-otp-challenge"
    clock.forward(seconds=60)
    browser.submit(code=code_of(seed))
    ask(browser)
    assert "Check your email" in browser.shown.text


@row("M7")
def test_the_new_address_alone_changes_nothing_and_the_owner_calls_it_off(
    world: World, browser: Browser, jane: Person
) -> None:
    ask(enter(browser, jane), "thief@example.net")
    old, new = links(world, jane.email, "thief@example.net")
    world.browser().open(new).submit("default")
    owner = world.browser().open(old).submit("not-me")
    assert "Called off" in owner.shown.text
    assert address(world, jane) == (jane.email, True)
    world.browser().open(new)
    browser.open("/account")
    assert "thief@example.net" not in browser.shown.text
    assert "address_change_cancelled" in {entry.type for entry in world.logs()}


def test_it_is_called_off_on_the_page(world: World, browser: Browser, jane: Person) -> None:
    ask(enter(browser, jane))
    old, new = links(world, jane.email, NEW)
    browser.open("/account").submit("call-off-email")
    assert "Called off" in browser.shown.text
    for link in (old, new):
        assert world.browser().open(link).status == 400


def test_whoever_is_late_by_a_moment_is_told(
    world: World, browser: Browser, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(enter(browser, jane))
    (new,) = links(world, NEW)
    late = world.browser().open(new)
    world.caller().patch(f"/users/{jane.user_id}", {"password": "another Password 9 is set"})
    monkeypatch.setattr(NewAddress, "good", lambda *_: True)  # it was asked before the change ended
    assert world.browser().open(new).status == 400
    assert late.submit("default").status == 400
    assert address(world, jane) == (jane.email, True)


def test_links_are_good_for_a_day(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    ask(enter(browser, jane))
    old, new = links(world, jane.email, NEW)
    world.browser().open(old).submit("default")
    clock.forward(hours=24, seconds=1)
    assert world.browser().open(new).status == 400
    assert address(world, jane) == (jane.email, True)
    browser.open("/account")
    assert NEW not in browser.shown.text


def test_only_the_newest_change_counts(world: World, browser: Browser, jane: Person) -> None:
    ask(enter(browser, jane))
    first = links(world, jane.email, NEW)
    browser.open("/account")
    ask(browser, "other@example.org")
    for link in first:
        assert world.browser().open(link).status == 400


@row("J9")
def test_nobody_learns_whose_an_address_is(world: World, browser: Browser, jane: Person) -> None:
    """Neither on the page nor by the clock of mails: that it is taken is said to its own reader."""
    other = world.user("other@example.com")
    ask(enter(browser, jane), other.email)
    assert "Check your email" in browser.shown.text
    old, new = links(world, jane.email, other.email)
    world.browser().open(old).submit("default")
    reader = world.browser().open(new).submit("default")
    assert reader.status == 409
    assert "another account" in reader.shown.text
    assert address(world, jane) == (jane.email, True)
    assert address(world, other)[0] == other.email


@pytest.mark.parametrize(
    ("typed", "says"), [("nonsense", "email address"), ("JANE@example.com", "already"), ("", "email address")]
)
def test_what_is_no_other_address_is_refused(
    world: World, browser: Browser, jane: Person, typed: str, says: str
) -> None:
    enter(browser, jane)
    ask(browser, typed)
    assert browser.status == 400
    assert says in browser.shown.text
    assert world.mails(jane.email) == []


def test_refused_domains_are_refused_here_too(world: World, browser: Browser, jane: Person) -> None:
    world.settings(refused_email_domains=["throwaway.example"])
    ask(enter(browser, jane), "jane@throwaway.example")
    assert browser.status == 400


@row("I11")
def test_mails_to_strangers_have_a_limit(world: World, browser: Browser, jane: Person) -> None:
    enter(browser, jane)
    for number in range(5):
        browser.open("/account")
        ask(browser, f"stranger{number}@example.net")
        assert browser.status == 200
    browser.open("/account")
    ask(browser, "stranger9@example.net")
    assert browser.status == 429
    assert world.mails("stranger9@example.net") == []


def test_an_address_nobody_confirmed_is_not_asked(world: World, browser: Browser) -> None:
    person = world.user("typo@example.cmo", verified=False)
    ask(enter(browser, person))
    assert world.mails(person.email) == []
    (new,) = links(world, NEW)
    world.browser().open(new).submit("default")
    assert address(world, person) == (NEW, True)


def test_a_new_password_ends_it(world: World, browser: Browser, jane: Person) -> None:
    ask(enter(browser, jane))
    old, new = links(world, jane.email, NEW)
    browser.open("/account").submit("change-password", current_password=jane.password, password="Another 7 long words")
    browser.open("/account")
    assert NEW not in browser.shown.text
    for link in (old, new):
        assert world.browser().open(link).status == 400
