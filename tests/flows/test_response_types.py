"""What an answer holds: code, tokens and their combinations (OAuth 2.0 Multiple Response Types 5, OIDC Core 3.2, 3.3),
and one signed token instead of parameters (JARM).
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import func, select

from idp.protocol.tokens.models import Authorization
from tests.security.rows import row
from tests.world.application import Application, Attempt
from tests.world.browser import Answer, Browser
from tests.world.fixtures import Clock
from tests.world.world import API, Person, World

TYPES = ["token", "id_token", "id_token token", "code token", "code id_token", "code id_token token"]
PARAMETERS = {
    "code": {"code"},
    "token": {"access_token", "token_type", "expires_in", "scope"},
    "id_token": {"id_token"},
}
HYBRID = ["authorization_code", "implicit", "refresh_token"]
SIGNED = {"jwt": "query", "query.jwt": "query", "fragment.jwt": "fragment", "form_post.jwt": "form_post"}


def hybrid(world: World, kind: str = "web", **members: Any) -> Application:
    return world.client(kind, grant_types=HYBRID, **members)


def signed_in(browser: Browser, app: Application, jane: Person, **params: str | None) -> Attempt:
    attempt = app.begin(browser, **params)
    browser.submit(username=jane.email, password=jane.password)
    return attempt


def half(value: str, name: str = "sha256") -> str:
    hashed = hashlib.new(name, value.encode()).digest()
    return base64.urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()


def opened(app: Application, answer: Answer) -> dict[str, Any]:
    """The parameters inside a signed answer."""
    assert set(answer.params) == {"response"}
    claims = app.claims(answer.params["response"])
    assert (claims.pop("iss"), claims.pop("aud")) == (app.world.issuer, app.client_id)
    assert claims.pop("exp") > 0
    return claims


def families(world: World) -> int:
    with world.context() as work:
        found = work.rows.scalar(select(func.count()).select_from(Authorization))
    return int(found or 0)


@pytest.mark.parametrize("response_type", TYPES)
def test_the_answer_holds_what_the_response_type_names(
    world: World, browser: Browser, jane: Person, response_type: str
) -> None:
    app = hybrid(world)
    attempt = signed_in(browser, app, jane, response_type=response_type)
    answer, words = browser.answer, response_type.split()
    assert (answer.mode, answer.error) == ("fragment", None)
    assert set(answer.params) == {"state", "iss"}.union(*(PARAMETERS[word] for word in words))
    assert answer.params["state"] == attempt.params["state"]
    if "token" in words:
        assert app.userinfo(answer.params["access_token"]).get_json()["email"] == jane.email
        assert answer.params["token_type"] == "Bearer"
    if "id_token" in words:
        claims = app.claims(answer.params["id_token"])
        assert (claims["sub"], claims["nonce"]) == (jane.user_id, attempt.params["nonce"])
        assert claims.get("at_hash") == (half(answer.params["access_token"]) if "token" in words else None)
        assert claims.get("c_hash") == (half(answer.params["code"]) if "code" in words else None)
        assert claims["s_hash"] == half(attempt.params["state"])
    if "code" in words:
        tokens = attempt.tokens(answer)
        assert (tokens.id_claims["sub"], tokens.id_claims["iss"]) == (jane.user_id, world.issuer)
        assert tokens.id_claims["nonce"] == attempt.params["nonce"]


def test_the_words_may_come_in_any_order(world: World, browser: Browser, jane: Person) -> None:
    signed_in(browser, hybrid(world), jane, response_type="token code id_token")
    assert {"code", "access_token", "id_token"} <= set(browser.answer.params)


@pytest.mark.parametrize("response_type", ["none", "code code", "code none", "id_token id_token", "code other"])
def test_no_other_response_type_exists(world: World, browser: Browser, response_type: str) -> None:
    hybrid(world).begin(browser, response_type=response_type)
    assert browser.answer.error == "unsupported_response_type"


@row("A5")
@pytest.mark.parametrize("response_type", TYPES)
def test_new_clients_get_no_tokens_through_the_browser(
    world: World, browser: Browser, jane: Person, response_type: str
) -> None:
    app = world.client("spa")
    app.sign_in(browser, jane)
    app.begin(browser, response_type=response_type)
    assert (browser.answer.mode, browser.answer.error) == ("fragment", "unauthorized_client")
    assert {"access_token", "id_token", "code"}.isdisjoint(browser.answer.params)


@row("A5")
def test_a_grant_taken_away_during_the_sign_in_counts(world: World, browser: Browser, jane: Person) -> None:
    app = hybrid(world)
    app.begin(browser, response_type="code token")
    world.change_client(app.client_id, grant_types=["authorization_code"])
    browser.submit(username=jane.email, password=jane.password)
    assert (browser.answer.mode, browser.answer.error) == ("fragment", "unauthorized_client")


def test_implicit_alone_gives_no_code(world: World, browser: Browser) -> None:
    app = world.client(grant_types=["implicit"])
    for response_type in ("code", "code token"):
        app.begin(browser, response_type=response_type)
        assert browser.answer.error == "unauthorized_client"


@pytest.mark.parametrize("mode", [None, "query", "fragment", "form_post", "web_message"])
@pytest.mark.parametrize("params", [{"nonce": None}, {"scope": "profile"}, {"prompt": "none"}, {"max_age": "x"}])
def test_errors_travel_as_the_tokens_would_have(
    world: World, browser: Browser, mode: str | None, params: dict[str, str | None]
) -> None:
    hybrid(world, "spa").begin(browser, response_type="id_token", response_mode=mode, **params)
    assert browser.answer.mode == ("fragment" if mode in (None, "query") else mode)
    assert browser.answer.error == ("login_required" if params.get("prompt") else "invalid_request")


@pytest.mark.parametrize("response_type", ["token", "code token"])
def test_a_nonce_is_needed_for_id_tokens_alone(
    world: World, browser: Browser, jane: Person, response_type: str
) -> None:
    signed_in(browser, hybrid(world), jane, response_type=response_type, nonce=None)
    assert browser.answer.error is None


def test_an_id_token_by_itself_tells_what_the_scopes_open_and_leaves_nothing_behind(
    world: World, browser: Browser, jane: Person
) -> None:
    app = hybrid(world, compatibility={"id_token_scope_claims": False})
    signed_in(browser, app, jane, response_type="id_token", response_mode="form_post")
    assert browser.answer.mode == "form_post"
    assert app.claims(browser.answer.params["id_token"])["email"] == jane.email
    assert families(world) == 0
    app.begin(browser, response_type="id_token token", prompt="none")
    assert "email" not in app.claims(browser.answer.params["id_token"])
    assert families(world) == 1


def test_a_public_client_without_a_code_needs_no_pkce(world: World, browser: Browser, jane: Person) -> None:
    app = hybrid(world, "spa")
    without = {"code_challenge": None, "code_challenge_method": None}
    signed_in(browser, app, jane, response_type="id_token", **without)
    assert browser.answer.error is None
    app.begin(browser, response_type="code id_token", **without)
    assert browser.answer.error == "invalid_request"


def test_no_refresh_token_follows_from_an_answer_without_a_code(world: World, browser: Browser, jane: Person) -> None:
    app = hybrid(world)
    signed_in(browser, app, jane, response_type="token", scope="openid offline_access")
    assert browser.answer.params["scope"] == "openid"
    attempt = app.begin(browser, response_type="code token", scope="openid offline_access")
    assert attempt.tokens(browser.answer).refresh_token


def test_an_api_says_how_long_its_tokens_live_in_a_browser(world: World, browser: Browser, jane: Person) -> None:
    audience = world.api(token_lifetime=5_000, token_lifetime_for_web=600)
    app = hybrid(world)
    signed_in(browser, app, jane, response_type="id_token token", audience=audience, scope="openid read:things")
    answer = browser.answer
    claims = app.claims(answer.params["access_token"])
    assert (answer.params["expires_in"], claims["exp"] - claims["iat"]) == ("600", 600)
    assert (claims["aud"], claims["scope"]) == ([API, f"{world.issuer}userinfo"], "openid read:things")
    assert app.introspect(answer.params["access_token"])["active"]


def test_tokens_of_the_browser_end_with_the_session(world: World, browser: Browser, jane: Person) -> None:
    app = hybrid(world)
    signed_in(browser, app, jane, response_type="token")
    token = browser.answer.params["access_token"]
    assert app.userinfo(token).status_code == 200
    browser.open("/oidc/logout")
    browser.submit("logout-confirm")
    assert app.userinfo(token).status_code == 401


@row("B1")
def test_a_code_used_twice_takes_the_tokens_beside_it_along(world: World, browser: Browser, jane: Person) -> None:
    app = hybrid(world)
    attempt = signed_in(browser, app, jane, response_type="code token")
    answer = browser.answer
    attempt.tokens(answer)
    assert app.userinfo(answer.params["access_token"]).status_code == 200
    assert attempt.redeem(answer).status_code == 400
    assert app.userinfo(answer.params["access_token"]).status_code == 401


def test_a_token_of_the_browser_outlives_no_day(world: World, browser: Browser, jane: Person, clock: Clock) -> None:
    app = hybrid(world)
    signed_in(browser, app, jane, response_type="token")
    token = browser.answer.params["access_token"]
    clock.forward(seconds=86_401)
    assert app.userinfo(token).status_code == 401


@row("U10")
@pytest.mark.parametrize("alg", ["RS512", "EdDSA", "ES256"])
def test_hashes_follow_the_algorithm_of_the_id_token(world: World, browser: Browser, jane: Person, alg: str) -> None:
    app = hybrid(world, jwt_configuration={"alg": alg})
    signed_in(browser, app, jane, response_type="code id_token token")
    claims, params = app.claims(browser.answer.params["id_token"]), browser.answer.params
    by = "sha256" if alg == "ES256" else "sha512"
    assert (claims["at_hash"], claims["c_hash"]) == (half(params["access_token"], by), half(params["code"], by))


# ---- one signed token instead of parameters
@pytest.mark.parametrize("mode", list(SIGNED))
def test_a_signed_answer_holds_the_parameters(world: World, browser: Browser, jane: Person, mode: str) -> None:
    app = world.client()
    attempt = signed_in(browser, app, jane, response_mode=mode)
    assert browser.answer.mode == SIGNED[mode]
    params = opened(app, browser.answer)
    assert set(params) == {"code", "state"}
    told = {**params, "iss": world.issuer}
    assert attempt.tokens(Answer("jwt", "", told)).id_claims["sub"] == jane.user_id


@pytest.mark.parametrize("mode", list(SIGNED))
def test_so_do_errors(world: World, browser: Browser, mode: str) -> None:
    app = world.client()
    attempt = app.begin(browser, response_mode=mode, prompt="none")
    assert browser.answer.mode == SIGNED[mode]
    params = opened(app, browser.answer)
    assert (params["error"], params["state"]) == ("login_required", attempt.params["state"])


@row("A5")
@pytest.mark.parametrize("mode", ["jwt", "query.jwt", "fragment.jwt"])
def test_a_signed_answer_with_tokens_is_never_in_the_query(
    world: World, browser: Browser, jane: Person, mode: str
) -> None:
    app = hybrid(world)
    signed_in(browser, app, jane, response_type="code id_token token", response_mode=mode)
    assert browser.answer.mode == "fragment"
    assert {"code", "id_token", "access_token"} <= set(opened(app, browser.answer))


@pytest.mark.parametrize("alg", ["ES256", "PS256", "EdDSA"])
def test_a_client_says_how_answers_are_signed(world: World, browser: Browser, jane: Person, alg: str) -> None:
    app = world.client(authorization_signed_response_alg=alg)
    signed_in(browser, app, jane, response_mode="jwt")
    head = browser.answer.params["response"].split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(head + "=="))["alg"] == alg
    assert opened(app, browser.answer)["code"]


def test_an_answer_signed_with_a_secret_needs_one_that_is_long_enough(world: World) -> None:
    management = world.management()
    client = management.post("/clients", {"name": "x"})
    path = f"/clients/{client['client_id']}"
    short = {"client_secret": "abcdefghijklmnop", "authorization_signed_response_alg": "HS256"}
    refused = management("PATCH", path, short)
    assert refused.status_code == 400
    shown = management.patch(path, {"authorization_signed_response_alg": "HS256"})
    assert shown["authorization_signed_response_alg"] == "HS256"
