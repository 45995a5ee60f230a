"""Rows I4 and I5 per account: guesses that come from everywhere, the mails about them, and the owner's ways back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection.brute_force import Counted
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.templates import CONNECTION
from tests.world.world import PASSWORD, Person, World


def guesses(world: World, name: str, addresses: Iterable[str], account: str | None = None) -> list[bool]:
    """Whether a wrong password from each of these addresses was looked at."""
    with world.context() as work:
        return [
            brute_force.attempt(replace(work, ip=each), Counted(name, account or name), CONNECTION).allowed
            for each in addresses
        ]


def many(number: int) -> Iterator[str]:
    """That many addresses of as many networks."""
    return (f"10.{each // 250}.{each % 250}.7" for each in range(number))


@row("I4")
@on_both_stores
def test_an_account_is_guessed_at_less_than_a_hundred_times_a_day(world: World, jane: Person, clock: Clock) -> None:
    assert sum(guesses(world, jane.email, many(250))) == 90
    clock.forward(hours=23)
    assert not any(guesses(world, jane.email, many(20)))
    clock.forward(hours=2)
    assert sum(guesses(world, jane.email, many(250))) == 90


@row("I4")
@pytest.mark.parametrize("mode", ["count_per_identifier", "count_per_identifier_and_ip"])
def test_no_setting_allows_more_than_a_hundred(world: World, jane: Person, mode: str) -> None:
    world.brute_force(max_attempts=100, mode=mode)
    assert sum(guesses(world, jane.email, ["198.51.100.7"] * 130)) == 90


@row("I4")
def test_a_network_is_one_caller_however_many_addresses_it_has(world: World, browser: Browser, jane: Person) -> None:
    app, statuses = world.client(), []
    for number in range(13):
        browser.address = f"2001:db8:1:2:{number:x}::{number:x}"
        app.begin(browser)
        browser.submit(username=jane.email, password="wrong")
        statuses.append(browser.status)
    assert statuses == [400] * 10 + [429] * 3
    elsewhere = world.browser(address="2001:db8:1:3::1")
    assert app.sign_in(elsewhere, jane)


@row("I4")
def test_every_name_of_an_account_counts_for_it(world: World) -> None:
    world.connection_options(requires_username=True)
    person = world.user("sam@example.com", username="sam")
    app = world.client()
    allowed = [
        guesses(world, ("sam", person.email)[n % 2], [each], person.email)[0] for n, each in enumerate(many(120))
    ]
    assert sum(allowed) == 90
    stranger = world.browser()
    app.begin(stranger)
    stranger.submit(username="Sam", password=person.password)
    assert stranger.status == 429
    management = world.management()
    for by in ("identifier=sam", "identifier=sam@example.com"):
        found = management.get(f"/user-blocks?{by}")["blocked_for"]
        assert [block for block in found if "ip" not in block], "the block of the account has no address"
    management.delete("/user-blocks?identifier=sam")
    assert app.sign_in(world.browser(address="203.0.113.77"), person)


@row("I4", "I6")
@on_both_stores
def test_a_success_takes_back_its_own_try_alone(world: World, jane: Person) -> None:
    guesses(world, jane.email, many(89))
    app = world.client()
    for number in range(3):
        assert app.sign_in(world.browser(address=f"192.0.2.{number}"), jane)
    assert guesses(world, jane.email, ["192.0.2.50", "192.0.2.51"]) == [True, False]


@row("I4")
def test_the_exempt_stay_exempt(world: World, jane: Person) -> None:
    world.brute_force(allowlist=["10.0.0.0/8"])
    assert all(guesses(world, jane.email, many(150)))


@row("I5")
def test_strangers_cannot_use_up_the_tries_of_the_owners_own_network(
    world: World, browser: Browser, jane: Person
) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    guesses(world, jane.email, many(250))
    stranger = world.browser(address="192.0.2.9")
    app.begin(stranger)
    stranger.submit(username=jane.email, password=jane.password)
    assert stranger.status == 429
    assert "different places" in stranger.shown.text
    assert "day" in stranger.shown.text or "24 hours" in stranger.shown.text
    assert app.sign_in(world.browser(), jane), "where the owner signed in from last"
    home = [browser.address] * 30
    assert sum(guesses(world, jane.email, home)) == 10, "a hundred in all"


@row("I5")
@on_both_stores
def test_nor_those_of_somebody_without_an_address(world: World, browser: Browser) -> None:
    """Who has a username alone gets no mail either: the way in from home is the only one."""
    world.connection_options(requires_username=True)
    body = {"connection": CONNECTION, "username": "sam", "password": PASSWORD}
    made = world.caller("create:users").post("/users", body).json or {}
    sam = Person(made["user_id"], "sam", PASSWORD, made["user_id"].partition("|")[2])
    app = world.client()
    assert app.sign_in(browser, sam)
    guesses(world, "sam", many(250))
    stranger = world.browser(address="192.0.2.9")
    app.begin(stranger)
    stranger.submit(username="sam", password=PASSWORD)
    assert stranger.status == 429
    assert app.sign_in(world.browser(), sam), "where the owner signed in from last"


@row("I5")
@on_both_stores
def test_nor_those_of_an_account_that_is_linked_to_another(world: World, browser: Browser, jane: Person) -> None:
    second = world.user("jane@work.example")
    api, app = world.caller(), world.client()
    linked = api.post(f"/users/{jane.user_id}/identities", {"provider": "auth0", "user_id": second.account_id})
    assert linked.status_code == 201, linked.json
    assert app.sign_in(browser, second)
    guesses(world, second.email, many(250))
    assert app.sign_in(world.browser(), second), "where the owner signed in from last"


@row("I5")
def test_the_owner_unlocks_the_whole_account_by_the_link(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    guesses(world, jane.email, many(89))
    for address in ("192.0.2.1", "192.0.2.2"):
        browser.address = address
        app.begin(browser)
        browser.submit(username=jane.email, password="wrong")
    (mail,) = world.mails(jane.email)
    assert "different places" in mail.text
    owner = world.browser(address="203.0.113.5")
    app.begin(owner)
    owner.submit(username=jane.email, password=jane.password)
    assert owner.status == 429
    reader = world.browser()
    (link,) = [link for link in mail.links if "/u/unblock" in link]
    reader.open(link).submit()
    owner.submit(username=jane.email, password=jane.password)
    assert owner.left_for is not None
    reader.open(link)
    assert "Already unlocked" in reader.shown.text


@row("I5")
def test_each_block_is_one_mail(world: World, browser: Browser, jane: Person) -> None:
    app = world.client()
    for address in ("192.0.2.1", "192.0.2.2"):
        browser.address = address
        app.begin(browser)
        for _ in range(13):
            browser.submit(username=jane.email, password="wrong")
    assert len(world.mails(jane.email)) == 2


@row("I5")
def test_mails_about_blocks_have_an_end(world: World, browser: Browser, jane: Person) -> None:
    world.brute_force(max_attempts=1)
    app = world.client()
    for address in many(13):
        browser.address = address
        app.begin(browser)
        browser.submit(username=jane.email, password="wrong")
    assert len(world.mails(jane.email)) == 10


@row("I5")
def test_the_page_says_how_long_and_so_does_the_header(world: World, browser: Browser, jane: Person) -> None:
    world.client().begin(browser)
    for _ in range(11):
        browser.submit(username=jane.email, password="wrong")
    assert "30 days" in browser.shown.text
    assert browser.response is not None
    assert 0 < int(browser.response.headers["Retry-After"]) <= 30 * 86_400


@contextmanager
def asking(world: World, browser: Browser, name: str) -> Iterator[Browser]:
    """On the page that says where to look."""
    world.client().begin(browser, screen_hint="reset-password")
    browser.submit(username=name)
    assert browser.path == "/u/reset-password/email-sent"
    yield browser


def links(world: World, person: Person) -> list[str]:
    """Reset links, newest first."""
    return [link for mail in world.mails(person.email) for link in mail.links if "/u/reset-verify" in link]


def good(world: World, link: str) -> bool:
    """Whether a link still leads to a new password."""
    return world.browser().open(link).status == 200


@row("I5")
@on_both_stores
def test_nobody_takes_the_owners_reset_away(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    with asking(world, browser, jane.email):
        mine = links(world, jane)[0]
    for number in range(16):
        with asking(world, world.browser(address=f"192.0.2.{number % 8}"), jane.email):
            clock.forward(seconds=10)
    sent = links(world, jane)
    assert len(sent) <= 11, "strangers fill no mailbox"
    assert good(world, mine), "the link that the owner asked for stays good"
    assert good(world, sent[0]), "so does the newest"
    with asking(world, world.browser(address="203.0.113.200"), jane.email):
        assert any(good(world, link) for link in links(world, jane)), "and from anywhere there is a way"
    world.browser().open(mine).submit(password=f"{PASSWORD} anew")
    assert not any(good(world, link) for link in links(world, jane) if link != links(world, jane)[0])


@row("I5")
def test_a_neighbour_in_the_same_network_cannot_either(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    for _ in range(13):
        with asking(world, world.browser(), jane.email):
            clock.forward(seconds=31)
    assert good(world, links(world, jane)[0])


@row("I5")
def test_an_administrators_link_is_not_made_void_by_whoever_asks(world: World, browser: Browser, jane: Person) -> None:
    made = world.management().post("/tickets/password-change", {"user_id": jane.user_id})["ticket"]
    with asking(world, browser, jane.email):
        assert good(world, made)
        assert good(world, links(world, jane)[0])
