"""Token exchange (RFC 8693): profiles of the tenant, and on behalf of a user."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from idp.directory.connections import service as connections
from idp.foundation.kernel import clock as clock_now
from idp.protocol.tokens import room
from idp.protocol.tokens.models import Authorization
from tests.flows.test_refresh_token_cap import families_of
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.client_keys import key, public, signed
from tests.world.fixtures import Clock, on_both_stores
from tests.world.world import Person, World

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
LEGACY = "urn:acme:legacy-session"
ISSUER = "https://legacy.acme.example"
FRONT, BACK, DEEP = "https://front.example.test/", "https://back.example.test/", "https://deep.example.test/"


@pytest.fixture
def app(world: World) -> Application:
    return world.client(token_exchange={"allow_any_profile_of_type": ["custom_authentication"]})


def profile(world: World, **validation: Any) -> dict[str, Any]:
    """A profile whose subject tokens are checked with the first key."""
    found: dict[str, Any] = world.management().post(
        "/token-exchange-profiles",
        {
            "name": "Legacy sessions",
            "subject_token_type": LEGACY,
            "type": "custom_authentication",
            "validation": {"issuer": ISSUER, "jwks": {"keys": [public()]}, **validation},
        },
    )
    return found


def token(world: World, subject: str, by: Any = None, alg: str = "ES256", header: Any = None, **claims: Any) -> str:
    """A subject token of the other issuer; None leaves a claim out."""
    now = clock_now.now()
    usual = {"iss": ISSUER, "sub": subject, "aud": world.issuer, "iat": now, "exp": now + 300}
    return signed({**usual, **claims}, by or key(alg), alg, **(header or {}))


def exchange(app: Application, raw: str, kind: str = LEGACY, **form: str) -> Any:
    return app.token(grant_type=GRANT, subject_token=raw, subject_token_type=kind, **form)


def error(answer: Any) -> str:
    assert answer.status_code >= 400, answer.text
    return str(answer.get_json()["error"])


# ---- tokens of others
def test_a_token_of_a_trusted_issuer_becomes_tokens(world: World, jane: Person, app: Application) -> None:
    profile(world)
    said = exchange(app, token(world, jane.user_id), scope="openid profile email offline_access")
    assert said.status_code == 200, said.text
    tokens = said.get_json()
    assert (tokens["issued_token_type"], tokens["token_type"]) == (ACCESS, "Bearer")
    assert app.claims(tokens["id_token"])["sub"] == jane.user_id
    assert app.userinfo(tokens["access_token"]).get_json()["email"] == jane.email
    assert app.refresh(tokens["refresh_token"]).status_code == 200
    (entry,) = world.logs("secte")
    assert (entry.user_id, entry.client_id) == (jane.user_id, app.client_id)


def test_accounts_are_found_in_a_connection_or_made_there(world: World, app: Application) -> None:
    other = world.management().post(
        "/connections",
        {
            "name": "partner",
            "strategy": "oidc",
            "options": {
                "type": "back_channel",
                "client_id": "x",
                "client_secret": "y",
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/a",
                "token_endpoint": f"{ISSUER}/t",
                "jwks_uri": f"{ISSUER}/k",
            },
            "enabled_clients": [app.client_id],
        },
    )
    made = profile(world, connection=other["name"], claim="uid")
    raw = token(world, "ignored", uid="u-1", email="anna@acme.example", email_verified=True, name="Anna")
    assert error(exchange(app, raw)) == "invalid_grant", "nobody is made unless the profile says so"
    validation = {**made["validation"], "creates_users": True}
    world.caller().patch(f"/token-exchange-profiles/{made['id']}", {"validation": validation})
    claims = app.claims(exchange(app, raw, scope="openid profile email").get_json()["id_token"])
    assert claims["sub"] == "oidc|partner|u-1"
    assert (claims["email"], claims["email_verified"], claims["name"]) == ("anna@acme.example", True, "Anna")
    again = app.claims(exchange(app, raw, scope="openid").get_json()["id_token"])
    assert again["sub"] == claims["sub"]
    with world.writing() as work:
        connections.set_clients(work, connections.get(work, other["id"]), [])
        work.configuration_changed()
    assert error(exchange(app, raw)) == "invalid_grant", "the connection is not the application's any more"


@row("U1", "U2")
def test_a_subject_token_that_is_not_the_issuers_is_nobodys(world: World, jane: Person, app: Application) -> None:
    profile(world)
    now = clock_now.now()
    oct_key: Any = key("ES256", "other")
    bad = [
        token(world, jane.user_id, by=oct_key),
        token(world, jane.user_id, iss="https://evil.example"),
        token(world, jane.user_id, aud="https://somebody.example/"),
        token(world, jane.user_id, aud=None),
        token(world, jane.user_id, exp=now - 120),
        token(world, jane.user_id, exp=None),
        token(world, jane.user_id, exp=now + 200_000),
        token(world, jane.user_id, nbf=now + 600),
        token(world, jane.user_id, sub=None),
        token(world, jane.user_id, sub=["x"]),
        token(world, jane.user_id, header={"typ": "logout+jwt"}),
        token(world, jane.user_id, header={"crit": ["kid"]}),
        token(world, jane.user_id, by=oct_key, header={"jwk": public("ES256", "other")}),
        token(world, jane.user_id, by=oct_key, header={"jku": "https://evil.example/jwks"}),
        token(world, "auth0|nobody"),
        "not.a.token",
        "x" * 20_000,
    ]
    world.protection("suspicious-ip-throttling", enabled=False)
    assert {error(exchange(app, raw)) for raw in bad} == {"invalid_grant"}
    assert {entry.type for entry in world.logs("fecte")} == {"fecte"}
    assert exchange(app, token(world, jane.user_id)).status_code == 200


def test_a_network_whose_tokens_are_no_good_waits(world: World, jane: Person, app: Application, clock: Clock) -> None:
    profile(world)
    for _ in range(10):
        assert error(exchange(app, token(world, jane.user_id, by=key("ES256", "other")))) == "invalid_grant"
    said = exchange(app, token(world, jane.user_id))
    assert (said.status_code, error(said)) == (429, "too_many_attempts")
    clock.forward(minutes=11)
    assert exchange(app, token(world, jane.user_id)).status_code == 200


@row("E4")
def test_who_may_exchange_what(world: World, jane: Person, app: Application) -> None:
    raw = token(world, jane.user_id)
    assert error(exchange(app, raw)) == "invalid_request", "no profile of that type"
    made = profile(world)
    other = world.client(name="other")
    assert error(exchange(other, raw)) == "unauthorized_client"
    narrow = world.client(name="narrow", token_exchange={"allow_any_profile_of_type": ["on_behalf_of_token_exchange"]})
    assert error(exchange(narrow, raw)) == "unauthorized_client"
    assert error(exchange(app, raw, requested_token_type="urn:ietf:params:oauth:token-type:saml2")) == "invalid_request"
    assert error(exchange(app, raw, actor_token="x")) == "invalid_request"
    assert error(app.token(grant_type=GRANT, subject_token_type=LEGACY)) == "invalid_request"
    world.caller().patch(f"/token-exchange-profiles/{made['id']}", {"validation": None})
    assert error(exchange(app, raw)) == "invalid_request", "nobody checks it"
    assert world.caller().delete(f"/token-exchange-profiles/{made['id']}").status_code == 204
    assert error(exchange(app, raw)) == "invalid_request"


def test_a_blocked_user_and_one_without_a_second_factor_get_nothing(
    world: World, jane: Person, app: Application
) -> None:
    profile(world)
    world.caller().put("/guardian/policies", ["all-applications"])
    world.caller().put("/guardian/factors/otp", {"enabled": True})
    assert error(exchange(app, token(world, jane.user_id))) == "mfa_required"
    world.caller().put("/guardian/policies", [])
    world.change_user(jane.user_id, blocked=True)
    assert error(exchange(app, token(world, jane.user_id))) == "invalid_grant"


def test_profiles_by_the_management_api(world: World) -> None:
    caller = world.caller()
    base = {"name": "One", "subject_token_type": LEGACY, "type": "custom_authentication", "action_id": "act_1"}
    first = caller.post("/token-exchange-profiles", base)
    assert first.status_code == 201, first.text
    assert first.json["id"].startswith("tep_")
    assert {"name", "subject_token_type", "type", "action_id", "created_at", "updated_at", "id"} == set(first.json)
    assert caller.post("/token-exchange-profiles", base).status_code == 409
    for taken in ("urn:ietf:params:oauth:token-type:jwt", "http://auth0.com/x", "urn:okta:y", "mailto:somebody"):
        assert caller.post("/token-exchange-profiles", {**base, "subject_token_type": taken}).status_code == 400
    bad = [
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": "https://a.example/k", "jwks": {"keys": [public()]}},
        {"issuer": world.issuer, "jwks_uri": "https://a.example/k"},
        {"issuer": ISSUER, "jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}},
        {"issuer": ISSUER, "jwks_uri": "https://a.example/k", "creates_users": True},
    ]
    for validation in bad:
        document = {**base, "subject_token_type": "urn:acme:two", "validation": validation}
        assert caller.post("/token-exchange-profiles", document).status_code == 400, validation
    path = f"/token-exchange-profiles/{first.json['id']}"
    assert caller.patch(path, {"name": "Renamed"}).status_code == 204
    assert caller.get(path).json["name"] == "Renamed"
    caller.post("/token-exchange-profiles", {**base, "name": "Two", "subject_token_type": "urn:acme:two"})
    page = caller.get("/token-exchange-profiles", take=1).json
    assert [each["name"] for each in page["token_exchange_profiles"]] == ["Renamed"]
    rest = caller.get("/token-exchange-profiles", take=1, from_=page["next"]).json
    assert [each["name"] for each in rest["token_exchange_profiles"]] == ["Two"]
    assert world.caller("read:clients").get("/token-exchange-profiles").status_code == 403
    assert caller.delete(path).status_code == 204
    assert caller.get(path).status_code == 404


# ---- on behalf of a user
@pytest.fixture
def chain(world: World) -> list[Application]:
    """Three APIs, each with the client that calls the next one."""
    made = []
    for name, identifier in (("front", FRONT), ("back", BACK), ("deep", DEEP)):
        client = world.client(
            "m2m", name=name, token_exchange={"allow_any_profile_of_type": ["on_behalf_of_token_exchange"]}
        )
        world.api(identifier, name=name, client_id=client.client_id)
        made.append(client)
    return made


def subject(world: World, browser: Browser, jane: Person) -> Any:
    """An access token of the first API, as its caller got it."""
    return world.client(name="caller").sign_in(browser, jane, audience=FRONT, scope="openid read:things")


def test_an_api_goes_on_for_the_person(world: World, browser: Browser, jane: Person, chain: list[Application]) -> None:
    tokens = subject(world, browser, jane)
    front, back, _ = chain
    said = exchange(front, tokens.access_token, ACCESS, audience=BACK, scope="openid read:things write:things")
    assert said.status_code == 200, said.text
    answer = said.get_json()
    assert answer["issued_token_type"] == ACCESS
    assert {"id_token", "refresh_token"}.isdisjoint(answer)
    claims = front.claims(answer["access_token"])
    assert (claims["sub"], claims["aud"], claims["azp"]) == (jane.user_id, BACK, front.client_id)
    assert (claims["act"], claims["scope"]) == ({"sub": front.client_id}, "read:things write:things")
    assert claims["exp"] <= tokens.access_claims["exp"]
    assert back.introspect(answer["access_token"])["act"] == {"sub": front.client_id}
    further = exchange(back, answer["access_token"], ACCESS, audience=DEEP, scope="read:things").get_json()
    inner = {"sub": back.client_id, "act": {"sub": front.client_id}}
    assert back.claims(further["access_token"])["act"] == inner
    assert [entry.user_id for entry in world.logs("seobo")] == [jane.user_id] * 2


@row("F5")
def test_what_came_of_a_token_ends_with_it(
    world: World, browser: Browser, jane: Person, chain: list[Application]
) -> None:
    tokens = subject(world, browser, jane)
    front, back, _ = chain
    one = exchange(front, tokens.access_token, ACCESS, audience=BACK, scope="read:things").get_json()["access_token"]
    assert back.introspect(one)["active"] is True
    world.caller().delete(f"/users/{jane.user_id}/sessions")
    assert back.introspect(one) == {"active": False}
    assert error(exchange(front, tokens.access_token, ACCESS, audience=BACK)) == "invalid_grant"


@on_both_stores
def test_the_oldest_of_many_make_room(
    world: World, browser: Browser, jane: Person, chain: list[Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever calls the API has it make an authorization each time; the person's own sign-ins are no part of them."""
    monkeypatch.setattr(room, "EVERY", 1)
    front, back, _ = chain
    tokens = subject(world, browser, jane)
    own = world.client(name="web").sign_in(browser, jane)
    now = clock_now.now_ms()
    about = {"origin": "rlp_0", "act": {"sub": front.client_id}}
    before = families_of(
        world, jane, front, room.MOST_PER_CLIENT, offline=False, request=about, live_until=now + 60_000
    )
    here = families_of(world, jane, front, 1, first=500, offline=False, live_until=now + 60_000)
    got = exchange(front, tokens.access_token, ACCESS, audience=BACK, scope="read:things").get_json()["access_token"]
    assert back.introspect(got)["active"] is True
    with world.platform.db.reading(world.tenant) as rows:
        kept = set(rows.scalars(select(Authorization.id)))
    assert {*before, *here} - kept == {before[0]}
    assert own.userinfo().status_code == 200


