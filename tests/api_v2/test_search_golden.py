"""The golden table of spec/search.md, Acceptance 1 and 2: forty people, more than eighty queries, and the same answers
on both stores. What a query has to find is said by a condition on the people as they were made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.world.management import Api
from tests.world.templates import BARE, Databases
from tests.world.world import World

FIRST = ("Jane", "John", "Johnny", "Ana", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hal")
LAST = ("Smith", "Doe", "Made in USA", "O'Brien")
PLANS = ("gold", "silver", "bronze")
CITIES = ("Paris", "Rome", "Oslo", "paris")
Person = dict[str, Any]
Wanted = Callable[[Person], bool] | None
ERROR = None
"""400."""


def person(n: int) -> Person:
    """Number ``n``; who is divisible by seven has no metadata."""
    metadata = {
        "n": n,
        "half": n / 2,
        "text": str(n),
        "plan": PLANS[n % 3],
        "since": f"2024-{n % 12 + 1:02}-15T10:00:00Z",
        "addresses": [{"city": CITIES[n % 4]}, {"city": "Lima"}],
        "display": {"fontSize": 10 + n % 4, "dark": n % 2 == 0},
        "tags": [f"t{n % 5}", "all"],
        "nothing": None,
        "empty": [],
        "größe": "SL"[n % 2],
        'his "nick": name': f"x{n % 2}",
    }
    return {
        "n": n,
        "email": f"u{n:02}@{'acme.com' if n % 2 else 'Example.com'}",
        "name": f"{FIRST[n % 10]} {LAST[n // 10]}",
        "given_name": FIRST[n % 10],
        "family_name": LAST[n // 10],
        "nickname": f"Nick{n}",
        "username": f"user_{n:02}" if n < 5 else None,
        "phone_number": f"+49301234{n}" if 10 <= n < 13 else None,
        "verified": n % 3 == 0,
        "blocked": n in {5, 25},
        "logins_count": n * 10,
        "last_login": _ms(2018, 1, n - 9) if n >= 20 else None,
        "last_ip": f"203.0.113.{n}" if n >= 20 else None,
        "user_metadata": None if n % 7 == 0 else metadata,
        "app_metadata": {"role": "admin" if n < 3 else "member", "seats": {"count": n}},
    }


def _ms(*day: int) -> int:
    return int(datetime(*day, 12, tzinfo=UTC).timestamp() * 1000)


PEOPLE = [person(n) for n in range(40)]


def m(p: Person, name: str) -> Any:
    """A member of ``user_metadata``."""
    return (p["user_metadata"] or {}).get(name)


def everybody(_: Person) -> bool:
    return True


def nobody(_: Person) -> bool:
    return False


def named(*first: str) -> Wanted:
    return lambda p: p["given_name"] in first


def number(*numbers: int) -> Wanted:
    return lambda p: p["n"] in numbers


TABLE: list[tuple[str, Wanted]] = [
    # exact values, and what minds case
    ('name:"jane smith"', number(0)),
    ('name:"JANE SMITH"', number(0)),
    ("name:jane", nobody),
    (r"name:jane\ smith", number(0)),
    ('given_name:"Jane"', named("Jane")),
    ("given_name:jane", named("Jane")),
    ("family_name:o'brien", lambda p: p["n"] >= 30),
    ('family_name:"made in usa"', lambda p: 20 <= p["n"] < 30),
    ("nickname:NICK7", number(7)),
    ("email:U01@ACME.COM", number(1)),
    ('email:"u02@example.com"', number(2)),
    ("username:user_03", number(3)),
    ("username:USER_03", nobody),
    ("phone_number:\\+4930123410", number(10)),
    ("last_ip:203.0.113.21", number(21)),
    ('user_metadata.plan:"gold"', lambda p: m(p, "plan") == "gold"),
    ('user_metadata.plan:"Gold"', nobody),
    ("app_metadata.role:admin", number(0, 1, 2)),
    ("app_metadata.role:ADMIN", nobody),
    # wildcards
    ("name:john*", named("John", "Johnny")),
    ("name:JOHN*", named("John", "Johnny")),
    ("name:*usa", lambda p: 20 <= p["n"] < 30),
    ("name:*smith*", lambda p: p["n"] < 10),
    ("name:j*smith", number(0, 1, 2)),
    ("name:*sa", ERROR),
    ("name:*ab", ERROR),
    ("name:*abc", nobody),
    ("name:j?n", ERROR),
    ("name:*", everybody),
    ("email:u0*", lambda p: p["n"] < 10),
    ("user_id:auth0*", everybody),
    ("username:user*", lambda p: p["username"] is not None),
    ("nickname:*ick3*", lambda p: str(p["n"]).startswith("3")),
    ("user_metadata.plan:go*", ERROR),
    ("app_metadata.role:*min", ERROR),
    # domains
    ('email.domain:"acme.com"', lambda p: p["n"] % 2 == 1),
    ("email.domain:ACME.com", lambda p: p["n"] % 2 == 1),
    ("email.domain:ex*", lambda p: p["n"] % 2 == 0),
    ('email.domain:"acme"', nobody),
    ('email.domain:"acme.com" AND NOT organization_id:"org_x"', lambda p: p["n"] % 2 == 1),
    ('organization_id:"org_x"', nobody),
    # numbers, flags, dates
    ("logins_count:50", number(5)),
    ("logins_count:{100 TO *]", lambda p: p["n"] > 10),
    ("logins_count:[100 TO 200}", lambda p: 10 <= p["n"] < 20),
    ("logins_count:{100 TO 200}", lambda p: 10 < p["n"] < 20),
    ("logins_count:[100 TO 200]", lambda p: 10 <= p["n"] <= 20),
    ("logins_count:{* TO 20}", lambda p: p["n"] < 2),
    ("logins_count:>3", ERROR),
    ("logins_count:[a TO b]", ERROR),
    ("email_verified:true", lambda p: p["verified"]),
    ("email_verified:false", lambda p: not p["verified"]),
    ("email_verified:[true TO false]", ERROR),
    ("blocked:true", number(5, 25)),
    ("NOT blocked:true", lambda p: not p["blocked"]),
    ("last_login:[2018-01-15 TO *]", lambda p: p["n"] >= 24),
    ("last_login:{2018-01-15 TO *]", lambda p: p["n"] >= 25),
    ("last_login:[2018-01-15 TO 2018-01-16]", number(24, 25)),
    ("last_login:[2018-01-15 TO 2018-01-16}", number(24)),
    ("last_login:2018-01-20", number(29)),
    ("last_login:2018-01", lambda p: p["n"] >= 20),
    ("last_login:[2018 TO 2019}", lambda p: p["n"] >= 20),
    ("last_login:[* TO 2018-01-14T13:00:00Z]", lambda p: 20 <= p["n"] <= 23),
    ("last_login:[yesterday TO *]", ERROR),
    ("updated_at:[2018-01-15 TO *]", everybody),
    ("created_at:[* TO 2018-01-15]", nobody),
    # what exists
    ("_exists_:last_login", lambda p: p["n"] >= 20),
    ("NOT _exists_:last_login", lambda p: p["n"] < 20),
    ("_exists_:phone_number", number(10, 11, 12)),
    ("_exists_:user_metadata.plan", lambda p: p["user_metadata"] is not None),
    ("_exists_:user_metadata.nothing", nobody),
    ("_exists_:user_metadata.empty", nobody),
    ("_exists_:nothing_of_that_name", nobody),
    ("NOT _exists_:email_verified OR email_verified:false", lambda p: not p["verified"]),
    # members of documents
    ("user_metadata.n:13", number(13)),
    ('user_metadata.n:"13"', nobody),
    ("user_metadata.text:13", number(13)),
    ('user_metadata.text:"13"', number(13)),
    ("user_metadata.half:6.5", number(13)),
    ("user_metadata.display.fontSize:13", lambda p: (m(p, "display") or {}).get("fontSize") == 13),
    ("user_metadata.display.dark:true", lambda p: (m(p, "display") or {}).get("dark") is True),
    ('user_metadata.addresses.city:"Paris"', lambda p: bool(p["user_metadata"]) and p["n"] % 4 == 0),
    ("user_metadata.addresses.city:Lima", lambda p: p["user_metadata"] is not None),
    ("user_metadata.addresses.cities:Paris", nobody),
    ("user_metadata.tags:t3", lambda p: bool(p["user_metadata"]) and p["n"] % 5 == 3),
    ("app_metadata.seats.count:7", number(7)),
    ("user_metadata.n:[1 TO 5]", ERROR),
    # identities
    ("identities.provider:auth0", everybody),
    ('identities.connection:"Username-Password-Authentication"', everybody),
    ("identities.connection:other", nobody),
    ("identities.isSocial:true", nobody),
    # operators
    ('name:("Jane Smith" OR "John Doe")', number(0, 11)),
    ("name:(john* AND *doe)", number(11, 12)),
    ("given_name:Jane AND family_name:Doe", number(10)),
    ("given_name:Jane && family_name:Doe", number(10)),
    ("given_name:Jane family_name:Doe", lambda p: p["given_name"] == "Jane" or 10 <= p["n"] < 20),
    ("given_name:Jane || family_name:Doe", lambda p: p["given_name"] == "Jane" or 10 <= p["n"] < 20),
    ("given_name:Jane AND NOT family_name:Doe", number(0, 20, 30)),
    ("given_name:Jane AND -family_name:Doe", number(0, 20, 30)),
    ("given_name:Jane AND !family_name:Doe", number(0, 20, 30)),
    ("+given_name:Jane", named("Jane")),
    ("(given_name:Jane OR given_name:Ana) AND blocked:false", named("Jane", "Ana")),
    ("given_name:Jane or", named("Jane")),
    ("given_name:Jane AND", ERROR),
    ("given_name:jane AND (blocked:true OR logins_count:[300 TO *])", number(30)),
    # words without a field
    ("u07@acme.com", number(7)),
    ('"jane smith"', number(0)),
    ("johnny*", named("Johnny")),
    ("gold", nobody),
    # names of members that are no words of ASCII
    ("user_metadata.größe:L", lambda p: bool(p["user_metadata"]) and p["n"] % 2 == 1),
    (r"user_metadata.his\ \"nick\"\:\ name:x0", lambda p: bool(p["user_metadata"]) and p["n"] % 2 == 0),
    (r"_exists_:user_metadata.his\ \"nick\"\:\ name", lambda p: p["user_metadata"] is not None),
    (r"user_metadata.größe\:L", nobody),
    # what there is not
    ("name.raw:jane", ERROR),
    ("NOT _exists_:email.raw", ERROR),
    ("user_metadata.raw:x", nobody),
    ("name:john~", ERROR),
    ("name:john^2", ERROR),
    ("name:/j.*/", ERROR),
    ('"jane smith"~3', ERROR),
    ("password_hash:*", nobody),
    ("tenant_id:default", nobody),
    ('name:"\'; DROP TABLE users; --"', nobody),
]
EXTENDED: list[tuple[str, Wanted]] = [
    ("name:*sa", lambda p: 20 <= p["n"] < 30),
    ("name:j*h", number(0, 1, 2)),
    ("user_metadata.plan:go*", lambda p: m(p, "plan") == "gold"),
    ("user_metadata.plan:*old", lambda p: m(p, "plan") == "gold"),
    ("user_metadata.plan:*l*", lambda p: m(p, "plan") in {"gold", "silver"}),
    ("user_metadata.plan:GO*", nobody),
    ("user_metadata.text:1*", lambda p: str(m(p, "text") or "").startswith("1")),
    ("user_metadata.n:1*", nobody),
    ("user_metadata.addresses.city:*aris", lambda p: bool(p["user_metadata"]) and p["n"] % 4 in {0, 3}),
    ("user_metadata.addresses.city:L*a", lambda p: p["user_metadata"] is not None),
    ("user_metadata.n:[10 TO 12]", number(10, 11, 12)),
    ("user_metadata.n:{10 TO 13}", number(11, 12)),
    ("user_metadata.n:[38 TO *]", number(38, 39)),
    ("user_metadata.n:{* TO 2]", number(1, 2)),
    ("user_metadata.half:[4.5 TO 5}", number(9)),
    ("user_metadata.text:[10 TO 12]", nobody),
    ("user_metadata.plan:[c TO h]", lambda p: m(p, "plan") == "gold"),
    ("user_metadata.since:[2024-11 TO *]", lambda p: (m(p, "since") or "") > "2024-11"),
    ("user_metadata.since:[2024-02-15 TO 2024-02-15]", lambda p: (m(p, "since") or "").startswith("2024-02")),
    ("user_metadata.since:[2024-02-15 TO 2024-02-15}", nobody),
    ("user_metadata.display.dark:[0 TO 2]", nobody),
    ("user_metadata.display.fontSize:[11 TO 12]", lambda p: bool(p["user_metadata"]) and p["n"] % 4 in {1, 2}),
    ("app_metadata.role:adm*", number(0, 1, 2)),
    ("app_metadata.role:*%*", nobody),
    ("app_metadata.role:a.m*", nobody),
    ("app_metadata.seats.count:[3 TO 4] AND NOT user_metadata.plan:b*", number(3, 4)),
    ("user_metadata.tags:*3", lambda p: bool(p["user_metadata"]) and p["n"] % 5 == 3),
    ("name:[jane TO john}", lambda p: p["given_name"] == "Jane"),
    ("user_metadata.n:[* TO *]", lambda p: p["user_metadata"] is not None),
    ("name:a?b", ERROR),
    ("name:/j.*/", ERROR),
]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.counterpart)])
def crowd(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The forty."""
    folder = tmp_path_factory.mktemp("golden")
    world = World.copy(databases, BARE, request.param, folder, IDP_RATE_LIMITS="off")
    for each in PEOPLE:
        names = ("name", "given_name", "family_name", "nickname", "phone_number", "user_metadata", "app_metadata")
        made = world.user(
            each["email"].lower(),
            username=each["username"],
            verified=each["verified"],
            **{name: each[name] for name in names if each[name] is not None},
        )
        columns = {name: each[name] for name in ("blocked", "logins_count", "last_login", "last_ip")}
        world.change_user(made.user_id, **columns)
    yield world
    world.close()


