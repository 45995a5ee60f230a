"""Whoever acts for the person of a subject token says so by a token of their own (RFC 8693 2.1, 4.1, 4.4)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from idp.foundation.kernel import clock as clock_now
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.client_keys import key, public, signed
from tests.world.holder import Holder
from tests.world.world import API, Person, World

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
LEGACY, AGENT = "urn:acme:legacy-session", "urn:acme:agent"
PEOPLE, AGENTS = "https://people.acme.example", "https://agents.acme.example"
BOT = {"sub": "bot-7", "iss": AGENTS}


def profile(world: World, name: str, kind: str, issuer: str, key_name: str, **more: Any) -> str:
    made = world.management().post(
        "/token-exchange-profiles",
        {
            "name": name,
            "subject_token_type": kind,
            "type": "custom_authentication",
            "validation": {"issuer": issuer, "jwks": {"keys": [public("ES256", key_name)]}},
            **more,
        },
    )
    return str(made["id"])


@pytest.fixture
def app(world: World) -> Application:
    """A client with a profile for sessions of people, whom agents of another issuer may act for."""
    world.api()
    profile(world, "Agents", AGENT, AGENTS, "agents")
    profile(world, "Legacy sessions", LEGACY, PEOPLE, "people", actor_token_types=[AGENT, ACCESS])
    return world.client(
        grant_types=["client_credentials", "authorization_code", "refresh_token"],
        token_exchange={"allow_any_profile_of_type": ["custom_authentication"]},
    )


def subject(world: World, person: Person, by: str = "people", **claims: Any) -> str:
    return _token(world, PEOPLE, person.user_id, by, **claims)


def agent(world: World, by: str = "agents", **claims: Any) -> str:
    return _token(world, AGENTS, "bot-7", by, **claims)


def _token(world: World, issuer: str, who: str, by: str, **claims: Any) -> str:
    now = clock_now.now()
    usual = {"iss": issuer, "sub": who, "aud": world.issuer, "iat": now, "exp": now + 300}
    return signed({**usual, **claims}, key("ES256", by), "ES256")


def exchange(app: Application, raw: str, actor: str | None = None, kind: str | None = AGENT, **form: str) -> Any:
    return app.token(
        grant_type=GRANT,
        subject_token=raw,
        subject_token_type=LEGACY,
        actor_token=actor,
        actor_token_type=kind if actor else None,
        **{"audience": API, "scope": "openid read:things", **form},
    )


def error(answer: Any) -> str:
    assert answer.status_code >= 400, answer.text
    return str(answer.get_json()["error"])


def test_the_tokens_say_who_acts(world: World, jane: Person, app: Application) -> None:
    said = exchange(app, subject(world, jane), agent(world))
    assert said.status_code == 200, said.text
    tokens = said.get_json()
    for name in ("access_token", "id_token"):
        claims = app.claims(tokens[name])
        assert (claims["sub"], claims["act"]) == (jane.user_id, BOT), name
    assert app.introspect(tokens["access_token"])["act"] == BOT
    (entry,) = world.logs("secte")
    assert entry.data["details"]["act"] == BOT


def test_who_acted_before_stands_inside(world: World, jane: Person, app: Application) -> None:
    before = {"sub": "desk", "iss": PEOPLE, "secret": "no", "act": {"sub": "first"}}
    claims = app.claims(exchange(app, subject(world, jane, act=before), agent(world)).get_json()["access_token"])
    assert claims["act"] == {**BOT, "act": {"sub": "desk", "iss": PEOPLE, "act": {"sub": "first"}}}


@row("U1")
@pytest.mark.parametrize("act", ["desk", {"iss": PEOPLE}, {"sub": 7}, {"sub": "x" * 300}, {"sub": "a", "act": []}, []])
def test_a_chain_that_is_none(world: World, jane: Person, app: Application, act: Any) -> None:
    assert error(exchange(app, subject(world, jane, act=act), agent(world))) == "invalid_grant"


def test_a_chain_that_is_too_long(world: World, jane: Person, app: Application) -> None:
    chain: dict[str, Any] = {"sub": "0"}
    for number in range(1, 5):
        chain = {"sub": str(number), "act": chain}
    assert error(exchange(app, subject(world, jane, act=chain), agent(world))) == "invalid_request"
    assert error(exchange(app, subject(world, jane, act={"sub": "5", "act": chain}), agent(world))) == "invalid_grant"


@row("U2")
def test_who_acts_may_not_be_forgotten(world: World, jane: Person, app: Application) -> None:
    """Without an actor the tokens would say that the person is there."""
    assert error(exchange(app, subject(world, jane, act={"sub": "desk"}))) == "invalid_grant"
    assert error(exchange(app, subject(world, jane, may_act=BOT))) == "invalid_grant"


@pytest.mark.parametrize("may_act", [BOT, {"sub": "bot-7"}, {**BOT, "email": "bot@acme.example"}])
def test_a_subject_token_says_who_may(world: World, jane: Person, app: Application, may_act: Any) -> None:
    assert exchange(app, subject(world, jane, may_act=may_act), agent(world)).status_code == 200


@row("U2")
@pytest.mark.parametrize("may_act", [{"sub": "bot-8"}, {"sub": "bot-7", "iss": PEOPLE}, {"iss": AGENTS}, "bot-7"])
def test_and_nobody_else_does(world: World, jane: Person, app: Application, may_act: Any) -> None:
    raw = signed(
        {
            "iss": PEOPLE,
            "sub": jane.user_id,
            "aud": world.issuer,
            "iat": clock_now.now(),
            "exp": clock_now.now() + 300,
            "may_act": may_act,
        },
        key("ES256", "people"),
        "ES256",
    )
    assert error(exchange(app, raw, agent(world))) == "invalid_grant"


def test_the_application_itself_may_be_who_acts(world: World, jane: Person, app: Application) -> None:
    named = {"sub": app.client_id, "iss": world.issuer}
    said = exchange(app, subject(world, jane, may_act=named))
    assert said.status_code == 200, "it authenticated, and no token of an actor is needed to know it"


@row("U1")
def test_an_actors_token_is_checked_like_a_subjects(world: World, jane: Person, app: Application) -> None:
    now = clock_now.now()
    bad = [
        agent(world, by="people"),
        agent(world, iss=PEOPLE),
        agent(world, aud="https://somebody.example/"),
        agent(world, exp=now - 300),
        agent(world, exp=now + 200_000),
        agent(world, sub=None),
        subject(world, jane),
        "not.a.token",
    ]
    world.protection("suspicious-ip-throttling", enabled=False)
    assert {error(exchange(app, subject(world, jane), raw)) for raw in bad} == {"invalid_grant"}
    assert {entry.type for entry in world.logs("fecte")} == {"fecte"}


@pytest.mark.parametrize("kind", ["urn:acme:unknown", LEGACY, "urn:ietf:params:oauth:token-type:id_token"])
def test_the_profile_says_which_types(world: World, jane: Person, app: Application, kind: str) -> None:
    assert error(exchange(app, subject(world, jane), agent(world), kind)) == "invalid_request"


def test_token_and_type_come_together(world: World, jane: Person, app: Application) -> None:
    raw = subject(world, jane)
    assert error(exchange(app, raw, agent(world), None)) == "invalid_request"
    alone = app.token(grant_type=GRANT, subject_token=raw, subject_token_type=LEGACY, actor_token_type=AGENT)
    assert error(alone) == "invalid_request"


@row("E4")
def test_a_profile_without_actors_takes_none(world: World, jane: Person) -> None:
    profile(world, "Agents", AGENT, AGENTS, "agents")
    profile(world, "Legacy sessions", LEGACY, PEOPLE, "people")
    app = world.client(token_exchange={"allow_any_profile_of_type": ["custom_authentication"]})
    world.api()
    assert error(exchange(app, subject(world, jane), agent(world))) == "invalid_request"


def test_an_application_acts_by_its_own_token(world: World, browser: Browser, jane: Person, app: Application) -> None:
    world.grant(app.client_id, API, "read:things")
    own = app.token(grant_type="client_credentials", audience=API).get_json()["access_token"]
    said = exchange(app, subject(world, jane), own, ACCESS)
    assert app.claims(said.get_json()["access_token"])["act"] == {
        "sub": f"{app.client_id}@clients",
        "iss": world.issuer,
    }
    clerk = world.user(email="clerk@example.test")
    theirs = app.sign_in(browser, clerk, audience=API, scope="openid")
    said = exchange(app, subject(world, jane), theirs.access_token, ACCESS)
    assert app.claims(said.get_json()["access_token"])["act"] == {"sub": clerk.user_id, "iss": world.issuer}
    world.change_user(clerk.user_id, blocked=True)
    assert error(exchange(app, subject(world, jane), theirs.access_token, ACCESS)) == "invalid_grant"


@row("U2")
def test_nobody_acts_by_a_token_of_another_application(
    world: World, browser: Browser, jane: Person, app: Application
) -> None:
    other = world.client("m2m")
    world.grant(other.client_id, API, "read:things")
    theirs = other.token(grant_type="client_credentials", audience=API).get_json()["access_token"]
    assert error(exchange(app, subject(world, jane), theirs, ACCESS)) == "invalid_grant"
    signed_in = world.client().sign_in(browser, jane, audience=API, scope="openid offline_access")
    for token in (signed_in.access_token, signed_in.refresh_token, signed_in.id_token):
        assert error(exchange(app, subject(world, jane), token, ACCESS)) == "invalid_grant"


@row("U4")
def test_a_bound_token_is_no_actors(world: World, browser: Browser, jane: Person, app: Application) -> None:
    """Nobody proves its key here: stolen, it would make an actor of whoever has it."""
    world.grant(app.client_id, API, "read:things")
    holder, clerk = Holder(app), world.user(email="clerk@example.test")
    theirs = holder.sign_in(browser, clerk, audience=API, scope="openid").access_token
    own = holder.token(grant_type="client_credentials", audience=API).get_json()["access_token"]
    for token in (theirs, own):
        assert error(exchange(app, subject(world, jane), token, ACCESS)) == "invalid_grant"
    assert error(exchange(app, subject(world, jane), agent(world, cnf={"jkt": "x"}))) == "invalid_grant"
    assert error(exchange(app, subject(world, jane, cnf={"jkt": "x"}))) == "invalid_grant"


@row("U2")
def test_whoever_is_acted_for_acts_for_nobody(world: World, jane: Person, app: Application) -> None:
    john = world.user(email="john@example.test")
    delegated = exchange(app, subject(world, john), agent(world)).get_json()["access_token"]
    assert error(exchange(app, subject(world, jane), delegated, ACCESS)) == "invalid_grant"
    assert error(exchange(app, subject(world, jane), agent(world, act={"sub": "other"}))) == "invalid_grant"


@row("E8")
def test_a_public_client_is_not_who_it_says_that_acts(world: World, jane: Person, app: Application) -> None:
    spa = world.client("spa", token_exchange={"allow_any_profile_of_type": ["custom_authentication"]})
    named = subject(world, jane, may_act={"sub": spa.client_id, "iss": world.issuer})
    assert error(exchange(spa, named)) == "invalid_grant"


@row("F5")
@pytest.mark.parametrize("how", ["block", "delete", "client", "profile"])
def test_what_was_given_to_an_actor_ends(world: World, jane: Person, app: Application, how: str) -> None:
    token = exchange(app, subject(world, jane), agent(world)).get_json()["access_token"]
    watcher = world.client("m2m")
    world.change_api(API, client_id=watcher.client_id)
    assert watcher.introspect(token)["active"]
    match how:
        case "block":
            world.caller().patch(f"/users/{jane.user_id}", {"blocked": True})
        case "delete":
            world.caller().delete(f"/users/{jane.user_id}")
        case "client":
            world.delete_client(app.client_id)
        case _:
            world.change_client(app.client_id, token_exchange={"allow_any_profile_of_type": []})
            assert error(exchange(app, subject(world, jane), agent(world))) in {
                "unauthorized_client",
                "invalid_request",
            }
            return
    assert watcher.introspect(token) == {"active": False}


def test_nothing_outlives_it_and_no_account_is_touched(world: World, jane: Person, app: Application) -> None:
    said = exchange(app, subject(world, jane), agent(world), scope="openid offline_access read:things").get_json()
    assert "refresh_token" not in said
    assert "offline_access" not in said["scope"].split()
    for audience in (f"{world.issuer}api/v2/", f"{world.issuer}mfa/"):
        assert error(exchange(app, subject(world, jane), agent(world), audience=audience)) == "invalid_target"


def test_a_second_factor_is_not_asked_of_an_actor(world: World, jane: Person, app: Application) -> None:
    caller = world.caller()
    assert caller.put("/guardian/policies", ["all-applications"]).status_code == 200
    assert caller.put("/guardian/factors/otp", {"enabled": True}).status_code == 200
    said = exchange(app, subject(world, jane), agent(world))
    assert error(said) == "access_denied"
    assert "mfa_token" not in said.get_json()


def test_other_exchanges_have_no_actors(world: World, jane: Person, app: Application) -> None:
    for kind in (ACCESS, "http://auth0.com/oauth/token-type/apple-authz-code"):
        said = app.token(
            grant_type=GRANT,
            subject_token="x",
            subject_token_type=kind,
            actor_token=agent(world),
            actor_token_type=AGENT,
            audience=API,
        )
        assert error(said) == "invalid_request", kind


def test_the_management_api_keeps_the_types(world: World) -> None:
    made = profile(world, "Legacy sessions", LEGACY, PEOPLE, "people", actor_token_types=[ACCESS])
    caller = world.caller("read:token_exchange_profiles", "update:token_exchange_profiles")
    assert caller.get(f"/token-exchange-profiles/{made}").get_json()["actor_token_types"] == [ACCESS]
    for bad in (["agent"], [AGENT] * 11, "x"):
        assert caller.patch(f"/token-exchange-profiles/{made}", {"actor_token_types": bad}).status_code == 400


@row("U2")
def test_whoever_is_impersonated_acts_for_nobody(
    world: World, browser: Browser, jane: Person, app: Application
) -> None:
    """It is not them who is there."""
    world.settings(flags={"disable_impersonation": False})
    helper, boss = world.user("helper@example.com"), world.user("boss@example.com")
    body = {"impersonator_id": helper.user_id, "client_id": app.client_id}
    made = world.caller().post(f"/users/{quote(boss.user_id)}/impersonate", body)
    browser.open(made.get_json()["url"])
    code = browser.answer.params["code"]
    token = app.token(grant_type="authorization_code", code=code, redirect_uri=app.callback).get_json()["access_token"]
    assert error(exchange(app, subject(world, jane), token, ACCESS)) == "invalid_grant"
