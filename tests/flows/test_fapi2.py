"""FAPI 2.0 Security Profile and Message Signing, by ``compliance_level`` of a client."""

from __future__ import annotations

import time
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.security.rows import row
from tests.world.application import Application, Attempt
from tests.world.browser import Browser
from tests.world.client_keys import assertion, key, pem, signed
from tests.world.holder import Holder
from tests.world.world import API, CALLBACK, Person, World

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def fapi(world: World, level: str = "fapi2_sp_pkj_dpop", alg: str = "ES256", **members: Any) -> Application:
    entry = {"credential_type": "public_key", "pem": pem(alg), "alg": alg}
    about = {
        "client_authentication_methods": {"private_key_jwt": {"credentials": [entry]}},
        "signed_request_object": {"credentials": [entry], "required": False},
        "jwt_configuration": {"alg": "PS256"},
        "authorization_signed_response_alg": "ES256",
        "compliance_level": level,
        "grant_types": ["authorization_code", "refresh_token", "client_credentials", "implicit", "password"],
        **members,
    }
    return world.client("m2m", app_type="regular_web", **about)


def post(app: Application, path: str, raw: str | None = None, proof: str | None = None, **form: str) -> TestResponse:
    by = raw or assertion(app, key("ES256"), "ES256", {"kid": None}, aud=app.world.issuer)
    body = {**form, "client_assertion": by, "client_assertion_type": KIND}
    headers = {"DPoP": proof} if proof else {}
    return app.world.app.test_client().post(path, data=body, headers=headers, base_url=app.world.issuer)


def pushed(app: Application, attempt: Attempt, **more: str) -> str:
    response = post(app, "/oauth/par", **{**attempt.params, **more})
    assert response.status_code == 201, response.get_json()
    return str(response.get_json()["request_uri"])


def arrive(app: Application, browser: Browser, person: Person, attempt: Attempt, uri: str) -> None:
    browser.open(f"/authorize?client_id={app.client_id}&request_uri={uri}", site="cross-site")
    browser.submit(username=person.email, password=person.password)
    assert browser.answer.params["iss"] == app.world.issuer


def code_of(app: Application, attempt: Attempt, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": attempt.verifier,
    }


def error(response: TestResponse) -> str:
    assert response.status_code in {400, 401}, response.get_json()
    return str(response.get_json()["error"])


def test_the_whole_way(world: World, browser: Browser, jane: Person) -> None:
    app = fapi(world)
    holder = Holder(app)
    attempt = app.attempt(scope="openid offline_access", audience=world.api(signing_alg="PS256"))
    arrive(app, browser, jane, attempt, pushed(app, attempt))
    form = code_of(app, attempt, browser.answer.code)
    answer = post(app, "/oauth/token", proof=holder.proof("POST", "/oauth/token"), **form).get_json()
    assert answer["token_type"] == "DPoP"
    assert app.claims(answer["id_token"])["sub"] == jane.user_id
    assert app.claims(answer["access_token"])["cnf"] == {"jkt": holder.jkt}
    again = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    for _ in range(2):  # it is not turned
        renewed = post(app, "/oauth/token", proof=holder.proof("POST", "/oauth/token"), **again)
        assert renewed.status_code == 200, renewed.get_json()
    assert error(post(app, "/oauth/token", **again)) == "invalid_dpop_proof"


@row("A17")
def test_a_request_that_was_not_pushed_is_refused(world: World, browser: Browser) -> None:
    app = fapi(world)
    app.begin(browser)
    assert browser.answer.error == "invalid_request"


@row("D1")
@pytest.mark.parametrize(
    "change",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"response_type": "code id_token"},
        {"response_type": "token"},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example.test/"},
    ],
)
def test_what_is_refused_when_it_is_pushed(world: World, change: dict[str, str | None]) -> None:
    app = fapi(world)
    assert error(post(app, "/oauth/par", **app.attempt(**change).params))


