"""User search: a golden table of queries (spec/search.md)."""

from __future__ import annotations

import pytest

from tests.api_v2.test_users import create
from tests.world.management import Api

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


def test_a_search_that_takes_too_long_is_503(people: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("idp.directory.users.api.SEARCH_SECONDS", -1.0)
    monkeypatch.setattr("idp.foundation.db.time_limit._STEPS_BETWEEN_LOOKS", 1)
    answer = people.get("/users", q="name:*ohn*")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    monkeypatch.undo()
    assert people.get("/users", q="name:*ohn*").status_code == 200
