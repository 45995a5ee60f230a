"""Tokens bound to a key that their holder proves (RFC 9449)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from idp.protocol.possession import dpop
from tests.security.rows import row
from tests.world.application import Attempt
from tests.world.browser import Browser
from tests.world.holder import Holder
from tests.world.world import API, Person, World

OFFLINE = "openid email read:things offline_access"
MACHINE = {"grant_types": ["authorization_code", "refresh_token", "client_credentials"]}


def own(holder: Holder, proof: str | None = None) -> Any:
    return holder.token(proof, grant_type="client_credentials", audience=API)


def encoded(document: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


# ---- what is bound
@pytest.mark.parametrize("kind", ["spa", "web"])
@pytest.mark.parametrize("audience", [None, API])
def test_tokens_are_bound_and_work_with_a_proof(
    world: World, browser: Browser, jane: Person, kind: str, audience: str | None
) -> None:
    world.api()
    holder = Holder(world.client(kind))
    tokens = holder.sign_in(browser, jane, audience=audience, scope=OFFLINE)
    assert tokens.raw["token_type"] == "DPoP"
    if audience:
        assert tokens.access_claims["cnf"] == {"jkt": holder.jkt}
    answer = holder.get("/userinfo", tokens.access_token)
    assert (answer.status_code, answer.get_json()["email"]) == (200, jane.email)
    web = world.client() if kind == "spa" else holder.app
    if kind == "web":
        told = web.introspect(tokens.access_token)
        assert (told["active"], told["token_type"], told["cnf"]) == (True, "DPoP", {"jkt": holder.jkt})
    again = holder.refresh(tokens.refresh_token).get_json()
    assert again["token_type"] == "DPoP"
    assert holder.get("/userinfo", again["access_token"]).status_code == 200


def test_a_machines_token_says_its_key(machine: Holder) -> None:
    answer = own(machine).get_json()
    assert (answer["token_type"], machine.app.claims(answer["access_token"])["cnf"]) == ("DPoP", {"jkt": machine.jkt})
    told = machine.app.introspect(answer["access_token"])
    assert (told["token_type"], told["cnf"]) == ("DPoP", {"jkt": machine.jkt})


@pytest.mark.parametrize("alg", dpop.ALGORITHMS)
def test_every_algorithm_of_discovery(world: World, machine: Holder, alg: str) -> None:
    offered = world.get("/.well-known/openid-configuration").get_json()["dpop_signing_alg_values_supported"]
    assert set(offered) == {*dpop.ALGORITHMS, "Ed25519"}
    assert own(Holder(machine.app, alg)).status_code == 200


def test_without_a_proof_tokens_are_as_before(spa: Holder, browser: Browser, jane: Person) -> None:
    tokens = spa.app.sign_in(browser, jane, scope=OFFLINE)
    assert tokens.raw["token_type"] == "Bearer"
    assert tokens.userinfo().status_code == 200
    assert tokens.refreshed()


# ---- refresh tokens
@row("F3")
def test_a_public_clients_refresh_token_is_its_keys(spa: Holder, browser: Browser, jane: Person) -> None:
    tokens = spa.sign_in(browser, jane, scope=OFFLINE)
    thief = Holder(spa.app, name="thief")
    assert thief.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"
    assert spa.app.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"
    again = spa.refresh(tokens.refresh_token).get_json()
    assert thief.refresh(again["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert spa.refresh(again["refresh_token"]).status_code == 200


def test_who_authenticates_may_change_the_key(world: World, browser: Browser, jane: Person) -> None:
    holder, other = (Holder(world.client(), name=name) for name in ("holder", "other"))
    other.app = holder.app
    tokens = holder.sign_in(browser, jane, scope=OFFLINE)
    answer = other.refresh(tokens.refresh_token).get_json()
    assert other.get("/userinfo", answer["access_token"]).status_code == 200
    assert holder.get("/userinfo", answer["access_token"]).status_code == 401


def test_unless_the_tenant_wants_it_strict(world: World, browser: Browser, jane: Person) -> None:
    world.settings(dpop_strict_refresh_token_binding=True)
    holder = Holder(world.client())
    tokens = holder.sign_in(browser, jane, scope=OFFLINE)
    assert Holder(holder.app, name="other").refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"
    assert holder.app.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"
    assert holder.refresh(tokens.refresh_token).status_code == 200


def test_a_token_in_the_leeway_is_bound_too(world: World, browser: Browser, jane: Person) -> None:
    rotating = {"rotation_type": "rotating", "expiration_type": "expiring", "leeway": 30}
    holder = Holder(world.client("spa", refresh_token=rotating))
    tokens = holder.sign_in(browser, jane, scope=OFFLINE)
    assert holder.refresh(tokens.refresh_token).status_code == 200
    sibling = holder.refresh(tokens.refresh_token).get_json()["refresh_token"]
    assert holder.app.refresh(sibling).get_json()["error"] == "invalid_grant"
    assert holder.refresh(sibling).status_code == 200


# ---- codes
def bound_code(holder: Holder, browser: Browser, person: Person, **params: str) -> Attempt:
    attempt = holder.app.begin(browser, **params)
    browser.submit(username=person.email, password=person.password)
    return attempt


def test_a_code_is_bound_by_the_request(spa: Holder, browser: Browser, jane: Person) -> None:
    attempt = bound_code(spa, browser, jane, dpop_jkt=spa.jkt)
    assert Holder(spa.app, name="thief").redeem(attempt, browser.answer).get_json()["error"] == "invalid_grant"
    assert attempt.redeem(browser.answer).get_json()["error"] == "invalid_grant"
    assert spa.redeem(attempt, browser.answer).status_code == 200


def test_a_code_is_bound_by_the_proof_of_a_pushed_request(spa: Holder, browser: Browser, jane: Person) -> None:
    attempt = spa.app.attempt()
    uri = spa.push(attempt).get_json()["request_uri"]
    browser.open(f"/authorize?client_id={spa.app.client_id}&request_uri={uri}", site="cross-site")
    browser.submit(username=jane.email, password=jane.password)
    assert Holder(spa.app, name="thief").redeem(attempt, browser.answer).get_json()["error"] == "invalid_grant"
    assert spa.redeem(attempt, browser.answer).status_code == 200


def test_parameter_and_proof_of_a_pushed_request_have_to_agree(spa: Holder) -> None:
    assert spa.push(spa.app.attempt(dpop_jkt=spa.jkt)).status_code == 201
    other = spa.app.attempt(dpop_jkt=Holder(spa.app, name="other").jkt)
    answer = spa.push(other)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("jkt", ["x", "a" * 44, "!" * 43])
def test_a_thumbprint_that_is_none(spa: Holder, browser: Browser, jkt: str) -> None:
    spa.app.begin(browser, dpop_jkt=jkt)
    assert browser.answer.error == "invalid_request"


# ---- what clients and APIs insist on
CLIENTS: list[dict[str, Any]] = [{"require_proof_of_possession": True}, {"dpop_bound_access_tokens": True}]


@pytest.mark.parametrize("members", CLIENTS)
def test_a_client_that_insists_gets_nothing_without_a_proof(
    world: World, browser: Browser, jane: Person, members: dict[str, Any]
) -> None:
    holder = Holder(world.client("spa", **members))
    attempt = bound_code(holder, browser, jane, scope=OFFLINE)
    refused = attempt.redeem(browser.answer)
    assert (refused.status_code, refused.get_json()["error"]) in {(400, "invalid_request"), (400, "invalid_dpop_proof")}
    tokens = holder.redeem(attempt, browser.answer).get_json()
    assert tokens["token_type"] == "DPoP"
    assert "error" in holder.app.refresh(tokens["refresh_token"]).get_json()


@pytest.mark.parametrize(
    ("said", "kind", "free"),
    [
        ({"mechanism": "dpop", "required": True}, "web", False),
        ({"mechanism": "dpop", "required": True, "required_for": "all_clients"}, "web", False),
        ({"mechanism": "dpop", "required": True, "required_for": "public_clients"}, "web", True),
        ({"mechanism": "dpop", "required": True, "required_for": "public_clients"}, "spa", False),
        ({"mechanism": "dpop", "required": False}, "spa", True),
    ],
)
def test_an_api_says_whose_tokens_have_to_be_bound(
    world: World, browser: Browser, jane: Person, said: dict[str, Any], kind: str, free: bool
) -> None:
    world.api(proof_of_possession=said)
    holder = Holder(world.client(kind))
    attempt = bound_code(holder, browser, jane, audience=API, scope=OFFLINE)
    answer = attempt.redeem(browser.answer).get_json()
    assert (answer.get("token_type"), answer.get("error")) == (
        ("Bearer", None) if free else (None, "invalid_dpop_proof")
    )
    if not free:
        assert holder.redeem(attempt, browser.answer).get_json()["token_type"] == "DPoP"


@row("U4")
@pytest.mark.parametrize("whose", ["client", "api"])
def test_what_was_given_unbound_ends_when_somebody_insists(
    world: World, browser: Browser, jane: Person, whose: str
) -> None:
    app = world.client("web", **MACHINE)
    tokens = app.sign_in(browser, jane, audience=world.api(), scope=OFFLINE)
    assert tokens.userinfo().status_code == 200
    if whose == "client":
        world.change_client(app.client_id, dpop_bound_access_tokens=True)
    else:
        world.change_api(API, proof_of_possession={"mechanism": "dpop", "required": True})
    assert tokens.userinfo().status_code == 401
    assert app.introspect(tokens.access_token) == {"active": False}
    assert app.refresh(tokens.refresh_token).get_json()["error"] == "invalid_dpop_proof"


@pytest.mark.parametrize("members", CLIENTS)
def test_no_token_comes_through_the_browser_where_it_has_to_be_bound(
    world: World, browser: Browser, members: dict[str, Any]
) -> None:
    app = world.client("spa", grant_types=["implicit", "authorization_code"], **members)
    app.begin(browser, response_type="token")
    assert browser.answer.error == "invalid_request"


# ---- at resources
@row("U4")
def test_a_bound_token_is_no_bearers(spa: Holder, browser: Browser, jane: Person) -> None:
    tokens = spa.sign_in(browser, jane)
    for answer in (
        tokens.userinfo(),
        spa.get("/userinfo", tokens.access_token, scheme="Bearer"),
        spa.world.post("/userinfo", {"access_token": tokens.access_token}),
    ):
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_token")
        assert any(each.startswith("DPoP ") for each in answer.headers.getlist("WWW-Authenticate"))
    assert spa.get("/userinfo", tokens.access_token, scheme="dpop").status_code == 200


def test_a_bearers_token_is_no_holders(spa: Holder, browser: Browser, jane: Person) -> None:
    tokens = spa.app.sign_in(browser, jane)
    assert spa.get("/userinfo", tokens.access_token).status_code == 401


def test_the_challenge_says_what_is_taken(spa: Holder, browser: Browser, jane: Person) -> None:
    answer = spa.world.get("/userinfo")
    bearer, ours = answer.headers.getlist("WWW-Authenticate")
    where = f'resource_metadata="{spa.world.issuer}.well-known/oauth-protected-resource/userinfo"'
    assert (answer.status_code, bearer) == (401, f'Bearer realm="Gatehouse", {where}')
    assert ours == f'DPoP realm="Gatehouse", algs="{" ".join(dpop.ALGORITHMS)}", {where}'
    token = spa.sign_in(browser, jane).access_token
    answer = spa.get("/userinfo", token, proof="a.b.c")
    (ours,) = answer.headers.getlist("WWW-Authenticate")
    assert 'error="invalid_dpop_proof"' in ours
    assert "algs=" in ours


def test_the_management_api_takes_bound_tokens(world: World) -> None:
    app = world.client("m2m")
    audience = f"{world.issuer}api/v2/"
    world.grant(app.client_id, audience, "read:clients")
    holder = Holder(app)
    token = holder.token(grant_type="client_credentials", audience=audience).get_json()["access_token"]
    assert holder.get("/api/v2/clients", token).status_code == 200
    used = holder.proof("GET", "/api/v2/clients", token)
    assert holder.get("/api/v2/clients?page=0", token, used).status_code == 200
    refused = [
        holder.get("/api/v2/clients", token, used),
        holder.get("/api/v2/clients", token, scheme="Bearer"),
        Holder(app, name="thief").get("/api/v2/clients", token),
        holder.get("/api/v2/clients", token, holder.proof("POST", "/api/v2/clients", token)),
        holder.get("/api/v2/clients", token, holder.proof("GET", "/api/v2/users", token)),
        holder.get("/api/v2/clients", token, holder.proof("GET", "/api/v2/clients")),
    ]
    for answer in refused:
        assert answer.status_code == 401, answer.get_json()
        assert answer.headers["WWW-Authenticate"].startswith("DPoP ")
        assert answer.get_json()["statusCode"] == 401
    path = "/api/v2/clients/with%2fslash%7e"
    assert holder.get(path, token, holder.proof("GET", "/api/v2/clients/with%2Fslash~", token)).status_code == 404


def test_the_my_account_api_takes_bound_tokens(world: World, browser: Browser, jane: Person) -> None:
    audience = f"{world.issuer}me/"
    world.api(audience)
    app = world.client("spa")
    members = {"client_id": app.client_id, "audience": audience, "subject_type": "user"}
    world.management().post("/client-grants", {**members, "scope": ["read:me:authentication_methods"]})
    holder = Holder(app)
    token = holder.sign_in(browser, jane, audience=audience, scope="read:me:authentication_methods").access_token
    path = "/me/v1/authentication-methods"
    assert holder.get(path, token).status_code == 200
    assert holder.get(path, token, scheme="Bearer").status_code == 401
    assert Holder(app, name="thief").get(path, token).status_code == 401


def test_the_api_of_factors_takes_bound_tokens(world: World, browser: Browser, jane: Person) -> None:
    holder = Holder(world.client("spa"))
    token = holder.sign_in(
        browser, jane, audience=f"{world.issuer}mfa/", scope="enroll read:authenticators"
    ).access_token
    assert holder.get("/mfa/authenticators", token).status_code == 200
    assert holder.get("/mfa/authenticators", token, scheme="Bearer").status_code == 401
    answer = world.post("/mfa/associate", {"mfa_token": token, "authenticator_types": "otp"})
    assert answer.status_code == 401


@row("U4")
def test_an_api_with_a_secret_frees_no_token(world: World, browser: Browser, jane: Person) -> None:
    """It may sign what it likes for itself, but what it was sent stays bound here."""
    secret = "s" * 40
    world.api(signing_alg="HS256", signing_secret=secret)
    holder = Holder(world.client("spa"))
    token = holder.sign_in(browser, jane, audience=API, scope="openid email").access_token
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    del claims["cnf"]
    body = f"{encoded({'alg': 'HS256', 'typ': 'at+jwt'})}.{encoded(claims)}"
    made = base64.urlsafe_b64encode(hmac.digest(secret.encode(), body.encode(), hashlib.sha256)).rstrip(b"=").decode()
    freed = f"{body}.{made}"
    answer = world.get("/userinfo", headers={"Authorization": f"Bearer {freed}"})
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_token")
    assert holder.get("/userinfo", token).status_code == 200


def test_our_apis_say_what_they_take(world: World) -> None:
    found = world.get("/.well-known/oauth-protected-resource/userinfo").get_json()
    assert found["dpop_signing_alg_values_supported"] == list(dpop.ALGORITHMS)
    assert found["dpop_bound_access_tokens_required"] is False


def test_the_log_says_that_tokens_are_bound(world: World, machine: Holder) -> None:
    assert own(machine).status_code == 200
    assert machine.app.token(grant_type="client_credentials", audience=API).status_code == 200
    assert own(machine, "x.y.z").status_code == 400
    bound, free = world.logs("seccft")
    assert ((bound.data.get("details") or {}).get("token_type"), (free.data.get("details") or {})) == ("DPoP", {})
    (refused,) = world.logs("feccft")
    assert refused.data["details"]["error"] == "invalid_dpop_proof"
