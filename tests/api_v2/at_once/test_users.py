"""What an administrator does to a user holds for every request begun after the answer, in any process (contract.md
section 6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Text, cast, func, or_, select

from idp.foundation.db.schema import metadata
from idp.signin.attack_protection import brute_force
from idp.signin.attack_protection.brute_force import Counted
from idp.tenant.audit import log
from tests.world.application import Application, Tokens
from tests.world.browser import Browser
from tests.world.fixtures import on_both_stores
from tests.world.management import Management
from tests.world.templates import CONNECTION
from tests.world.world import API, Person, World

SCOPE = "openid profile email offline_access read:things"
NEW_PASSWORD = "another 9 Good phrase"
KEPT = {"logs", "outbox"}
"""Tables that may mention a user who is gone: what happened, and logout tokens that are still to be sent."""
pytestmark = on_both_stores


@dataclass
class SignedIn:
    """Jane signed in: an application with tokens here, and the same seen from the other process."""

    person: Person
    app: Application
    browser: Browser
    tokens: Tokens
    there: Application
    browser_there: Browser

    def works(self) -> dict[str, bool]:
        """Which of the things that were opened still open something, asked of the other process."""
        self.there.begin(self.browser_there, prompt="none")
        return {
            "session": self.browser_there.answer.error is None,
            "refresh token": self.there.refresh(self.tokens.refresh_token).status_code == 200,
            "access token": self.there.userinfo(self.tokens.access_token).status_code == 200,
            "introspection": bool(self.there.introspect(self.tokens.refresh_token)["active"]),
        }


ALL = {"session": True, "refresh token": True, "access token": True, "introspection": True}
NOTHING = dict.fromkeys(ALL, False)


@pytest.fixture
def management(world: World) -> Management:
    return world.management()


@pytest.fixture
def signed_in(world: World, elsewhere: World, browser: Browser, jane: Person) -> SignedIn:
    world.api()
    refresh = {"rotation_type": "non-rotating", "expiration_type": "non-expiring"}
    grants = ["authorization_code", "refresh_token"]
    app = world.client(grant_types=grants, refresh_token=refresh)
    tokens = app.sign_in(browser, jane, scope=SCOPE, audience=API)
    made = SignedIn(
        jane, app, browser, tokens, replace(app, world=elsewhere), replace(browser, world=elsewhere, page=None)
    )
    assert made.works() == ALL, "the other process has read everything by now"
    log.batch.flush()  # what waits to be written is of somebody who is still there
    return made


def path(person: Person) -> str:
    return f"/users/{person.user_id.replace('|', '%7C')}"


def sign_in_again(app: Application, person: Person, password: str) -> str | None:
    """None when it works, else the page or the error that came instead."""
    fresh = app.world.browser()
    app.begin(fresh)
    fresh.submit(username=person.email, password=password)
    return (
        None
        if fresh.left_for and "code" in fresh.answer.params
        else (fresh.answer.error if fresh.left_for else fresh.path)
    )


def ticket(management: Management, person: Person) -> str:
    made = management.post("/tickets/password-change", {"user_id": person.user_id})["ticket"]
    return str(made)


def good(world: World, url: str) -> bool:
    """Whether the page behind a ticket still asks for a new password."""
    shown = world.browser().open(url)
    return shown.status == 200 and any("password" in form.fields for form in shown.shown.forms)


def test_blocking(management: Management, signed_in: SignedIn) -> None:
    management.patch(path(signed_in.person), {"blocked": True})
    assert signed_in.works() == NOTHING
    assert sign_in_again(signed_in.there, signed_in.person, signed_in.person.password) == "unauthorized"
    management.patch(path(signed_in.person), {"blocked": False})
    assert signed_in.works() == NOTHING, "what was ended stays ended"
    assert sign_in_again(signed_in.there, signed_in.person, signed_in.person.password) is None


def test_blocking_twice_ends_nothing_twice(management: Management, signed_in: SignedIn, world: World) -> None:
    app = signed_in.app
    world.change_client(
        app.client_id,
        oidc_logout={
            "backchannel_logout_urls": ["https://app.example.test/logout"],
            "backchannel_logout_initiators": {"mode": "all"},
        },
    )
    for _ in range(2):
        management.patch(path(signed_in.person), {"blocked": True})
    assert waiting(world) == 1


def waiting(world: World) -> int:
    table = metadata().tables["outbox"]
    with world.platform.db.engine.connect() as connection:
        statement = select(func.count()).select_from(table).where(table.c.task == "backchannel_logout.send")
        return int(connection.execute(statement).scalar_one())


def test_a_new_password(management: Management, signed_in: SignedIn, elsewhere: World) -> None:
    link = ticket(management, signed_in.person)
    assert good(elsewhere, link)
    management.patch(path(signed_in.person), {"password": NEW_PASSWORD})
    assert signed_in.works() == NOTHING
    assert not good(elsewhere, link)
    assert sign_in_again(signed_in.there, signed_in.person, signed_in.person.password) == "/u/login"
    assert sign_in_again(signed_in.there, signed_in.person, NEW_PASSWORD) is None


@pytest.mark.parametrize(("change", "blocked"), [({}, True), ({"blocked": True}, True), ({"blocked": False}, False)])
def test_a_new_password_leaves_the_block_as_it_is(
    management: Management, signed_in: SignedIn, change: dict[str, Any], blocked: bool
) -> None:
    management.patch(path(signed_in.person), {"blocked": True})
    shown = management.patch(path(signed_in.person), {"password": NEW_PASSWORD, **change})
    assert shown.get("blocked", False) is blocked
    assert sign_in_again(signed_in.there, signed_in.person, NEW_PASSWORD) == ("unauthorized" if blocked else None)


def counted(person: Person) -> Counted:
    return Counted(person.email, person.email)


def test_a_new_password_lifts_the_lockout(management: Management, signed_in: SignedIn, elsewhere: World) -> None:
    with elsewhere.context() as ctx:
        for _ in range(10):
            brute_force.attempt(replace(ctx, ip="198.51.100.7"), counted(signed_in.person), CONNECTION)
    assert management.get(f"/user-blocks/{signed_in.person.user_id}")["blocked_for"]
    assert sign_in_again(signed_in.there, signed_in.person, signed_in.person.password) == "/u/login"
    management.patch(path(signed_in.person), {"password": NEW_PASSWORD})
    assert management.get(f"/user-blocks/{signed_in.person.user_id}") == {"blocked_for": []}
    assert sign_in_again(signed_in.there, signed_in.person, NEW_PASSWORD) is None


def test_no_password_is_no_change(management: Management, signed_in: SignedIn) -> None:
    management.patch(path(signed_in.person), {"password": None, "nickname": "J"})
    assert signed_in.works() == ALL


def test_a_new_address(management: Management, signed_in: SignedIn, elsewhere: World) -> None:
    link = ticket(management, signed_in.person)
    management.patch(path(signed_in.person), {"email": "new@example.com"})
    assert not good(elsewhere, link)
    assert signed_in.works() == {**ALL, "session": False}
    assert sign_in_again(signed_in.there, signed_in.person, signed_in.person.password) == "/u/login"
    renamed = replace(signed_in.person, email="new@example.com")
    assert sign_in_again(signed_in.there, renamed, renamed.password) is None


def test_deleting(management: Management, signed_in: SignedIn, elsewhere: World, world: World) -> None:
    person = signed_in.person
    link = ticket(management, person)
    with elsewhere.context() as ctx:
        brute_force.attempt(ctx, counted(person), CONNECTION)
    assert len(mentioning(world, person)) > 6
    management.delete(path(person))
    assert signed_in.works() == NOTHING
    assert not good(elsewhere, link)
    assert sign_in_again(signed_in.there, person, person.password) == "/u/login"


def test_no_row_mentions_a_deleted_user(management: Management, signed_in: SignedIn, world: World) -> None:
    person = signed_in.person
    ticket(management, person)
    before = mentioning(world, person)
    assert {"users", "identities", "sessions", "authorizations", "one_time", "database_accounts"} <= before
    management.delete(path(person))
    assert mentioning(world, person) <= KEPT
    again = management.post(
        "/users",
        {"connection": CONNECTION, "email": person.email, "password": NEW_PASSWORD, "user_id": person.account_id},
    )
    assert again["user_id"] == person.user_id
    assert signed_in.works() == NOTHING, "the next user of that id inherits nothing"


def test_deleting_the_account_of_a_connection(management: Management, signed_in: SignedIn, world: World) -> None:
    management.delete(f"/connections/{world.connection_id}/users?email={signed_in.person.email}")
    assert signed_in.works() == NOTHING
    assert mentioning(world, signed_in.person) <= KEPT


def test_deleting_the_connection(management: Management, signed_in: SignedIn, world: World) -> None:
    management.delete(f"/connections/{world.connection_id}")
    assert signed_in.works() == NOTHING
    assert mentioning(world, signed_in.person) <= KEPT


def mentioning(world: World, person: Person) -> set[str]:
    """Tables with a row that holds the user's id, account id or address anywhere; sign-ins under way end by
    themselves.
    """
    found = set()
    needles = (person.user_id, person.account_id, person.email)
    with world.platform.db.engine.connect() as connection:
        for table in metadata().sorted_tables:
            columns = [cast(column, Text) for column in table.columns]
            hit = or_(*(column.contains(needle) for column in columns for needle in needles))
            statement = select(func.count()).select_from(table).where(hit)
            if table.name == "one_time":
                statement = statement.where(table.c.subject.is_not(None))
            if connection.execute(statement).scalar_one():
                found.add(table.name)
    return found
