"""Every way to make, change, block and delete a user tells exactly one piece of news of its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from connectors.contract import Identity as Arrived
from idp.directory.connections import runtime as connections_now
from idp.directory.connections import service as connections
from idp.directory.users import service as users
from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.directory.users.service import deletion
from idp.foundation.queue.models import OutboxItem
from idp.processes.cli import users as users_command
from idp.signin.sessions.models import Session
from tests.world.browser import Browser
from tests.world.news import News
from tests.world.templates import CONNECTION, TENANT
from tests.world.world import PASSWORD, Person, World

NEW = "an entirely New passphrase 7"
ABOUT_USERS = {
    "UserCreated",
    "UserUpdated",
    "EmailVerified",
    "IdentifiersChanged",
    "PasswordChanged",
    "AccountReclaimed",
    "UserBlocked",
    "UserUnblocked",
    "UserDeleted",
    "UsersErased",
    "UserLinked",
    "UserUnlinked",
}
Way = Callable[[World], object]


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> News:
    return News.heard(monkeypatch)


def told(news: News) -> dict[str, int]:
    return {name: amount for name, amount in news.count().items() if name in ABOUT_USERS}


# ---- making
def by_management(world: World) -> None:
    answer = world.caller().post("/users", {"connection": CONNECTION, "email": "new@example.com", "password": PASSWORD})
    assert answer.status_code == 201, answer.json


def by_sign_up(world: World) -> None:
    browser = world.browser()
    world.client().begin(browser, screen_hint="signup")
    browser.submit(email="new@example.com", password=PASSWORD)
    assert "code" in browser.answer.params


def by_command(world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users_command, "command_settings", lambda: world.platform.settings)
        done = CliRunner().invoke(users_command.users, ["create", "new@example.com", "--name", "New"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("make", [by_management, by_sign_up, by_command])
def test_making_a_user(world: World, news: News, make: Way) -> None:
    news.forget()
    make(world)
    assert told(news) == {"UserCreated": 1}
    with world.platform.db.reading(TENANT) as session:
        row = session.scalars(select(User).where(User.email == "new@example.com")).one()
    assert news.of("UserCreated")[0].user_id == row.user_id


def test_arriving_from_a_source(world: World, news: News) -> None:
    with world.writing() as work:
        connection_id = connections.create(work, {"name": "source", "strategy": "github"}).id
    page = "https://source.example/octo"
    said = {"email": "o@example.com", "email_verified": True, "name": "Octo", "profile": page, "blocked": True}

    def arrive(**profile: object) -> dict[str, int]:
        news.forget()
        with world.context() as work, work.transaction():
            source = connections_now.find(work, connection_id)
            assert source is not None
            found = users.arrive(work, source, Arrived("1", {**said, **profile}))
        assert (found.user_id, found.blocked) == ("github|1", False)
        return told(news)

    assert arrive() == {"UserCreated": 1}
    assert arrive() == {}
    assert arrive(name="Octavia", locale="fr") == {"UserUpdated": 1}
    assert sorted(news.of("UserUpdated")[0].changed) == ["locale", "name"]
    shown = world.caller().get("/users/github|1").json or {}
    assert (shown["name"], shown["locale"], shown["profile"], shown["email_verified"]) == ("Octavia", "fr", page, True)


# ---- changing
def patch(**members: Any) -> Callable[[World, Person], None]:
    def change(world: World, jane: Person) -> None:
        answer = world.caller().patch(f"/users/{jane.user_id}", members)
        assert answer.status_code == 200, answer.json

    return change


def on_account_page(world: World, jane: Person) -> Browser:
    browser = world.browser()
    browser.open("/account")
    browser.submit(username=jane.email, password=jane.password)
    assert browser.path == "/account"
    return browser


def own_name(world: World, jane: Person) -> None:
    on_account_page(world, jane).submit("save-profile", name="Jane Newname")


def own_password(world: World, jane: Person) -> None:
    on_account_page(world, jane).submit("change-password", current_password=jane.password, password=NEW)


def forgotten_password(world: World, jane: Person) -> None:
    browser = world.browser()
    world.client().begin(browser)
    browser.follow("forgot-password-link")
    browser.submit(username=jane.email)
    link = next(link for mail in world.mails(jane.email) for link in mail.links if "/u/reset-verify" in link)
    browser.open(link).submit(password=NEW)
    assert browser.status == 200


def proven_address(world: World, jane: Person) -> None:
    made = world.caller().post("/tickets/email-verification", {"user_id": jane.user_id})
    browser = world.browser().open(made.json["ticket"])
    browser.submit()
    assert browser.status == 200


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (patch(name="J"), {"UserUpdated": 1}),
        (patch(user_metadata={"a": 1}), {"UserUpdated": 1}),
        (patch(email="b@example.com"), {"UserUpdated": 1, "IdentifiersChanged": 1}),
        (patch(email_verified=False), {"UserUpdated": 1, "IdentifiersChanged": 1}),
        (patch(password=NEW), {"UserUpdated": 1, "PasswordChanged": 1}),
        (patch(blocked=True), {"UserUpdated": 1, "UserBlocked": 1}),
        (patch(blocked=False), {"UserUpdated": 1}),
        (own_name, {"UserUpdated": 1}),
        (own_password, {"PasswordChanged": 1}),
        (forgotten_password, {"PasswordChanged": 1}),
        (proven_address, {"EmailVerified": 1}),
    ],
)
def test_changing_a_user(
    world: World, jane: Person, news: News, change: Callable[[World, Person], None], expected: dict[str, int]
) -> None:
    news.forget()
    change(world, jane)
    assert told(news) == expected
    assert {event.user_id for name in expected for event in news.of(name)} == {jane.user_id}


def test_unblocking_a_user(world: World, jane: Person, news: News) -> None:
    patch(blocked=True)(world, jane)
    news.forget()
    patch(blocked=False)(world, jane)
    assert told(news) == {"UserUpdated": 1, "UserUnblocked": 1}
    patch(blocked=True)(world, jane)
    news.forget()
    patch(password=NEW)(world, jane)
    assert told(news) == {"UserUpdated": 1, "PasswordChanged": 1}, "a new password lets nobody in again"


def test_taking_an_account_back(world: World, jane: Person, news: News) -> None:
    for resets in (True, False):
        email = f"unproven.{resets}@example.com"
        world.user(email, verified=False)
        with world.writing() as work:
            user = work.rows.scalars(select(User).where(User.email == email)).one()
            users.update(work, user.user_id, {"verify_email": True})
        news.forget()
        browser = world.browser()
        if resets:
            world.client().begin(browser, screen_hint="reset-password")
            browser.submit(username=email)
        path = "/u/reset-verify" if resets else "/u/email-verification"
        browser.open(next(link for mail in world.mails(email) for link in mail.links if path in link))
        if resets:
            browser.submit(password=NEW)
            assert told(news) == {"AccountReclaimed": 1, "EmailVerified": 1, "PasswordChanged": 1}
        else:
            browser.submit("not-me")
            assert told(news) == {"AccountReclaimed": 1, "PasswordChanged": 1}


def test_linking_and_unlinking(world: World, jane: Person, news: News) -> None:
    john, api = world.user("john@example.com"), world.caller()
    where = f"/users/{jane.user_id}/identities"
    news.forget()
    assert api.post(where, {"provider": "auth0", "user_id": john.account_id}).status_code == 201
    assert told(news) == {"UserLinked": 1}
    news.forget()
    assert api.delete(f"{where}/auth0/{john.account_id}").status_code == 200
    assert told(news) == {"UserUnlinked": 1}


# ---- deleting
def delete_user(world: World, jane: Person) -> None:
    assert world.caller().delete(f"/users/{jane.user_id}").status_code == 204


def delete_account(world: World, jane: Person) -> None:
    where = f"/connections/{world.connection_id}/users"
    assert world.caller().delete(where, email=jane.email).status_code == 204


@pytest.mark.parametrize("delete", [delete_user, delete_account])
def test_deleting_a_user(world: World, jane: Person, news: News, delete: Callable[[World, Person], None]) -> None:
    news.forget()
    delete(world, jane)
    assert told(news) == {"UserDeleted": 1, "UsersErased": 1}
    assert [(entry.type, entry.user_id) for entry in world.logs("sdu")] == [("sdu", jane.user_id)]
    delete(world, jane)
    assert told(news) == {"UserDeleted": 1, "UsersErased": 1}


def test_a_linked_account_that_is_deleted_leaves_its_user(world: World, jane: Person, news: News) -> None:
    john, api = world.user("john@example.com"), world.caller()
    api.post(f"/users/{jane.user_id}/identities", {"provider": "auth0", "user_id": john.account_id})
    news.forget()
    delete_account(world, john)
    assert told(news) == {"UserUpdated": 1}
    assert news.of("UserUpdated")[0].user_id == jane.user_id


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(deletion, "BATCH", 2)
    return


@pytest.mark.usefixtures("small_batches")
def test_the_users_of_a_connection_end_like_any_other(world: World, jane: Person, news: News) -> None:
    app = world.client(
        oidc_logout={
            "backchannel_logout_urls": ["https://app.example.test/logout"],
            "backchannel_logout_initiators": {"mode": "all"},
        }
    )
    staff = world.connection("staff", enabled=[app.client_id])
    people = [world.user(f"{n}@example.com", connection_id=staff) for n in range(5)]
    browser = world.browser()
    app.sign_in(browser, people[3], connection="staff")
    api = world.caller()
    guest = world.user("guest@example.com", connection_id=staff)
    api.post(f"/users/{jane.user_id}/identities", {"provider": "auth0", "user_id": guest.account_id})
    news.forget()
    assert api.delete(f"/connections/{staff}").status_code == 202
    assert told(news) == {"UserDeleted": 5, "UsersErased": 3, "UserUpdated": 1}
    assert Counter(event.user_id for event in news.of("UserDeleted")) == Counter(one.user_id for one in people)
    (ended,) = news.of("SessionEnded")
    assert (ended.user_id, ended.reason) == (people[3].user_id, "account-deleted")
    with world.platform.db.reading(TENANT) as session:
        assert session.scalar(select(func.count()).select_from(OutboxItem).where(OutboxItem.task.like("back%"))) == 1
        assert list(session.scalars(select(Session.user_id).where(Session.user_id != jane.user_id))) == []
        assert list(session.scalars(select(Identity.user_id).where(Identity.connection_id == staff))) == []
        left = select(func.count()).select_from(DatabaseAccount).where(DatabaseAccount.connection_id == staff)
        assert session.scalar(left) == 0
