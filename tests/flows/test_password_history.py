"""Passwords that a connection remembers are refused wherever a new one is chosen (spec: Password policy, history)."""

from __future__ import annotations

import pytest

from tests.world.browser import Browser
from tests.world.world import Person, World

PASSWORDS = ["the First passphrase 1", "the Second passphrase 2", "the Third passphrase 3"]


def reset(world: World, browser: Browser, person: Person, password: str) -> bool:
    """By a link; whether it was taken."""
    link = world.management().post("/tickets/password-change", {"user_id": person.user_id})["ticket"]
    browser.open(link).submit(password=password)
    return browser.status == 200


def change(world: World, person: Person, password: str) -> bool:
    """By an administrator."""
    return world.management()("PATCH", f"/users/{person.user_id}", {"password": password}).status_code == 200


@pytest.mark.parametrize("by", ["link", "administrator"])
def test_the_last_ones_are_refused_and_older_ones_come_back(
    world: World, browser: Browser, jane: Person, by: str
) -> None:
    world.connection_options(password_history={"enable": True, "size": 2})

    def take(password: str) -> bool:
        return reset(world, browser, jane, password) if by == "link" else change(world, jane, password)

    assert not take(jane.password), "the current one"
    assert [take(password) for password in PASSWORDS] == [True] * 3
    assert not take(PASSWORDS[2])
    assert not take(PASSWORDS[1])
    assert take(PASSWORDS[0])


def test_the_account_page_says_so_in_words(world: World, browser: Browser, jane: Person) -> None:
    world.connection_options(password_history={"enable": True, "size": 5})
    browser.open("/account")
    browser.submit(username=jane.email, password=jane.password)
    browser.submit("change-password", current_password=jane.password, password=jane.password)
    assert browser.status == 400
    assert "used this password before" in browser.shown.text
    browser.submit("change-password", current_password=jane.password, password=PASSWORDS[0])
    assert browser.status == 200


def test_ways_share_one_memory(world: World, browser: Browser, jane: Person) -> None:
    world.connection_options(password_history={"enable": True, "size": 3})
    assert change(world, jane, PASSWORDS[0])
    assert reset(world, browser, jane, PASSWORDS[1])
    assert not change(world, jane, PASSWORDS[0])
    assert not reset(world, browser, jane, jane.password)


def test_without_the_setting_nothing_is_kept_or_refused(world: World, browser: Browser, jane: Person) -> None:
    assert change(world, jane, PASSWORDS[0])
    assert reset(world, browser, jane, PASSWORDS[0])
    with world.platform.db.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT password_history FROM database_accounts").scalars().all()
    assert set(found) == {None}


def test_switching_it_off_forgets_at_the_next_change(world: World, jane: Person) -> None:
    world.connection_options(password_history={"enable": True, "size": 5})
    assert change(world, jane, PASSWORDS[0])
    world.connection_options(password_history={"enable": False, "size": 5})
    assert change(world, jane, PASSWORDS[1])
    with world.platform.db.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT password_history FROM database_accounts").scalars().all()
    assert set(found) == {None}
