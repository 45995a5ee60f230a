"""/userinfo: by GET, POST and body; its errors; CORS (OIDC Core 5.3, RFC 6750)."""

from __future__ import annotations

import uuid

import pytest

from tests.world.application import Tokens
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.holder import Holder
from tests.world.world import API, Person, World


@pytest.fixture
def tokens(world: World, browser: Browser, jane: Person) -> Tokens:
    return world.client("spa").sign_in(browser, jane)


def test_get_post_and_body_answer_the_same(world: World, tokens: Tokens, jane: Person) -> None:
    head = {"Authorization": f"Bearer {tokens.access_token}"}
    answers = [
        world.get("/userinfo", headers=head),
        world.post("/userinfo", headers=head),
        world.post("/userinfo", {"access_token": tokens.access_token}),
        world.get("/userinfo", headers={"Authorization": f"bearer {tokens.access_token}"}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.get_data() for answer in answers}) == 1
    assert answers[0].get_json()["sub"] == tokens.id_claims["sub"] == jane.user_id
    assert answers[0].mimetype == "application/json"
    assert answers[0].headers["Cache-Control"] == "no-store"


def test_without_a_token_it_asks_for_one_and_names_no_error(world: World) -> None:
    response = world.get("/userinfo")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    assert "error=" not in response.headers["WWW-Authenticate"]


@pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 100_000, "eyJhbGciOiJub25lIn0.e30.", "\u00fc", "a b"])
def test_any_other_text_is_an_invalid_token(world: World, token: str) -> None:
    response = world.get("/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
    assert response.get_json()["error"] == "invalid_token"
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_token_in_the_query_does_not_count(world: World, tokens: Tokens) -> None:
    assert world.get(f"/userinfo?access_token={tokens.access_token}").status_code == 401


def test_two_tokens_at_once_are_an_invalid_request(world: World, tokens: Tokens) -> None:
    response = world.post(
        "/userinfo", {"access_token": tokens.access_token}, headers={"Authorization": f"Bearer {tokens.access_token}"}
    )
    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_request")


def test_without_openid_the_scope_is_insufficient(world: World, browser: Browser, jane: Person) -> None:
    tokens = world.client().sign_in(browser, jane, audience=world.api(), scope="read:things")
    response = tokens.userinfo()
    assert (response.status_code, response.get_json()["error"]) == (403, "insufficient_scope")


def test_id_and_refresh_tokens_open_nothing(world: World, browser: Browser, jane: Person) -> None:
    app = world.client("spa")
    tokens = app.sign_in(browser, jane, scope="openid offline_access")
    assert app.userinfo(tokens.id_token).status_code == 401
    assert app.userinfo(tokens.refresh_token).status_code == 401


@pytest.mark.parametrize("audience", [None, API])
def test_it_ends_with_the_token(
    world: World, browser: Browser, jane: Person, clock: Clock, audience: str | None
) -> None:
    world.api()
    tokens = world.client().sign_in(browser, jane, audience=audience)
    clock.forward(hours=23)
    assert tokens.userinfo().status_code == 200
    clock.forward(hours=2)
    assert tokens.userinfo().status_code == 401


@pytest.mark.parametrize("audience", [None, API])
def test_a_blocked_person_is_not_shown(world: World, browser: Browser, jane: Person, audience: str | None) -> None:
    world.api()
    tokens = world.client().sign_in(browser, jane, audience=audience)
    world.change_user(jane.user_id, blocked=True)
    assert tokens.userinfo().status_code == 401


def test_a_browser_application_may_ask_from_its_origin(world: World, tokens: Tokens) -> None:
    head = {"Authorization": f"Bearer {tokens.access_token}", "Origin": "https://app.example.test"}
    response = world.get("/userinfo", headers=head)
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example.test"
    assert "Origin" in response.headers["Vary"]
    preflight = world.send(
        "OPTIONS", "/userinfo", headers={"Origin": "https://app.example.test", "Access-Control-Request-Method": "GET"}
    )
    assert preflight.status_code == 204
    assert "authorization" in preflight.headers["Access-Control-Allow-Headers"]
    assert "GET" in preflight.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(world: World, method: str) -> None:
    assert world.send(method, "/userinfo").status_code == 405


# ---- x-fapi-interaction-id
@pytest.mark.parametrize("token", ["good", "bad"])
def test_a_calls_own_id_is_repeated_and_nothing_else_is(
    world: World, browser: Browser, jane: Person, token: str
) -> None:
    tokens = world.client().sign_in(browser, jane)
    bearer = {"Authorization": f"Bearer {tokens.access_token if token == 'good' else 'x'}"}
    name, mine = "x-fapi-interaction-id", "C770AEF3-6784-41F7-8E0E-FF5F97BDDB3A"
    assert world.get("/userinfo", headers={**bearer, name: mine}).headers[name] == mine
    for other in ("", "x", f"{mine}0", f"{mine[:-1]}g", "a" * 36):
        assert name not in world.get("/userinfo", headers={**bearer, name: other}).headers


def test_an_answer_to_a_bound_token_has_an_id(world: World, browser: Browser, jane: Person) -> None:
    holder = Holder(world.client("spa", dpop_bound_access_tokens=True))
    tokens = holder.sign_in(browser, jane)
    ids = {holder.get("/userinfo", tokens.access_token).headers["x-fapi-interaction-id"] for _ in range(2)}
    assert {str(uuid.UUID(each)) for each in ids} == ids
    assert len(ids) == 2
