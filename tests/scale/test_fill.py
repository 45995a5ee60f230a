"""``python -m tests.scale fill``: the crowd is what the product itself would have written."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.management.mount import endpoints
from idp.protocol.tokens.models import Authorization, Token
from idp.signin.sessions.models import Session, SessionClient
from idp.tenant.audit.models import LogEntry
from idp.wiring import api_modules
from tests.scale import store
from tests.scale.fill import Amounts, fill
from tests.scale.people import SOCIAL, account_id, linked, person, source
from tests.scale.samples import WEIGHTS
from tests.world.fixtures import on_both_stores
from tests.world.world import PASSWORD, Person, World

pytestmark = on_both_stores
AMOUNTS = Amounts(users=200, sessions=60, tokens=400, logs=500)
CROWD = f"auth0|{account_id(0)[:8]}%"
OWN = {
    # what is each row's own, whoever wrote it
    *("user_id", "email", "email_key", "email_folded", "name", "name_folded", "nickname", "nickname_folded", "picture"),
    *("account_id", "identity_user_id", "id", "session_id", "authorization_id", "client_id", "log_id"),
    *("secret_hash", "code_hash", "token_hash", "password_hash"),
}


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


def count(world: World, table: Any) -> int:
    with world.platform.db.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table.__tablename__}")).scalar_one())


def rows(world: World, model: Any, *where: Any) -> list[dict[str, Any]]:
    with world.platform.db.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(model.__table__).where(*where)).mappings()]


def test_as_many_as_were_asked_for(world: World) -> None:
    before = {model: count(world, model) for model in (User, Identity, DatabaseAccount, Session)}
    written = fill(world, AMOUNTS)
    assert written["users"] == 200
    assert (written["identities"], written["sessions"], written["logs"]) == (204, 60, 500)
    assert count(world, User) == before[User] + 200 + 1, "and the sample's person"
    assert written["authorizations"] == 400
    assert written["session_clients"] == 60


def test_no_connection_is_lent_again_that_knows_the_old_statistics(world: World) -> None:
    """SQLite reads them when a connection is opened."""
    world.caller().get("/users")
    before = world.platform.db.pool_slots.idle
    fill(world, AMOUNTS)
    assert before
    assert not (world.platform.db.sqlite and world.platform.db.pool_slots.idle)


def test_somebody_of_the_crowd_signs_in(world: World, patient: None) -> None:
    fill(world, AMOUNTS)
    who = person(1)
    claims = (
        world.client()
        .sign_in(world.browser(), Person(f"auth0|{who.account_id}", who.email, PASSWORD, who.account_id))
        .id_claims
    )
    assert (claims["sub"], claims["email"]) == (f"auth0|{who.account_id}", who.email)
    assert (claims["name"], claims["email_verified"]) == (f"{who.given} {who.family}", True)


def test_a_user_is_the_one_that_the_api_makes(world: World) -> None:
    """Every column, but for moments, sign-ins and what carries the person's number."""
    fill(world, Amounts(users=30))
    api = world.caller()
    made = person(12)
    (theirs,) = rows(world, User, User.user_id == f"auth0|{made.account_id}")
    (account,) = rows(world, DatabaseAccount, DatabaseAccount.account_id == made.account_id)
    (identity,) = rows(world, Identity, Identity.identity_user_id == made.account_id)
    assert api.delete(f"/users/auth0|{made.account_id}").status_code == 204
    body = {**made.attributes(), "user_id": made.account_id, "password": PASSWORD, "verify_email": False}
    answer = api.post("/users", {**body, "connection": "Username-Password-Authentication"})
    assert answer.status_code == 201, answer.json
    moments = {"created_at", "updated_at", "last_login", "last_ip", "logins_count", "signup_agent"}
    hashes = {"password_hash", "password_set_at"}
    for model, mine in ((User, theirs), (DatabaseAccount, account), (Identity, identity)):
        key = {column.name: mine[column.name] for column in model.__table__.primary_key}
        (its,) = rows(world, model, *(model.__table__.c[name] == value for name, value in key.items()))
        assert {n: v for n, v in mine.items() if n not in moments | hashes} == {
            n: v for n, v in its.items() if n not in moments | hashes
        }