@row("F5")
def test_what_came_of_a_policys_token_ends_with_the_policy(
    world: World, browser: Browser, jane: Person, chain: list[Application]
) -> None:
    front, back, deep = chain
    other = "https://other.example.test/"
    world.api(other, name="other", skip_consent_for_verifiable_first_party_clients=True)
    policies = [{"audience": FRONT, "scope": ["read:things"]}]
    app = world.client(name="caller", refresh_token={"policies": policies})
    first = app.sign_in(browser, jane, audience=other, scope="openid offline_access read:things")
    raw = first.refreshed(audience=FRONT).access_token
    one = exchange(front, raw, ACCESS, audience=BACK, scope="read:things").get_json()["access_token"]
    further = exchange(back, one, ACCESS, audience=DEEP, scope="read:things").get_json()["access_token"]
    assert (back.introspect(one)["active"], deep.introspect(further)["active"]) == (True, True)
    world.change_client(app.client_id, refresh_token={"policies": []})
    assert [back.introspect(one), deep.introspect(further)] == [{"active": False}] * 2
    assert error(exchange(back, one, ACCESS, audience=DEEP)) == "invalid_grant"


@row("B3")
def test_a_token_of_another_api_is_not_exchanged(
    world: World, browser: Browser, jane: Person, chain: list[Application]
) -> None:
    tokens = subject(world, browser, jane)
    front, back, _ = chain
    assert error(exchange(back, tokens.access_token, ACCESS, audience=DEEP)) == "invalid_grant"
    assert error(exchange(front, tokens.id_token, ACCESS, audience=BACK)) == "invalid_grant"
    assert error(exchange(front, tokens.access_token[:-4] + "AAAA", ACCESS, audience=BACK)) == "invalid_grant"
    machine = world.token(aud=FRONT)
    assert error(exchange(front, machine, ACCESS, audience=BACK)) == "invalid_grant"
    assert error(exchange(front, tokens.access_token, ACCESS)) == "invalid_request"
    assert error(exchange(front, tokens.access_token, ACCESS, audience="https://nobody.example/")) == "invalid_target"
    plain = world.client("m2m", name="plain")
    assert error(exchange(plain, tokens.access_token, ACCESS, audience=BACK)) == "unauthorized_client"
    world.change_api(BACK, subject_type_authorization={"user": {"policy": "deny_all"}})
    assert error(exchange(front, tokens.access_token, ACCESS, audience=BACK)) == "access_denied"


def test_a_loop_of_apis_ends(world: World, browser: Browser, jane: Person) -> None:
    loops = world.client("m2m", token_exchange={"allow_any_profile_of_type": ["on_behalf_of_token_exchange"]})
    world.api(FRONT, client_id=loops.client_id)
    raw = subject(world, browser, jane).access_token
    for _ in range(5):
        raw = exchange(loops, raw, ACCESS, audience=FRONT).get_json()["access_token"]
    assert error(exchange(loops, raw, ACCESS, audience=FRONT)) == "invalid_request"
