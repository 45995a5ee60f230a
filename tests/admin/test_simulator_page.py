"""The simulator's page (spec/dashboard.md, lines 28 and 29)."""

from __future__ import annotations

from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.world import World

SIMULATOR = "/admin/tools/simulator"


def test_line_29_the_page_names_claims_and_their_sources(world: World, desk: Desk) -> None:
    app, person = world.client(), world.user("ann@example.com", name="Ann Lee")
    desk.open(f"{SIMULATOR}?client_id={app.client_id}").press("simulator-run", user_id=person.email)
    assert desk.status == 200
    assert desk.say("simulator-verdict") == "They get in"
    assert "/u/login" in desk.say("simulator-screens")
    assert "Ann Lee" in desk.say("simulator-id_token")
    assert "Profile name profile" in desk.say("simulator-id_token")
    (entry,) = [each for each in world.logs() if each.type == "simulation"]
    assert (entry.user_id, entry.client_id) == (person.user_id, app.client_id)


def test_it_is_there_for_whoever_may_see_all_that_it_shows(world: World, browser: Browser, hire: Hire) -> None:
    viewer = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Users"), "/admin/users"))
    assert viewer.status == 200
    assert SIMULATOR not in viewer.html
    assert viewer.open(SIMULATOR).status == 403
    assert not viewer.has("simulator-run")
    app, person = world.client(), world.user("ann@example.com")
    body = {"user_id": person.user_id, "client_id": app.client_id}
    scopes = ["read:users", "read:clients", "read:connections"]
    for left_out in scopes:
        caller = world.caller(*(each for each in scopes if each != left_out))
        assert caller.post("/simulations", body).status_code == 403
    assert world.caller(*scopes).post("/simulations", body).status_code == 200


def test_what_is_wrong_stands_at_its_field(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(f"{SIMULATOR}?client_id={app.client_id}").press("simulator-run", user_id="auth0|nobody", scope="openid")
    assert desk.status == 422
    assert desk.say("field-user-id-problem") == "The user does not exist."
    assert desk.one("field-scope").get("value") == "openid"
    desk.press("simulator-run", user_id="nobody@example.com")
    assert "Nobody has this email address" in desk.say("field-user-id-problem")


def test_line_29_the_replay_of_a_failure_fails_at_the_same_rule(world: World, desk: Desk) -> None:
    app, person = world.client(), world.user("ann@example.com")
    world.management().patch(f"/users/{person.user_id}", {"blocked": True})
    other = world.browser()
    app.begin(other)
    other.submit(username=person.email, password=person.password)
    entry = next(each for each in world.logs() if each.type == "f")
    desk.open(f"/admin/monitoring/logs/{entry.log_id}").follow("logs-replay")
    desk.press("simulator-run")
    assert desk.say("simulator-verdict") == "They do not get in"
    assert "policy.blocked" in desk.say("simulator-reason")
    assert entry.description in desk.say("verdict")
