"""User search: a golden table of queries (spec/search.md)."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from idp.directory.users import service as users
from tests.api_v2.test_users import create
from tests.counterparts.postgres import PrivatePostgres
from tests.counterparts.program import ROOT
from tests.world.management import Api
from tests.world.templates import BARE, Databases
from tests.world.world import World

PEOPLE = {
    "jane": {
        "name": "Jane Smith",
        "nickname": "js",
        "user_metadata": {"size": 13, "on": True, "addresses": [{"city": "Paris"}]},
    },
    "john": {
        "name": "John Doe",
        "given_name": "John",
        "email_verified": True,
        "app_metadata": {"plan": {"tier": "gold"}},
    },
    "johnny": {"name": "Johnny B", "blocked": True, "user_metadata": {"size": "13", "tags": ["a", "b"], "empty": {}}},
    "usa": {"name": "Made in USA", "family_name": "O'Brien", "user_metadata": {"none": None, "list": []}},
}
TABLE = [
    ('name:"jane smith"', "jane"),
    ("name:jane", ""),
    ("name:john*", "john johnny"),
    ("name:JOHN*", "john johnny"),
    ("name:*usa", "usa"),
    ("name:*n d*", "ERROR"),
    ("name:*sa", "ERROR"),
    ("name:j?n", "ERROR"),
    ("name:john~", "ERROR"),
    ("name:/j/", "ERROR"),
    ("logins_count:>3", "ERROR"),
    ('name:("Jane Smith" OR "John Doe")', "jane john"),
    ("email:jane@example.com", "jane"),
    ("email:JANE@EXAMPLE.COM", "jane"),
    ("email.domain:example.com", "jane john johnny usa"),
    ('email.domain:"acme.com"', ""),
    ("email.domain:ex*", "jane john johnny usa"),
    ("email:jane@example.com OR email:usa@example.com", "jane usa"),
    ("email:jane@example.com email:usa@example.com", "jane usa"),
    ("name:john* AND blocked:true", "johnny"),
    ("name:john* && NOT blocked:true", "john"),
    ("name:john* AND -blocked:true", "john"),
    ("name:john* AND (email_verified:true OR blocked:true)", "john johnny"),
    ("email_verified:true", "john"),
    ("NOT email_verified:true", "jane johnny usa"),
    ("_exists_:family_name", "usa"),
    ("NOT _exists_:given_name", "jane johnny usa"),
    ("NOT _exists_:logins_count", "jane john johnny usa"),
    ("_exists_:logins_count", ""),
    ("logins_count:[0 TO 5}", "jane john johnny usa"),
    ("logins_count:{0 TO *]", ""),
    ("created_at:[2018-01-15 TO *]", "jane john johnny usa"),
    ("created_at:[* TO 2018-01-15]", ""),
    ("created_at:{2018 TO 2999-12}", "jane john johnny usa"),
    ("created_at:[x TO y]", "ERROR"),
    ("user_metadata.size:13", "jane johnny"),
    ('user_metadata.size:"13"', "johnny"),
    ("user_metadata.on:true", "jane"),
    ('user_metadata.addresses.city:"Paris"', "jane"),
    ('user_metadata.addresses.city:"paris"', ""),
    ("user_metadata.tags:b", "johnny"),
    ("app_metadata.plan.tier:gold", "john"),
    ("_exists_:user_metadata.size", "jane johnny"),
    ("_exists_:user_metadata.empty", ""),
    ("_exists_:user_metadata.none", ""),
    ("_exists_:user_metadata.list", ""),
    ("user_metadata.size:1*", "ERROR"),
    ("user_metadata.size:[1 TO 2]", "ERROR"),
    ("identities.provider:auth0", "jane john johnny usa"),
    ("identities.connection:nowhere", ""),
    ("identities.isSocial:true", ""),
    ("user_id:auth0*", "jane john johnny usa"),
    ("user_id:auth0|jane", "jane"),
    ('user_id:"auth0|jane"', "jane"),
    ("family_name:O'Brien", "usa"),
    ("jane@example.com", "jane"),
    ("password_hash:*", ""),
    ("tenant_id:default", ""),
    ("organization_id:org_x", ""),
    ("name:' OR 1=1", "ERROR"),
    ('name:"%"', ""),
    ("name:%*", ""),
    ("(", "ERROR"),
    (")", "ERROR"),
    ("AND", "ERROR"),
    ("name:", "ERROR"),
    ('name:"x', "ERROR"),
    ("name:[a", "ERROR"),
    ("(" * 30 + "a" + ")" * 30, "ERROR"),
    (" OR ".join(["a"] * 101), "ERROR"),
    ('name:"; DROP TABLE users; --"', ""),
    ('user_metadata.a"b:1', "ERROR"),
]


@pytest.fixture
def people(api: Api) -> Api:
    for name, members in PEOPLE.items():
        create(api, f"{name}@example.com", user_id=name, **members)
    return api


def test_golden_table(people: Api) -> None:
    wrong = {}
    for query, expected in TABLE:
        answer = people.get("/users", q=query)
        if answer.status_code == 400:
            found = "ERROR"
        else:
            assert answer.status_code == 200, (query, answer.json)
            found = " ".join(sorted(user["user_id"].removeprefix("auth0|") for user in answer.json))
        if found != expected:
            wrong[query] = (found, expected)
    assert wrong == {}


def test_sort_and_pages(people: Api) -> None:
    down = [user["name"] for user in people.get("/users", sort="name:-1").json]
    assert down == sorted(down, reverse=True)
    assert people.get("/users", sort="user_metadata.size:1").status_code == 400
    assert people.get("/users", sort="name").status_code == 400
    assert people.get("/users", sort="name:1; DROP").status_code == 400
    totals = people.get("/users", include_totals="true", per_page=0).json
    assert totals == {"start": 0, "limit": 0, "length": 0, "total": 4, "users": []}
    two = people.get("/users", include_totals="true", per_page=2, page=1).json
    assert {**two, "users": len(two["users"])} == {"start": 2, "limit": 2, "length": 2, "total": 4, "users": 2}
    beyond = people.get("/users", page=10, per_page=100)
    assert (beyond.status_code, (beyond.json or {})["errorCode"]) == (400, "invalid_paging")
    assert people.get("/users", search_engine="v2", q="x").status_code == 400


FOREIGN = {
    "bjork": {"name": "Björk Guðmundsdóttir", "nickname": "ÉLAN"},
    "bjork2": {"name": "BJÖRK", "given_name": "ŞULE"},
    "strasse": {"name": "Straße", "family_name": "ΣΊΣΥΦΟΣ"},
    "zhurnal": {"name": "ЖУРНАЛ", "nickname": "e\u0301tude"},
}
FOREIGN_TABLE = [
    ('name:"björk guðmundsdóttir"', "bjork"),
    ("name:BJÖRK*", "bjork bjork2"),
    ("name:*jörk*", "bjork bjork2"),
    ("name:björk", "bjork2"),
    ("name:журнал", "zhurnal"),
    ("name:Жур*", "zhurnal"),
    ("name:STRASSE", "strasse"),
    ("nickname:élan", "bjork"),
    ("nickname:ÉTUDE", "zhurnal"),
    ("given_name:şule", "bjork2"),
    ("family_name:σίσυφος", "strasse"),
    ("family_name:Σίσυφοσ", "strasse"),
    ("name:[ж TO *]", "zhurnal"),
    ("журнал", "zhurnal"),
    ("email:ÜBER@example.com", "bjork2"),
    ("name:bjork", ""),
]


def in_locale_c(server: PrivatePostgres, folder: Path) -> World:
    """A world on Postgres whose own functions know ASCII letters only."""
    name = f"locale_c_{secrets.token_hex(6)}"
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'".encode()
        )
    url = f"postgres://postgres@127.0.0.1:{server.port}/{name}"
    return World.furnished(url, BARE, folder, IDP_RATE_LIMITS="off")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.counterpart),
        pytest.param("LC_CTYPE C", marks=pytest.mark.counterpart),
    ]
)
def anywhere(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[World]:
    """A world on each kind of database there is."""
    world = (
        in_locale_c(request.getfixturevalue("postgres"), tmp_path)
        if request.param == "LC_CTYPE C"
        else World.copy(databases, BARE, request.param, tmp_path, IDP_RATE_LIMITS="off")
    )
    yield world
    world.close()


def test_names_of_any_script_are_found_whatever_their_case(anywhere: World) -> None:
    api = anywhere.caller()
    for name, members in FOREIGN.items():
        create(api, "über@example.com" if name == "bjork2" else f"{name}@example.com", user_id=name, **members)
    for query, expected in FOREIGN_TABLE:
        found = api.get("/users", q=query).json
        assert " ".join(sorted(user["user_id"].removeprefix("auth0|") for user in found)) == expected, query
    order = [user["user_id"].removeprefix("auth0|") for user in api.get("/users", sort="name:1").json]
    assert order == ["bjork2", "bjork", "strasse", "zhurnal"]


def test_a_changed_name_is_found_however_it_was_changed(anywhere: World) -> None:
    api = anywhere.caller()
    where = f"/users/{create(api, user_id='jane')['user_id']}"
    api.patch(where, {"name": "Ärmel", "nickname": "Ö"})
    assert len(api.get("/users", q="name:ÄRMEL AND nickname:ö").json) == 1
    with anywhere.context() as work, work.transaction():
        users.rename(work, "auth0|jane", "Übel")
    assert len(api.get("/users", q="name:übel").json) == 1
    assert api.get("/users", q="name:ärmel").json == []
    api.patch(where, {"nickname": None})
    assert api.get("/users", q="nickname:ö").json == []


def test_searching_works_whoever_opened_the_connection(tmp_path: Path) -> None:
    """A health check opens the pooled connection before anybody has imported the search."""
    script = """
