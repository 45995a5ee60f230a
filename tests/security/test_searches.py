"""Group Y: what somebody may ask a search of users for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.security.rows import row
from tests.world.fixtures import on_both_stores
from tests.world.management import Api
from tests.world.templates import BARE, Template
from tests.world.world import World

EVIL = ("'", '"', "\\", ";--", "%", "_", "$1", ":x", "{}", "@?", "\u0000", "🦊", "' OR '1'='1", "$.a ? (@ == 1)")
ENDLESS = {
    "nesting": "(" * 5_000 + "a" + ")" * 5_000,
    "clauses": " OR ".join(f"name:x{number}" for number in range(2_000)),
    "negations": "NOT " * 2_000 + "name:x",
    "stars": "name:" + "*a" * 200 + "*b",
    "backslashes": "name:" + "\\" * 9_001,
    "an open quote": 'name:"' + "a" * 9_000,
    "an open range": "logins_count:[" + "1 " * 4_000,
}


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


@row("Y1")
@pytest.mark.parametrize("name", list(ENDLESS))
def test_queries_without_end_cost_little(world: World, name: str) -> None:
    begin = time.process_time()
    world.user(name="a" * 300)
    answer = world.caller().get("/users", q=ENDLESS[name])
    if name in {"negations", "stars", "backslashes"}:
        assert answer.status_code == 200, "long, and cheap to answer"
    else:
        assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_query_string")
    assert time.process_time() - begin < 1


@row("Y1")
@on_both_stores
def test_patterns_of_many_parts_are_answered(world: World) -> None:
    """Beyond Auth0's grammar a pattern meets metadata: no part of it makes the others be tried again and again."""
    world.user(user_metadata={"a": "a" * 5_000, "deep": {"er": "x"}})
    world.settings(extended_user_search=True)
    begin = time.process_time()
    refused = world.caller().get("/users", q="user_metadata.a:" + "*a" * 60 + "*b")
    assert (refused.status_code, refused.json["errorCode"]) == (400, "invalid_query_string")
    answer = world.caller().get("/users", q="user_metadata.a:" + "*a" * 19 + "*b")
    assert (answer.status_code, answer.json) in [(200, []), (503, answer.json)]
    assert time.process_time() - begin < 5


@row("Y2")
@on_both_stores
def test_nothing_that_is_asked_becomes_sql(world: World) -> None:
    world.user(name="Jane", user_metadata={"a": "b"})
    api = world.caller()
    for switched in (False, True):
        world.settings(extended_user_search=switched)
        for evil in EVIL:
            quoted = evil.replace("\\", "\\\\").replace('"', '\\"')
            queries = [
                f'name:"{quoted}"',
                f'user_metadata.a:"{quoted}"',
                f'"{quoted}"',
                f'identities.connection:"{quoted}"',
            ]
            queries += [f"user_metadata.a:*{_escaped(evil)}*", f'user_metadata.a:["{quoted}" TO "{quoted}"]']
            for query in queries:
                answer = api.get("/users", q=query)
                assert answer.status_code in {200, 400}, (query, answer.json)
                assert answer.status_code == 400 or answer.json == [], query
            for parameters in (
                {"sort": f"name{evil}:1"},
                {"sort": f"name:1{evil}"},
                {"page": evil},
                {"per_page": evil},
            ):
                assert api.get("/users", **parameters).status_code == 400, parameters
            assert api.get("/users", fields=f"email,{evil}").status_code in {200, 400}
    assert len(api.get("/users").json) == 1


def _escaped(text: str) -> str:
    return "".join(each if each.isalnum() else "\\" + each for each in text)


@row("Y3")
def test_pages_have_an_end(world: World) -> None:
    api = world.caller()
    for parameters in (
        {"per_page": 101},
        {"per_page": -1},
        {"page": -1},
        {"page": 10, "per_page": 100},
        {"page": 1_000, "per_page": 1},
        {"page": 10**30},
    ):
        answer = api.get("/users", **parameters)
        assert (parameters, answer.status_code) == (parameters, 400)
    assert api.get("/users", page=999, per_page=1).status_code == 200


@row("Y4")
@pytest.mark.parametrize(
    "field",
    [
        "password_hash",
        "password",
        "tokens_sealed",
        "identities.access_token",
        "identities.tokens_sealed",
        "tenant_id",
        "email_key",
        "signup_agent",
        "raw_profile",
        "profile",
        "database_accounts.password_hash",
    ],
)
def test_secret_fields_match_nothing(world: World, field: str) -> None:
    world.user()
    api: Api = world.caller()
    for query in (f"_exists_:{field}", f"{field}:*", f"{field}:a*", f'{field}:"$argon2id"'):
        answer = api.get("/users", q=query)
        assert (query, answer.status_code, answer.json) == (query, 200, [])
    assert api.get("/users", sort=f"{field}:1").status_code == 400


@row("Y1", "Y2")
@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(st.sampled_from('ab:*?"\\()[]{}~^/!&|+-<>=. \u00e9\u0000') | st.characters(codec="utf-8"), max_size=40))
def test_acceptance_6_no_query_ends_in_an_error_of_ours(query: str) -> None:
    """spec/search.md, Acceptance 6: the grammar itself; what it compiles to is asked of both stores elsewhere."""
    from idp.directory.users.search.compile import condition
    from idp.foundation.kernel.errors import BadRequest

    for extended in (False, True):
        code = None
        try:
            condition(query, "default", extended=extended)
        except BadRequest as refused:
            code = refused.error_code
        assert code in {None, "invalid_query_string"}
