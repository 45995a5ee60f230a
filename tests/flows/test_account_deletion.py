"""Deletion of one's own account (spec/privacy.md, "Erase"; security.md O3, K4, F5)."""

from __future__ import annotations

import threading

import pytest

from idp.directory.users import service as users
from idp.foundation.kernel.errors import NotFound
from idp.signin.login.screens.self_service import KeepAccountLink
from idp.signin.self_service import deletion
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.management import Api
from tests.world.world import Person, World

DAYS = 14


@pytest.fixture(autouse=True)
def wanted(world: World) -> None:
    world.settings(account_deletion_days=DAYS)


def enter(browser: Browser, person: Person) -> Browser:
    browser.open("/account")
    browser.submit(username=person.email, password=person.password)
    return browser


def leave(browser: Browser, person: Person) -> Browser:
    enter(browser, person).follow("delete-account-link")
    assert browser.path == "/account/deletion"
    return browser.submit("delete-account")


def erase(world: World) -> int:
    return deletion.erase_due(world.platform, world.tenant, threading.Event(), pause_s=0)


def is_there(world: World, person: Person) -> bool:
    with world.context() as work:
        try:
            users.get(work, person.user_id)
        except NotFound:
            return False
        return True


def test_everything_ends_and_the_account_is_erased_after_the_days(
    world: World, browser: Browser, jane: Person, clock: Clock
) -> None:
    elsewhere, app = world.browser(), world.client()
    tokens = app.sign_in(elsewhere, jane, scope="openid offline_access")
    leave(browser, jane)
    assert "will be deleted" in browser.shown.text
    assert app.refresh(tokens.refresh_token).status_code in (400, 403)
    app.begin(elsewhere, prompt="none")
    assert elsewhere.answer.error == "login_required"
    browser.open("/account")
    assert browser.path == "/u/login"
    assert "will be deleted" in world.mails(jane.email)[0].subject
    clock.forward(days=DAYS - 1)
    assert erase(world) == 0
    clock.forward(days=1, seconds=1)
    assert erase(world) == 1
    assert not is_there(world, jane)
    types = {entry.type for entry in world.logs()}
    assert {"account_deletion_requested", "sdu"} <= types


def test_signing_in_asks_and_undoes_it(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    leave(browser, jane)
    app = world.client()
    app.begin(browser)
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/u/keep-account"
    silent = world.browser()
    app.begin(browser, prompt="none")
    assert browser.answer.error == "interaction_required"
    app.begin(silent)
    silent.submit(username=jane.email, password=jane.password)
    silent.submit("default")
    assert silent.left_for is not None
    clock.forward(days=DAYS + 1)
    assert erase(world) == 0
    assert is_there(world, jane)
    assert "account_deletion_cancelled" in {entry.type for entry in world.logs()}


def test_the_link_of_the_mail_undoes_it_once(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    leave(browser, jane)
    link = world.mails(jane.email)[0].links[0]
    reader = world.browser().open(link)
    with world.context() as work:
        assert deletion.due_of(work, jane.user_id) is not None, "looking undoes nothing"
    reader.submit("default")
    assert "Your account stays" in reader.shown.text
    assert world.browser().open(link).status == 400
    clock.forward(days=DAYS + 1)
    assert erase(world) == 0
    assert enter(world.browser(), jane).path == "/account"


def test_whoever_is_late_by_a_moment_is_told(
    world: World, browser: Browser, jane: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(browser, jane)
    link = world.mails(jane.email)[0].links[0]
    monkeypatch.setattr("idp.signin.tickets.service.kill", lambda *_: None)
    with world.context() as work:
        assert deletion.keep(work, jane.user_id)
    monkeypatch.setattr(KeepAccountLink, "good", lambda *_: True)  # it was asked before somebody else kept it
    assert world.browser().open(link).status == 400


@row("F5")
def test_no_door_gives_tokens_meanwhile(world: World, browser: Browser, jane: Person) -> None:
    app = world.client(grant_types=["password", "authorization_code"])
    leave(browser, jane)
    answer = app.token(grant_type="password", username=jane.email, password=jane.password, scope="openid")
    assert answer.status_code in (400, 403)
    assert (answer.get_json() or {})["error"] == "invalid_grant"


@row("O3")
def test_a_stolen_session_deletes_nothing(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    enter(browser, jane)
    clock.forward(minutes=11)
    browser.open("/account").follow("delete-account-link")
    assert browser.path == "/u/login"
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/account/deletion", "on with what was wanted"
    clock.forward(minutes=11)
    browser.submit("delete-account")
    assert browser.path == "/u/login"
    assert is_there(world, jane)
    assert world.mails(jane.email) == []


def test_where_the_tenant_has_no_days_nobody_can_ask(world: World, browser: Browser, jane: Person) -> None:
    world.settings(account_deletion_days=None)
    enter(browser, jane)
    assert "Delete your account" not in browser.shown.text
    browser.open("/account/deletion")
    assert browser.status == 404


def test_an_administrator_sees_and_lifts_it(world: World, browser: Browser, jane: Person) -> None:
    api, tried = world.management(), Api(world, world.management().token)
    path = f"/users/{jane.user_id}/deletion"
    assert tried.get(path).get_json()["errorCode"] == "inexistent_deletion"
    leave(browser, jane)
    assert api.get(path)["due_at"].endswith("Z")
    api.delete(path)
    assert tried.delete(path).status_code == 404
    assert enter(world.browser(), jane).path == "/account"


def test_one_that_cannot_go_is_tried_again(
    world: World, browser: Browser, jane: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(browser, jane)
    clock.forward(days=DAYS, seconds=1)

    def refuse(_work: object, _user_id: str) -> None:
        raise NotFound("the database is away")

    with monkeypatch.context() as patched:
        patched.setattr(deletion.users, "delete", refuse)
        assert erase(world) == 0
        assert erase(world) == 0
    assert [entry.type for entry in world.logs()].count("account_deletion_failed") == 1
    clock.forward(days=1, seconds=1)
    assert erase(world) == 1