import sys
from idp.foundation.db.engine import open_engine
engine = open_engine(sys.argv[1])
first = engine.connect()
first.exec_driver_sql("SELECT 1")
import idp.foundation.db.json_text
question = '{"path": ["a"], "values": []}'
print(first.exec_driver_sql("SELECT gatehouse_json_matches('{}', ?)", (question,)).scalar())
"""
    argv = [sys.executable, "-c", script, f"sqlite:///{tmp_path}/idp.db"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.stdout, done.returncode) == ("0\n", 0), done.stderr


def test_a_search_that_takes_too_long_is_503(people: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.directory.users.api.SEARCH_SECONDS", -1.0)
    monkeypatch.setattr("idp.foundation.db.time_limit._STEPS_BETWEEN_LOOKS", 1)
    answer = people.get("/users", q="name:*ohn*")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    monkeypatch.undo()
    assert people.get("/users", q="name:*ohn*").status_code == 200


def test_parts_of_what_a_sign_in_changes_and_numbers_too_large_for_their_column(anywhere: World) -> None:
    """Neither is in the index of parts of words, nor fits into a parameter of the column's own type."""
    jane = anywhere.user()
    anywhere.change_user(jane.user_id, last_ip="203.0.113.42", logins_count=2)
    api = Api(anywhere, anywhere.management().token)
    finds = ["last_ip:*113.42", "last_ip:203*42", "logins_count:[* TO 3000000000]", "NOT logins_count:3000000000"]
    misses = ["last_ip:*113.43", "logins_count:3000000000", "logins_count:1.5", "logins_count:[9e17 TO *]"]
    for queries, wanted in ((finds, [jane.user_id]), (misses, [])):
        for query in queries:
            answer = api.get("/users", q=query)
            assert (query, answer.status_code, [each["user_id"] for each in answer.json]) == (query, 200, wanted)


def test_parts_of_ids_mind_their_case_on_either_store(anywhere: World) -> None:
    found = anywhere.user(username="xMiddleY")
    api = Api(anywhere, anywhere.management().token)
    assert [each["user_id"] for each in api.get("/users", q="username:*Middle*").json] == [found.user_id]
    assert api.get("/users", q="username:*mIDDLE*").json == []