@pytest.mark.parametrize("model", [Session, SessionClient, Authorization, Token])
def test_a_sign_in_left_what_one_leaves(world: World, patient: None, model: Any) -> None:
    """The same kinds of rows with the same members, for a person who does it now."""
    fill(world, Amounts(users=50, sessions=40))
    crowd = rows(world, model)
    who = person(2)
    someone = Person(f"auth0|{who.account_id}", who.email, PASSWORD, who.account_id)
    keys = {tuple(row[column.name] for column in model.__table__.primary_key) for row in crowd}
    world.client().sign_in(world.browser(), someone, scope="openid profile email offline_access")
    new = [
        row
        for row in rows(world, model)
        if tuple(row[column.name] for column in model.__table__.primary_key) not in keys
    ]
    assert {shape(row) for row in new} <= {shape(row) for row in crowd}


def shape(row: dict[str, Any]) -> tuple[Any, ...]:
    """Which columns are filled and with what: ids, hashes and moments by their lengths."""
    return tuple(
        (name, len(str(value)) if value and name in OWN - {"user_id"} else None, type(value).__name__)
        for name, value in sorted(row.items())
        if name != "user_id"
    )


def test_log_entries_are_in_order_and_of_many_types(world: World) -> None:
    fill(world, Amounts(users=50, logs=300))
    found = world.logs()
    assert {row.type for row in found} >= WEIGHTS.keys()
    crowd = found[:300]
    assert [row.date for row in crowd] == sorted(row.date for row in crowd)
    assert all("sample." not in f"{row.user_name} {row.data} {row.user_id}" for row in crowd)
    assert len({row.log_id for row in found}) == len(found)
    newest = world.caller().get("/logs", take=100).json
    assert newest[0]["log_id"] == crowd[0].log_id


def test_every_list_of_the_management_api_answers(world: World) -> None:
    fill(world, AMOUNTS)
    api = world.caller()
    lists = [each for each in endpoints(api_modules()) if each.method == "GET" and "{" not in each.path]
    assert len(lists) > 10
    once = {
        "/keys/custom-signing",
        "/emails/provider",
        "/branding/themes/default",
        "/branding/templates/universal-login",
    }
    answers = {each.path: api.get(each.path, **asked(each.path)).status_code for each in lists}
    assert {
        path: status
        for path, status in answers.items()
        if status not in {200, 501} and (path, status) not in {(each, 404) for each in once}
    } == {}
    for number in (0, 21, 24):
        user_id = api.get("/users-by-email", email=person(number).email).json[0]["user_id"]
        for path in ("", "/logs", "/sessions"):
            assert api.get(f"/users/{user_id}{path}").status_code == 200
    number = next(n for n in range(200) if linked(n) and source(n) != SOCIAL)
    assert len(api.get(f"/users/auth0|{account_id(number)}").json["identities"]) == 2


def asked(path: str) -> dict[str, str]:
    """What an endpoint must be told."""
    return {
        "/users-by-email": {"email": person(0).email},
        "/user-blocks": {"identifier": person(0).email},
        "/refresh-tokens": {"user_id": f"auth0|{account_id(0)}"},
    }.get(path, {})


def test_filling_again_adds_more(world: World) -> None:
    fill(world, Amounts(users=30, logs=100))
    fill(world, Amounts(users=30, sessions=10, logs=100))
    api = world.caller()
    assert api.get("/users-by-email", email=person(59).email).json
    assert not api.get("/users-by-email", email=person(60).email).json


def test_indexes_are_there_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Postgres also with the second process that very many rows are worth."""
    monkeypatch.setattr(store, "MANY", 1)
    monkeypatch.setattr("tests.scale.fill.APART", 1)
    before = indexes(world)
    written = fill(world, AMOUNTS)
    assert indexes(world) == before
    assert written.keys() >= {"users", "database_accounts", "sessions", "logs"}


def test_what_fails_leaves_everything_as_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Any:
        raise RuntimeError("power went")

    monkeypatch.setattr(store, "MANY", 1)
    monkeypatch.setattr("tests.scale.fill.APART", 1)
    monkeypatch.setattr("tests.scale.fill.Crowd.entries", fail)
    before = indexes(world)
    with pytest.raises(RuntimeError):
        fill(world, AMOUNTS)
    assert indexes(world) == before
    assert rows(world, Identity, Identity.user_id.like(CROWD)) == []
    assert count(world, LogEntry) < 20


def indexes(world: World) -> dict[str, list[str]]:
    seen = inspect(world.platform.db.engine)
    return {table: sorted(str(each["name"]) for each in seen.get_indexes(table)) for table in seen.get_table_names()}
