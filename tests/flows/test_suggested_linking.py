"""Suggested linking (spec/linking.md, "Suggested linking helper" and "Security rules"; docs/decisions/0222)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.security.rows import row
from tests.world.application import Application, Attempt
from tests.world.browser import Browser
from tests.world.fixtures import Clock, on_both_stores
from tests.world.sources import REDIRECT, StubRedirect, come_back, connect, sent_state
from tests.world.world import Person, World

pytestmark = pytest.mark.usefixtures("source_stubs")
SOURCE_USER = "stub-social|acc-1"


@pytest.fixture
def app(world: World, monkeypatch: pytest.MonkeyPatch) -> Application:
    made = world.client()
    connect(world, REDIRECT, made.client_id)
    monkeypatch.setattr(StubRedirect, "profile", {"email": "jane@example.com", "email_verified": True})
    world.settings(suggest_account_linking=True)
    return made


def at_source(app: Application, browser: Browser, **params: str) -> Attempt:
    attempt = app.begin(browser, **params)
    browser.follow("connection-stub-social")
    come_back(browser)
    return attempt


def subject(attempt: Attempt, browser: Browser) -> str:
    return str(attempt.tokens(browser.answer).id_claims["sub"])


def identities(world: World, user_id: str) -> list[dict[str, Any]]:
    return list(world.caller().get(f"/users/{user_id}").json["identities"])


@row("N1")
def test_it_is_off_until_a_tenant_says_so(world: World, app: Application, jane: Person, browser: Browser) -> None:
    world.settings(suggest_account_linking=False)
    attempt = at_source(app, browser)
    assert subject(attempt, browser) == SOURCE_USER
    shown = world.management().patch("/tenants/settings", {"suggest_account_linking": None})
    assert shown["suggest_account_linking"] is False


@row("N8")
@on_both_stores
def test_signing_in_to_both_joins_them_and_the_older_account_stays(
    world: World, app: Application, jane: Person, browser: Browser
) -> None:
    attempt = at_source(app, browser)
    assert browser.path == "/u/account-linking"
    assert "jane@example.com" in browser.shown.text
    assert len(identities(world, SOURCE_USER)) == 1, "nothing is joined by an address"
    browser.submit("default")
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/account-linking"
    assert "You signed in to both" in browser.shown.text
    assert "Stays Password" in browser.shown.text
    assert "Stub Social" in browser.shown.text, "whose account it is that comes along"
    browser.submit("default")
    assert subject(attempt, browser) == jane.user_id
    assert [each["provider"] for each in identities(world, jane.user_id)] == ["auth0", "stub-social"]
    assert world.caller().get(f"/users/{SOURCE_USER}").status_code == 404
    (entry,) = world.logs("sjoin")
    assert entry.user_id == jane.user_id
    fresh = world.browser()
    assert subject(at_source(app, fresh), fresh) == jane.user_id, "either way leads to it from now on"


def test_the_other_way_round_the_session_becomes_the_older_accounts(
    world: World, app: Application, jane: Person, browser: Browser, clock: Clock
) -> None:
    """Password first, source second: the session of the account that goes away ends, and another begins."""
    world.settings(suggest_account_linking=False)
    at_source(app, world.browser())
    world.settings(suggest_account_linking=True)
    attempt = app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert "Stub Social" in browser.shown.text
    browser.submit("default")
    come_back(browser)
    browser.submit("default")
    assert subject(attempt, browser) == jane.user_id
    app.begin(browser, prompt="none")
    assert "code" in browser.answer.params


def test_not_now_goes_on_and_is_remembered_for_thirty_days(
    world: World, app: Application, jane: Person, browser: Browser, clock: Clock
) -> None:
    attempt = at_source(app, browser)
    browser.submit("skip")
    assert subject(attempt, browser) == SOURCE_USER
    for days, asked in ((29, False), (2, True)):
        clock.forward(days=days)
        fresh = world.browser()
        at_source(app, fresh)
        assert (fresh.left_for is None) is asked
    assert len(identities(world, jane.user_id)) == 1


def test_both_signed_in_to_may_stay_apart(world: World, app: Application, jane: Person, browser: Browser) -> None:
    attempt = at_source(app, browser)
    browser.submit("default")
    browser.submit(username=jane.email, password=jane.password)
    browser.submit("skip")
    assert subject(attempt, browser) == jane.user_id
    assert len(identities(world, jane.user_id)) == len(identities(world, SOURCE_USER)) == 1


def test_whoever_cancels_the_second_sign_in_goes_on_as_before(
    world: World, app: Application, jane: Person, browser: Browser
) -> None:
    attempt = at_source(app, browser)
    browser.submit("default")
    browser.submit("cancel")
    assert subject(attempt, browser) == SOURCE_USER
    assert len(identities(world, jane.user_id)) == 1


@row("N8")
def test_a_third_account_is_not_joined(world: World, app: Application, jane: Person, browser: Browser) -> None:
    other = world.user("other@example.com")
    attempt = at_source(app, browser)
    browser.submit("default")
    browser.submit(username=other.email, password=other.password)
    assert subject(attempt, browser) == other.user_id
    assert len(identities(world, other.user_id)) == 1


@row("N8")
def test_the_question_belongs_to_the_browser_that_signed_in(
    world: World, app: Application, jane: Person, browser: Browser
) -> None:
    at_source(app, browser)
    stranger = world.browser().open(browser.shown.url)
    assert stranger.status == 400
    browser.submit("default")
    browser.submit(username=jane.email, password=jane.password)
    stranger.open(browser.shown.url)
    assert stranger.status == 400


@row("N4")
@pytest.mark.parametrize("verified", [None, "true", False])
def test_both_addresses_have_to_be_proven(
    world: World, app: Application, jane: Person, browser: Browser, verified: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"email": "jane@example.com", **({} if verified is None else {"email_verified": verified})}
    monkeypatch.setattr(StubRedirect, "profile", said)
    assert subject(at_source(app, browser), browser) == SOURCE_USER


@pytest.mark.parametrize("columns", [{"email_verified": False}, {"blocked": True}])
def test_unproven_and_blocked_accounts_are_not_suggested(
    world: World, app: Application, jane: Person, browser: Browser, columns: dict[str, bool]
) -> None:
    world.change_user(jane.user_id, **columns)
    assert subject(at_source(app, browser), browser) == SOURCE_USER


def test_what_changed_between_the_pages_counts(world: World, app: Application, jane: Person, browser: Browser) -> None:
    attempt = at_source(app, browser)
    browser.submit("default")
    browser.submit(username=jane.email, password=jane.password)
    world.change_user(SOURCE_USER, blocked=True)
    browser.submit("default")
    assert len(identities(world, jane.user_id)) == 1
    assert subject(attempt, browser) == jane.user_id


def test_silent_requests_and_those_for_one_connection_are_not_held_up(
    world: World, app: Application, jane: Person, browser: Browser
) -> None:
    app.begin(browser, connection="stub-social")
    come_back(browser, state=sent_state(browser))
    assert "code" in browser.answer.params
    app.begin(browser, prompt="none")
    assert "code" in browser.answer.params


def test_accounts_of_connections_that_the_application_lacks_are_not_told_of(
    world: World, app: Application, browser: Browser
) -> None:
    partners = world.connection("partners")
    world.user("jane@example.com", connection_id=partners)
    assert subject(at_source(app, browser), browser) == SOURCE_USER


def test_what_was_declined_goes_with_the_user(world: World, app: Application, jane: Person, browser: Browser) -> None:
    at_source(app, browser)
    browser.submit("skip")
    world.caller().delete(f"/users/{SOURCE_USER}")
    fresh = world.browser()
    at_source(app, fresh)
    assert fresh.path == "/u/account-linking"