def wrong(api: Api, table: list[tuple[str, Wanted]]) -> dict[str, tuple[Any, Any]]:
    """Queries whose answer is another one, with both."""
    found = {}
    for query, wanted in table:
        answer = api.get("/users", q=query, per_page=100, fields="email")
        expected: Any = 400 if wanted is None else [p["n"] for p in PEOPLE if wanted(p)]
        said: Any = answer.status_code
        if said == 200:
            said = sorted(int(user["email"][1:3]) for user in answer.json)
        if said != expected:
            found[query] = (said, expected)
    return found


def test_acceptance_1_and_2_the_golden_table(crowd: World) -> None:
    assert len(TABLE) >= 80
    assert len({query for query, _ in TABLE}) == len(TABLE)
    assert wrong(crowd.caller(), TABLE) == {}


def test_beyond_auth0_behind_the_switch(crowd: World) -> None:
    api = crowd.caller()
    asked = [query for query, wanted in EXTENDED if wanted is not ERROR and not query.startswith("name:[")]
    assert dict.fromkeys(asked, 400) == {query: api.get("/users", q=query).status_code for query in asked}
    crowd.management().patch("/tenants/settings", {"extended_user_search": True})
    try:
        assert wrong(api, EXTENDED) == {}
        assert wrong(api, [each for each in TABLE if each[1] is not ERROR]) == {}, "nothing else changes"
    finally:
        crowd.management().patch("/tenants/settings", {"extended_user_search": False})


