"""Every way to begin and end a session, and to give and take consent, tells exactly one piece of news of its kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from idp.signin.sessions.models import Session
from tests.world.browser import Browser
from tests.world.news import News
from tests.world.templates import TENANT
from tests.world.world import Person, World

NEW = "an entirely New passphrase 7"
OUT = "https://app.example.test/out"


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> News:
    return News.heard(monkeypatch)


def session_of(world: World, person: Person) -> str:
    with world.platform.db.reading(TENANT) as session:
        return str(session.scalars(select(Session.id).where(Session.user_id == person.user_id)).one())


End = Callable[[World, Browser, Person], object]
"""Ends the session that the person has in the browser."""


def signs_out(world: World, browser: Browser, jane: Person) -> None:
    browser.open("/v2/logout")


def signs_out_of_account(world: World, browser: Browser, jane: Person) -> None:
    browser.open("/account").submit("sign-out")


def ends_it_from_elsewhere(world: World, browser: Browser, jane: Person) -> None:
    elsewhere = world.browser()
    elsewhere.open("/account")
    elsewhere.submit(username=jane.email, password=jane.password)
    elsewhere.submit("end-other-sessions")


def another_signs_in(world: World, browser: Browser, jane: Person) -> None:
    john = world.user("john@example.com")
    world.client().begin(browser, prompt="login")
    browser.submit(username=john.email, password=john.password)


def password_forgotten(world: World, browser: Browser, jane: Person) -> None:
    made = world.caller().post("/tickets/password-change", {"user_id": jane.user_id})
    world.browser().open(made.json["ticket"]).submit(password=NEW)


def call(method: str, path: str, json: object = None) -> End:
    def end(world: World, browser: Browser, jane: Person) -> None:
        sid = session_of(world, jane)
        answer = world.caller()(method, path.format(user=jane.user_id, session=sid), json=json)
        assert answer.status_code < 300, answer.json

    return end


def linked(world: World, browser: Browser, jane: Person) -> None:
    john = world.user("john@example.com")
    body = {"provider": "auth0", "user_id": jane.account_id}
    assert world.caller().post(f"/users/{john.user_id}/identities", body).status_code == 201


def connection_deleted(world: World, browser: Browser, jane: Person) -> None:
    assert world.caller().delete(f"/connections/{world.connection_id}").status_code == 202


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (signs_out, "rp-logout"),
        (signs_out_of_account, "rp-logout"),
        (ends_it_from_elsewhere, "session-revoked"),
        (another_signs_in, "session-expired"),
        (password_forgotten, "password-changed"),
        (call("DELETE", "/sessions/{session}"), "session-revoked"),
        (call("POST", "/sessions/{session}/revoke"), "session-revoked"),
        (call("DELETE", "/users/{user}/sessions"), "session-revoked"),
        (call("POST", "/users/{user}/revoke-access", {}), "session-revoked"),
        (call("PATCH", "/users/{user}", {"blocked": True}), "account-deactivated"),
        (call("PATCH", "/users/{user}", {"password": NEW}), "password-changed"),
        (call("PATCH", "/users/{user}", {"email": "b@example.com"}), "email-identifier-changed"),
        (call("DELETE", "/users/{user}"), "account-deleted"),
        (linked, "account-deactivated"),
        (connection_deleted, "account-deleted"),
    ],
)
def test_ending_a_session(world: World, browser: Browser, jane: Person, news: News, end: End, reason: str) -> None:
    tokens = world.client(allowed_logout_urls=[OUT]).sign_in(browser, jane)
    sid = tokens.id_claims["sid"]
    assert [(event.session_id, event.user_id) for event in news.of("SessionBegan")] == [(sid, jane.user_id)]
    end(world, browser, jane)
    assert [(event.session_id, event.reason) for event in news.of("SessionEnded")] == [(sid, reason)]
    assert tokens.userinfo().status_code == 401


def test_signing_in_again_and_metadata_change_a_session(
    world: World, browser: Browser, jane: Person, news: News
) -> None:
    app = world.client()
    app.sign_in(browser, jane)
    app.begin(browser, prompt="login")
    browser.submit(username=jane.email, password=jane.password)
    assert news.count()["SessionUpdated"] == 1
    sid = session_of(world, jane)
    assert world.caller().patch(f"/sessions/{sid}", {"session_metadata": {"a": "b"}}).status_code == 200
    assert [tuple(event.changed) for event in news.of("SessionUpdated")][1:] == [("session_metadata",)]
    assert (news.count()["SessionBegan"], news.count()["SessionEnded"]) == (1, 0)


def own_page(world: World, browser: Browser, jane: Person) -> None:
    browser.open("/account")
    browser.submit("remove")


def one_grant(world: World, browser: Browser, jane: Person) -> None:
    (grant,) = world.caller().get("/grants", user_id=jane.user_id).json
    assert world.caller().delete(f"/grants/{grant['id']}").status_code == 204


def all_grants(world: World, browser: Browser, jane: Person) -> None:
    assert world.caller().delete("/grants", user_id=jane.user_id).status_code == 204


@pytest.mark.parametrize("take_back", [own_page, one_grant, all_grants, linked])
def test_giving_and_taking_back_consent(
    world: World, browser: Browser, jane: Person, news: News, take_back: End
) -> None:
    app = world.client(is_first_party=False)
    app.sign_in(browser, jane)
    given = [(event.user_id, event.client_id) for event in news.of("UserGrantRecorded")]
    assert given == [(jane.user_id, app.client_id)]
    take_back(world, browser, jane)
    taken = [(event.user_id, event.client_id) for event in news.of("UserGrantDeleted")]
    assert taken == given