@row("E5")
@pytest.mark.parametrize("aud", ["list", "oauth/token", "oauth/par", "https://evil.test/"])
def test_an_assertion_is_for_the_issuer_alone(world: World, aud: str) -> None:
    app = fapi(world)
    named: Any = [world.issuer] if aud == "list" else aud if aud.startswith("https:") else f"{world.issuer}{aud}"
    raw = assertion(app, key("ES256"), "ES256", {"kid": None}, aud=named)
    assert error(post(app, "/oauth/par", raw, **app.attempt().params)) == "invalid_client"


def test_rs256_signs_nothing(world: World) -> None:
    app = fapi(world, alg="RS256")
    raw = assertion(app, key("RS256"), "RS256", {"kid": None}, aud=world.issuer)
    assert error(post(app, "/oauth/par", raw, **app.attempt().params)) == "invalid_client"


def test_a_token_without_a_holder_is_not_given_out(world: World, browser: Browser, jane: Person) -> None:
    app = fapi(world)
    attempt = app.attempt()
    arrive(app, browser, jane, attempt, pushed(app, attempt))
    assert error(post(app, "/oauth/token", **code_of(app, attempt, browser.answer.code))) == "invalid_dpop_proof"


def test_grants_of_another_time_are_off(world: World, jane: Person) -> None:
    app = fapi(world)
    world.grant(app.client_id, world.api(signing_alg="PS256"), "read:things")
    form = {"grant_type": "password", "username": jane.email, "password": jane.password}
    assert error(post(app, "/oauth/token", proof=Holder(app).proof("POST", "/oauth/token"), **form))
    own = {"grant_type": "client_credentials", "audience": API}
    answer = post(app, "/oauth/token", proof=Holder(app).proof("POST", "/oauth/token"), **own)
    assert answer.get_json()["token_type"] == "DPoP"


@pytest.mark.parametrize(
    "members",
    [
        {"token_endpoint_auth_method": "client_secret_basic", "client_authentication_methods": None},
        {"token_endpoint_auth_method": "none", "client_authentication_methods": None},
        {"jwt_configuration": {"alg": "RS256"}},
        {"callbacks": ["http://localhost/callback"]},
    ],
)
def test_a_client_that_contradicts_its_level_is_not_stored(world: World, members: dict[str, Any]) -> None:
    made = world.management()("GET", f"/clients/{fapi(world).client_id}").get_json()
    response = world.management()("PATCH", f"/clients/{made['client_id']}", members)
    assert response.status_code == 400
    assert "compliance_level" in response.get_json()["message"]


@row("U1")
@pytest.mark.parametrize("alg", ["RS256", "RS512", "HS256"])
def test_an_api_that_signs_otherwise_gets_no_tokens(world: World, browser: Browser, jane: Person, alg: str) -> None:
    """Security Profile 5.4.1 is about whatever the authorization server makes, tokens for APIs included."""
    app, audience = fapi(world), world.api(signing_alg="PS256")
    world.grant(app.client_id, audience, "read:things")
    holder, attempt = Holder(app), app.attempt(scope="openid offline_access", audience=audience)
    arrive(app, browser, jane, attempt, pushed(app, attempt))
    form = code_of(app, attempt, browser.answer.code)
    tokens = post(app, "/oauth/token", proof=holder.proof("POST", "/oauth/token"), **form).get_json()
    world.change_api(audience, signing_alg=alg)
    for again in (
        {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]},
        {"grant_type": "client_credentials", "audience": audience},
    ):
        said = post(app, "/oauth/token", proof=holder.proof("POST", "/oauth/token"), **again)
        assert error(said) == "invalid_request"
    assert error(post(app, "/oauth/par", **app.attempt(audience=audience).params)) == "invalid_request"
    assert post(app, "/oauth/introspect", token=tokens["access_token"]).get_json() == {"active": False}
    other = world.client().sign_in(browser, jane, audience=audience, scope="openid")
    assert other.access_token, "clients without a profile take what the API signs"