def test_acceptance_3_pages_end_at_a_thousand(crowd: World) -> None:
    api = crowd.caller()
    beyond = api.get("/users", page=10, per_page=100)
    assert (beyond.status_code, beyond.json["errorCode"]) == (400, "invalid_paging")
    assert api.get("/users", page=9, per_page=100).json == []
    assert api.get("/users", per_page=101).status_code == 400
    seen = [user["user_id"] for page in range(6) for user in api.get("/users", page=page, per_page=7).json]
    assert len(seen) == len(set(seen)) == 40


def test_acceptance_4_case(crowd: World) -> None:
    api = crowd.caller()
    assert len(api.get("/users", q="email:U07@ACME.COM").json) == 1
    assert api.get("/users", q="user_metadata.plan:GOLD").json == []


@pytest.mark.parametrize("engine", ["v1", "v2"])
def test_older_engines_are_refused_in_auth0s_words(crowd: World, engine: str) -> None:
    answer = crowd.caller().get("/users", q="name:x", search_engine=engine)
    assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_query_string")
    said = f"not allowed to use search_engine={engine}. Use search_engine=v3 instead"
    assert said in answer.json["message"]
    assert crowd.caller().get("/users", search_engine="v4").status_code == 400
    assert crowd.caller().get("/users", q="name:x", search_engine="v3").status_code == 200


