"""The My Account API: who may call it, and how it refuses (spec/my-account.md)."""

from __future__ import annotations

from idp.applications.clients import client_grants
from tests.world.application import Application
from tests.world.factors import enrol
from tests.world.fixtures import Clock
from tests.world.own_account import ALL, METHODS, Me, activated, allow, sign_in
from tests.world.world import Person, World


def test_acceptance_1_a_client_grant_says_which_scopes_there_are(world: World, jane: Person) -> None:
    activated(world)
    app = world.client()
    browser = world.browser()
    audience = f"{world.issuer}me/"
    app.sign_in(browser, jane)
    app.begin(browser, audience=audience, scope="openid read:me:factors")
    assert browser.answer.error == "access_denied"
    allow(world, app, "read:me:factors", "read:me:authentication_methods")
    tokens = sign_in(app, jane)
    assert set(str(tokens.access_claims["scope"]).split()) & set(ALL) == {
        "read:me:factors",
        "read:me:authentication_methods",
    }
    assert audience in tokens.access_claims["aud"]
    me = Me(world, tokens.access_token)
    assert me("GET", "/factors").status_code == 200
    assert me("POST", METHODS, {"type": "totp"}).status_code == 403
    with world.writing() as work:
        client_grants.remove_of_client(work, app.client_id)
    assert me("GET", "/factors").status_code == 401


def test_acceptance_2_no_client_has_one_on_its_own_behalf(world: World, app: Application) -> None:
    answer = app.token(grant_type="client_credentials", audience=f"{world.issuer}me/")
    assert (answer.status_code, answer.json["error"]) == (400, "access_denied")


def test_the_api_is_the_systems_and_stays_what_it_is(world: World) -> None:
    audience, api = activated(world), world.caller()
    found = api.get("/resource-servers/" + audience.replace("/", "%2F")).json
    assert (found["name"], found["is_system"]) == ("My Account API", True)
    assert [each["value"] for each in found["scopes"]] == list(ALL)
    path = f"/resource-servers/{found['id']}"
    assert api.patch(path, {"scopes": []}).status_code == 400
    everyone = {"subject_type_authorization": {"client": {"policy": "allow_all"}}}
    assert api.patch(path, everyone).status_code == 400
    people = {"subject_type_authorization": {"user": {"policy": "allow_all"}}}
    assert api.patch(path, people).status_code == 200
    assert api.delete(path).status_code == 400


def test_acceptance_5_errors_and_media_types(world: World, app: Application, me: Me) -> None:
    form = world.send(
        "POST", f"/me/v1{METHODS}", data={"type": "totp"}, headers={"Authorization": f"Bearer {me.token}"}
    )
    assert (form.status_code, form.json["title"]) == (415, "Unsupported Media Type")
    bad = me("POST", METHODS, {"type": "nonsense"})
    assert set(bad.json) == {"type", "status", "title", "detail", "validation_errors"}
    assert (bad.json["status"], bad.json["title"]) == (400, "Bad Request")
    assert bad.json["validation_errors"][0] | {"detail": ""} == {
        "detail": "",
        "field": "type",
        "pointer": "/type",
        "source": "body",
    }
    assert me("POST", METHODS, {"type": "totp", "email": "x@example.com"}).status_code == 400
    assert me("POST", METHODS, {"type": "push-notification"}).status_code == 403
    assert me("GET", "/nonsense").json["title"] == "Not Found"
    assert me("GET", f"{METHODS}/totp%7Cdev_none").status_code == 404
    nobody = world.get("/me/v1/factors")
    assert (nobody.status_code, nobody.json["title"]) == (401, "Unauthorized")
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")
    few = world.client()
    allow(world, few, "read:me:factors")
    reader = Me(world, sign_in(few, world.user("few@example.com")).access_token)
    refused = reader("GET", METHODS)
    assert (refused.status_code, refused.json["title"]) == (403, "Insufficient Scope")
    assert me.get("/consents") == {"consents": []}
    assert me("GET", "/consents/one").status_code == 404
    assert me.get("/organizations") == {"organizations": []}
    assert (
        me("POST", METHODS, {"type": "totp"}, headers={"Origin": "https://evil.example"}).headers.get(
            "Access-Control-Allow-Origin"
        )
        is None
    )
    asked = world.send("OPTIONS", f"/me/v1{METHODS}", headers={"Origin": "https://app.example.com"})
    assert asked.status_code == 204


def test_tokens_of_other_apis_open_nothing(world: World, app: Application, jane: Person) -> None:
    tokens = app.sign_in(world.browser(), jane)
    for token in (tokens.access_token, tokens.id_token, world.token(sub=jane.user_id)):
        assert Me(world, token)("GET", "/factors").status_code == 401


def test_a_revoked_or_blocked_caller_is_nobody(world: World, jane: Person, me: Me) -> None:
    assert me("GET", "/factors").status_code == 200
    world.caller().patch(f"/users/{jane.user_id}", {"blocked": True})
    assert me("GET", "/factors").status_code == 401


def test_acceptance_6_somebody_with_a_factor(world: World, app: Application, jane: Person, clock: Clock) -> None:
    seed, browser = enrol(world, jane), world.browser()
    tokens = sign_in(app, jane, browser, seed)
    assert "mfa" in tokens.id_claims["amr"]
    clock.forward(minutes=10)
    refreshed = tokens.refreshed()
    clock.forward(minutes=6)
    late = app.refresh(tokens.refresh_token)
    assert (late.status_code, late.json["error"]) == (403, "mfa_required")
    assert {"type": "otp"} in late.json["mfa_requirements"]["challenge"]
    me = Me(world, refreshed.access_token)
    assert me("GET", METHODS).status_code == 200
    assert me("POST", METHODS, {"type": "recovery-code"}).json["title"] == "Step-Up Required"
    app.begin(browser, audience=f"{world.issuer}me/", scope="openid", prompt="none")
    assert browser.answer.error == "interaction_required"
    assert sign_in(app, jane, browser, seed).access_token


def test_acceptance_6_somebody_without(world: World, app: Application, jane: Person, clock: Clock) -> None:
    browser = world.browser()
    tokens = sign_in(app, jane, browser)
    clock.forward(minutes=10)
    assert tokens.refreshed().access_token
    clock.forward(minutes=6)
    late = app.refresh(tokens.refresh_token)
    assert (late.status_code, late.json["error"]) == (400, "unmet_authentication_requirements")
    app.begin(browser, audience=f"{world.issuer}me/", scope="openid", prompt="none")
    assert browser.answer.error == "unmet_authentication_requirements"
    old = Me(world, sign_in(app, jane, browser).access_token)
    assert old("POST", METHODS, {"type": "totp"}).json["title"] == "Step-Up Required"
    fresh = Me(world, sign_in(app, jane, browser, max_age="600").access_token)
    assert fresh("POST", METHODS, {"type": "totp"}).status_code == 202
