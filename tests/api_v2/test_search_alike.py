"""Whatever is asked for, both stores find the same users: queries are made up, and the same ones in every run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.foundation.db.schema import metadata
from tests.api_v2.test_many_users import GIVEN, _identity, _row
from tests.world.templates import BARE, Databases
from tests.world.world import World

pytestmark = pytest.mark.counterpart
PEOPLE = 120
STORES = ("sqlite", "postgresql")
Pair = tuple[World, World]


@pytest.fixture(scope="module")
def pair(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The same people in one database of each kind."""
    worlds = [
        World.copy(databases, BARE, each, tmp_path_factory.mktemp(each), IDP_RATE_LIMITS="off") for each in STORES
    ]
    for world in worlds:
        users = [_odd(_row(number, "default"), number) for number in range(PEOPLE)]
        with world.platform.db.engine.begin() as connection:
            connection.execute(metadata().tables["users"].insert(), users)
            identities = [_identity(each, number) for number, each in enumerate(users)]
            connection.execute(metadata().tables["identities"].insert(), identities)
    sqlite, postgres = worlds
    yield sqlite, postgres
    for world in worlds:
        world.close()


def _odd(user: dict[str, Any], number: int) -> dict[str, Any]:
    """What is easily mistaken for something else."""
    names = {0: "50% off", 1: "under_score", 2: "back\\slash", 3: 'quo"te', 4: "Ünï  Code", 5: "NULL", 6: "a*b"}
    name = names.get(number % 11)
    if name is None:
        return user
    written = {
        "employee": name,
        "plan": None,
        "no": number,
        "yes": number % 2 == 0,
        "list": [name, number],
        "": "empty",
    }
    return {**user, "name": name, "name_folded": name.casefold(), "user_metadata": written}


WORDS = [
    *GIVEN,
    "acme",
    "F0",
    "amily",
    "50%",
    "under_score",
    "back\\slash",
    'quo"te',
    "NULL",
    "a*b",
    "gold",
    "none",
    "é",
]
WORDS += ["17", "17.0", "true", "false", "auth0", "initech.example", "anna.10@acme.example", "%", "_", "Ünï"]
FIELDS = ["name", "email", "given_name", "nickname", "username", "phone_number", "user_id", "email.domain", "last_ip"]
FIELDS += [
    "user_metadata.employee",
    "user_metadata.plan",
    "user_metadata.no",
    "user_metadata.yes",
    "user_metadata.list",
]
FIELDS += ["app_metadata.badges.no", "app_metadata.is_one", "identities.connection", "identities.user_id", "nothing"]
NUMBERS = ["logins_count", "last_login", "created_at"]
FLAGS = ["email_verified", "blocked", "phone_verified", "identities.isSocial"]


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)


def _escaped(word: str) -> str:
    return "".join(each if each.isalnum() else "\\" + each for each in word)


word = st.sampled_from(WORDS)
value = st.one_of(
    word.map(_quoted),
    word.map(_escaped),
    word.map(lambda each: f"{_escaped(each)}*"),
    word.filter(lambda each: len(each) >= 3).map(lambda each: f"*{_escaped(each)}*"),
    st.just("*"),
)
day = st.sampled_from(["2023-11-14", "2023-11-15", "2023", "*"])
term = st.one_of(
    value,
    st.tuples(st.sampled_from(FIELDS), value).map(":".join),
    st.tuples(st.sampled_from(FIELDS), word.map(_quoted)).map(":".join),
    st.sampled_from([*FIELDS, *NUMBERS, *FLAGS]).map(lambda name: f"_exists_:{name}"),
    st.tuples(st.sampled_from(FLAGS), st.sampled_from(["true", "false", "17"])).map(":".join),
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda ends: f"logins_count:[{ends[0]} TO {ends[1]}}}"),
    st.tuples(st.sampled_from(["last_login", "created_at"]), day, day).map(lambda t: f"{t[0]}:[{t[1]} TO {t[2]}]"),
)
query = st.recursive(
    term,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' AND '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.map(lambda part: f"NOT ({part})"),
    ),
    max_leaves=5,
)
orders = st.sampled_from(["created_at:1", "name:-1", "last_login:1", "email_verified:-1", "user_id:1", "username:1"])


@settings(max_examples=60, derandomize=True, deadline=None)
@given(query=query, sort=orders, number=st.sampled_from([0, 1]))
def test_both_stores_find_the_same(pair: Pair, query: str, sort: str, number: int) -> None:
    found = []
    for world in pair:
        answer = world.caller().get("/users", q=query, sort=sort, page=str(number), per_page="40", fields="user_id")
        found.append((answer.status_code, answer.json))
    sqlite, postgres = found
    assert sqlite == postgres, query
    assert sqlite[0] in {200, 400}