def test_sort_is_by_one_field_that_is_no_metadata(crowd: World) -> None:
    api = crowd.caller()
    order = [user["email"] for user in api.get("/users", sort="email:-1", per_page=100).json]
    assert order == sorted(order, reverse=True)
    for sort in ("user_metadata.n:1", "app_metadata:1", "email", "email:2", "email:1,name:1", "password_hash:1", ":1"):
        answer = api.get("/users", sort=sort)
        assert (sort, answer.status_code, answer.json["errorCode"]) == (sort, 400, "invalid_query_string")


def test_fields_and_by_email(crowd: World) -> None:
    api = crowd.caller()
    found = api.get("/users", q="user_metadata.n:13", fields="email,user_metadata.plan,nothing").json
    assert set(found[0]) <= {"email", "user_metadata"}
    without = api.get(
        "/users", q="user_metadata.n:13", fields="user_metadata,app_metadata", include_fields="false"
    ).json
    assert not {"user_metadata", "app_metadata"} & set(without[0])
    assert [user["name"] for user in api.get("/users-by-email", email="u07@acme.com", fields="name").json] == [
        "Fay Smith"
    ]
    assert api.get("/users-by-email", email="U07@ACME.com").json == []


def test_metadata_ranges_of_whoever_has_other_kinds_of_values(crowd: World) -> None:
    """Numbers, texts, flags, null and lists under one name: a range is of one kind."""
    odd = [7, "7", True, None, [6, "x"], {"a": 7}, 7.5, -1]
    made = [crowd.user(f"odd{at}@odd.example", user_metadata={"odd": value}) for at, value in enumerate(odd)]
    crowd.management().patch("/tenants/settings", {"extended_user_search": True})
    try:
        api = crowd.caller()
        for query, wanted in (
            ("user_metadata.odd:[6 TO 8]", [0, 4, 6]),
            ("user_metadata.odd:[* TO 0]", [7]),
            ("user_metadata.odd:[a TO z]", [4]),
            ('user_metadata.odd:["6a" TO "8z"]', [1]),
            ("user_metadata.odd:{7 TO *]", [6]),
            ("user_metadata.odd.a:[7 TO 7]", [5]),
        ):
            found = api.get("/users", q=query, fields="email").json
            assert (query, sorted(int(user["email"][3]) for user in found)) == (query, wanted)
    finally:
        crowd.management().patch("/tenants/settings", {"extended_user_search": False})
        for each in made:
            crowd.caller().delete(f"/users/{each.user_id}")