# ---- message signing
def request_object(app: Application, attempt: Attempt, alg: str = "ES256", **claims: Any) -> str:
    now = int(time.time())
    usual = {"iss": app.client_id, "aud": app.world.issuer, "nbf": now, "exp": now + 300, **attempt.params}
    said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return signed(said, key(alg), alg, kid=None, typ="oauth-authz-req+jwt")


def test_signed_requests_and_answers(world: World, browser: Browser, jane: Person) -> None:
    app = fapi(world, "fapi2_ms_pkj_dpop")
    attempt = app.attempt(response_mode="jwt")
    response = post(app, "/oauth/par", request=request_object(app, attempt))
    assert response.status_code == 201, response.get_json()
    uri = response.get_json()["request_uri"]
    browser.open(f"/authorize?client_id={app.client_id}&request_uri={uri}", site="cross-site")
    browser.submit(username=jane.email, password=jane.password)
    said = app.claims(browser.answer.params["response"])
    assert (said["iss"], said["aud"]) == (world.issuer, app.client_id)
    proof = Holder(app).proof("POST", "/oauth/token")
    assert post(app, "/oauth/token", proof=proof, **code_of(app, attempt, said["code"])).status_code == 200


@row("A12")
@pytest.mark.parametrize(
    ("member", "value", "from_now"),
    [
        ("exp", None, None),
        ("nbf", None, None),
        ("aud", None, None),
        ("aud", "https://evil.test/", None),
        ("exp", 1, None),
        ("exp", None, 7_200),
        ("nbf", None, -7_200),
        ("nbf", None, 600),
        ("redirect_uri", None, None),
    ],
)
def test_request_objects_that_are_refused(world: World, member: str, value: Any, from_now: int | None) -> None:
    app = fapi(world, "fapi2_ms_pkj_dpop")
    change = {member: value if from_now is None else int(time.time()) + from_now}
    assert error(post(app, "/oauth/par", request=request_object(app, app.attempt(), **change)))


def test_an_unsigned_request_is_refused(world: World) -> None:
    app = fapi(world, "fapi2_ms_pkj_dpop")
    assert error(post(app, "/oauth/par", **app.attempt().params)) == "invalid_request"


# ---- what the Foundation's modules ask besides
@pytest.mark.parametrize("level", ["fapi2_sp_pkj_dpop", "fapi2_ms_pkj_dpop"])
def test_a_person_who_says_no_is_told_to_the_client(world: World, browser: Browser, level: str) -> None:
    app = fapi(world, level)
    attempt = app.attempt(state="s" * 384, nonce="n" * 384, response_mode="jwt" if "ms" in level else None)
    params = {"request": request_object(app, attempt)} if "ms" in level else attempt.params
    uri = post(app, "/oauth/par", **params).get_json()["request_uri"]
    browser.open(f"/authorize?client_id={app.client_id}&request_uri={uri}", site="cross-site").submit("login-cancel")
    said = browser.answer.params
    said = app.claims(said["response"]) if "ms" in level else said
    assert (said["error"], said["state"], said["iss"]) == ("access_denied", "s" * 384, world.issuer)


def test_long_values_come_back_whole(world: World, browser: Browser, jane: Person) -> None:
    app = fapi(world)
    attempt = app.attempt(state="s" * 384, nonce="n" * 384)
    arrive(app, browser, jane, attempt, pushed(app, attempt))
    assert browser.answer.params["state"] == "s" * 384
    form = code_of(app, attempt, browser.answer.code)
    answer = post(app, "/oauth/token", proof=Holder(app).proof("POST", "/oauth/token"), **form).get_json()
    assert app.claims(answer["id_token"])["nonce"] == "n" * 384


def test_requests_are_pushed_by_post(world: World) -> None:
    app = fapi(world)
    query = {**app.attempt().params, "client_assertion_type": KIND}
    answer = app.world.app.test_client().get("/oauth/par", query_string=query, base_url=world.issuer)
    assert answer.status_code == 405
