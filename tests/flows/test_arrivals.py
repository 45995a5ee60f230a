"""Who arrives from a source of accounts: the profile that is kept of them, and ids that nobody can have
(docs/decisions/0071, 0072).
"""

from __future__ import annotations

from typing import Any

import pytest

from idp.directory.connections import service as connections
from idp.directory.users.provision import FoundUser
from idp.directory.users.service import arrival
from idp.foundation.tenancy.work import Work
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.sources import (
    REDIRECT,
    StubRedirect,
    come_back,
    come_back_as,
    connect,
    users,
)
from tests.world.world import World

pytestmark = pytest.mark.usefixtures("source_stubs")


@row("V1", "V2")
@pytest.mark.parametrize(
    ("sync", "first", "later"),
    [
        ("on_each_login", "One", "Two"),
        ("on_first_login", "One", "One"),
        ("never_on_login", "jane@source.example", "jane@source.example"),
    ],
)
def test_the_cached_profile_follows_the_source(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, sync: str, first: str, later: str
) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id, set_user_root_attributes=sync)
    seen = []
    for name in ("One", "Two"):
        profile = {
            "name": name,
            "locale": "en",
            "email_verified": True,
            "blocked": True,
            "user_id": "x",
            "app_metadata": 1,
        }
        monkeypatch.setattr(StubRedirect, "profile", profile)
        app.begin(browser, connection="stub-social", prompt="login")
        come_back(browser)
        (user,) = users(world)
        seen.append(user.name)
        assert (user.user_id, user.blocked, user.app_metadata, user.email_verified) == (
            "stub-social|acc-1",
            False,
            None,
            True,
        )
        assert user.profile == {"locale": "en"}
    assert seen == [first, later]


def test_a_blocked_user_stays_out(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.begin(browser, connection="stub-social")
    come_back(browser)
    world.change_user("stub-social|acc-1", blocked=True)
    browser.jar.kept.clear()
    app.begin(browser, connection="stub-social")
    come_back(browser)
    assert browser.answer.error == "unauthorized"


def test_the_account_page_is_reached_that_way(world: World, browser: Browser) -> None:
    connect(world, REDIRECT, world.client().client_id)
    browser.open("/account")
    browser.follow("connection-stub-social")
    come_back(browser)
    assert browser.path == "/account"


def test_what_administrators_wrote_into_the_profile_stays(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrival, "OURS", arrival.OURS | {"department"})
    monkeypatch.setattr(StubRedirect, "profile", {"locale": "en", "department": "the source's"})
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    for written in ({"locale": "en"}, {"locale": "en", "department": "Sales"}):
        app.begin(browser, connection="stub-social", prompt="login")
        come_back(browser)
        (user,) = users(world)
        assert user.profile == written
        world.change_user(user.user_id, profile={"locale": "de", "department": "Sales"})


@on_both_stores
@pytest.mark.parametrize(
    "profile",
    [
        {"name": "N" * 4000, "given_name": "G" * 4000, "nickname": "x" * 4000, "username": "u" * 4000},
        {"name": {"first": "Jane"}, "family_name": ["a"], "phone_number": 17, "phone_verified": "yes"},
        {"name": "a\x00b", "given_name": "", "picture": "javascript:alert(1)", "x": {"y": ["a\x00b"]}},
    ],
    ids=["long", "of another type", "unspeakable"],
)
def test_what_a_source_says_of_somebody_keeps_nobody_out(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch, profile: dict[str, Any]
) -> None:
    """Whoever runs the source chooses it: what is no such attribute counts as not said, today and at later sign-ins."""
    monkeypatch.setattr(StubRedirect, "profile", profile)
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    for _ in range(2):
        attempt = app.begin(browser, prompt="login")
        browser.follow("connection-stub-social")
        come_back(browser)
        assert attempt.tokens(browser.answer).id_claims["name"] == "jane@source.example"
    (user,) = users(world)
    assert (user.given_name, user.family_name, user.phone_number, user.username) == (None, None, None, None)
    assert (user.picture or "").startswith("https://")


@on_both_stores
def test_whoever_loses_the_race_to_arrive_first_is_the_same_user(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tabs at once: neither finds a user, the unique key decides, and the other one looks again."""
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    before: list[bool] = []

    def nobody_yet(work: Work, connection_id: str, account_id: str) -> FoundUser | None:
        return None if before and before.pop() else by_identity(work, connection_id, account_id)

    by_identity = arrival.provision.by_identity
    for each in (browser, world.browser()):
        attempt = app.begin(each)
        each.follow("connection-stub-social")
        if each is not browser:
            before[:] = [True]
            monkeypatch.setattr(arrival.provision, "by_identity", nobody_yet)
        come_back(each)
        assert attempt.tokens(each.answer).id_claims["sub"] == "stub-social|acc-1"
    assert len(users(world)) == 1


@pytest.mark.parametrize("account_id", ["x" * 256, "a\x00b", ""], ids=["long", "unspeakable", "empty"])
def test_an_account_without_a_usable_id_is_refused_in_words(world: World, browser: Browser, account_id: str) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    app.begin(browser)
    browser.follow("connection-stub-social")
    come_back_as(browser, account_id)
    assert (browser.answer.error, users(world)) == ("access_denied", [])


def test_an_id_of_another_connection_of_the_strategy_is_refused_in_words(world: World, browser: Browser) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    members = {"name": "second", "strategy": REDIRECT.name, "enabled_clients": [app.client_id]}
    with world.writing() as work:
        connections.create(work, members)
    app.begin(browser)
    browser.follow("connection-stub-social")
    come_back(browser)
    other = world.browser()
    app.begin(other)
    other.follow("connection-second")
    come_back(other)
    assert other.answer.error == "access_denied"
    assert len(users(world)) == 1


@row("CO8")
def test_an_address_is_nobodys_identity(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    app = world.client()
    owner = world.user(email="jane@source.example")
    connect(world, REDIRECT, app.client_id)
    monkeypatch.setattr(StubRedirect, "profile", {"email_verified": True})
    for account_id in ("acc-1", owner.user_id, "jane@source.example"):
        browser.jar.kept.clear()
        attempt = app.begin(browser, connection="stub-social")
        come_back(browser, code=account_id)
        assert attempt.tokens(browser.answer).id_claims["sub"] == f"stub-social|{account_id}"
    assert len(users(world)) == 3, "the same address, and each of them somebody of their own"


@row("V4")
def test_what_a_source_says_is_shown_as_text(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id)
    monkeypatch.setattr(StubRedirect, "profile", {"name": "<script>alert(1)</script>"})
    app.begin(browser, connection="stub-social")
    come_back(browser)
    assert browser.answer.code
    browser.open("/account")
    assert browser.response is not None
    page = browser.response.get_data(as_text=True)
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_attributes_that_are_never_stored(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    app = world.client()
    connect(world, REDIRECT, app.client_id, non_persistent_attrs=["department", "given_name"])
    monkeypatch.setattr(StubRedirect, "profile", {"given_name": "Jane", "department": "Secret", "family_name": "Doe"})
    for _ in range(2):
        app.begin(browser, connection="stub-social", prompt="login")
        come_back(browser)
        (user,) = users(world)
        assert (user.given_name, user.family_name) == (None, "Doe")
        assert "department" not in user.profile
