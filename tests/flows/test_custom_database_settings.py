"""Custom databases: what a connection keeps and refuses, and trying an event out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from idp.directory.connections import trial
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.directory import ForeignDirectory, customized, serving
from tests.world.world import World

PASSWORD = "Correct Horse 9"


@pytest.fixture
def directory() -> Iterator[ForeignDirectory]:
    """Knows Ada."""
    known = ForeignDirectory()
    known.add("ada@source.example", PASSWORD, "src-1", name="Ada L.", email_verified=True)
    with serving(known):
        yield known


def sign_in(world: World, browser: Browser, email: str, password: str) -> dict[str, Any]:
    app = world.client()
    attempt = app.begin(browser, prompt="login")
    browser.submit(username=email, password=password)
    return attempt.tokens(browser.answer).id_claims


# ---- the connection
def options_of(world: World) -> dict[str, Any]:
    found: dict[str, Any] = (world.caller().get(f"/connections/{world.connection_id}").json or {})["options"]
    return found


def test_acceptance_5_configuration_is_shown_sealed_and_used_open(
    world: World, browser: Browser, directory: ForeignDirectory
) -> None:
    customized(world, directory, configuration={"KEY": "very-secret", "EMPTY": ""})
    shown = options_of(world)
    assert shown["configuration"]["KEY"].startswith("2.0$")
    assert "very-secret" not in str(shown)
    assert directory.url not in str(shown["configuration"])
    assert "callback" in shown["customScripts"]["login"], "scripts are told to read:connections"
    path = f"/connections/{world.connection_id}"
    assert world.caller().patch(path, json={"options": shown}).status_code == 200, "what was shown can be sent back"
    assert options_of(world)["configuration"]["KEY"].startswith("2.0$")
    assert sign_in(world, browser, "ada@source.example", PASSWORD)["sub"] == "auth0|src-1"
    foreign = {**shown, "configuration": {"KEY": "2.0$v2.00000000.AAAA"}}
    refused = world.caller().patch(path, json={"options": foreign})
    assert (refused.status_code, "options.configuration.KEY" in str(refused.json)) == (400, True)
    without = world.caller("update:connections").patch(path, json={"display_name": "People"})
    assert "configuration" not in (without.json or {})["options"]


def test_acceptance_3_the_context_cannot_be_taken_away_again(world: World, directory: ForeignDirectory) -> None:
    customized(world, directory, enable_script_context=True)
    path = f"/connections/{world.connection_id}"
    refused = world.caller().patch(path, json={"options": {"enable_script_context": False}})
    assert (refused.status_code, "enable_script_context" in str(refused.json)) == (400, True)
    assert world.caller().patch(path, json={"options": {"import_mode": True}}).status_code == 200
    assert options_of(world)["enable_script_context"] is True


def test_acceptance_4_a_script_of_more_than_100_kb_is_refused(world: World) -> None:
    source = "function login(a, b, callback) {}//" + "x" * 102_400
    body = {"options": {"customScripts": {"login": source}}}
    assert world.caller().patch(f"/connections/{world.connection_id}", json=body).status_code == 400


def test_what_is_not_written_cannot_be_done(world: World, browser: Browser) -> None:
    customized(world, scripts={"login": "function (a, b, callback) { callback(null, {user_id: '1', email: a}); }"})
    assert sign_in(world, browser, "ada@source.example", PASSWORD)["sub"] == "auth0|1"
    answer = world.caller().delete("/users/auth0%7C1")
    assert (answer.status_code, "cannot do that" in str(answer.json)) == (400, True)


def test_a_profile_writes_nothing_that_is_ours(world: World, browser: Browser) -> None:
    profile = "{user_id: '1', email: a, blocked: true, app_metadata: {plan: 'x'}, identities: [1], created_at: 1}"
    customized(world, scripts={"login": f"function (a, b, callback) {{ callback(null, {profile}); }}"})
    sign_in(world, browser, "ada@source.example", PASSWORD)
    found = world.caller().get("/users/auth0%7C1").json or {}
    assert "blocked" not in found
    assert found["app_metadata"] == {"plan": "x"}, "somebody new brings metadata along"
    assert found["identities"][0]["provider"] == "auth0"


# ---- trying it out
def test_an_event_is_tried_out_with_its_console(world: World) -> None:
    source = """function login(identifier, password, callback) {
      console.log('asked for', identifier);
      if (password !== 'pw') return callback(new WrongUsernameOrPasswordError(identifier, 'no luck'));
      callback(null, { user_id: '1', email: identifier });
    }"""
    customized(world, scripts={"login": source, "get_user": "function (x, cb) {\n  cb(null, ;\n}"})
    name = "Username-Password-Authentication"
    with world.context() as work:
        tried = trial.attempt(work, name, "login", ["ada@source.example", "pw"])
        assert tried.document() == {
            "ok": True,
            "value": {"user_id": "1", "email": "ada@source.example"},
            "error": None,
            "console": [{"level": "log", "text": "asked for ada@source.example"}],
        }
        wrong = trial.attempt(work, name, "login", ["ada@source.example", "no"])
        assert (wrong.ok, wrong.problem) == (False, "WrongUsernameOrPasswordError: no luck")
        broken = trial.attempt(work, name, "get_user", ["ada"])
        assert broken.problem == "SyntaxError: unexpected token in expression: ';' (line 2)"
        assert "no script delete" in str(trial.attempt(work, name, "delete", ["1"]).problem)
        for event, connection in (("other", name), ("login", "nobody")):
            with pytest.raises(LookupError):
                trial.attempt(work, connection, event, [])
    assert not world.logs("s"), "nothing here came of it"


@row("CU1")
def test_a_script_cannot_name_a_user_of_another_namespace(world: World, browser: Browser) -> None:
    """Ids are of this strategy, whatever a script calls them; one that nobody can hold is refused."""
    profile = "{user_id: 'google-oauth2|1', email: a}"
    customized(world, scripts={"login": f"function (a, b, callback) {{ callback(null, {profile}); }}"})
    assert sign_in(world, browser, "ada@source.example", PASSWORD)["sub"] == "auth0|google-oauth2|1"
    customized(world, scripts={"login": "function (a, b, callback) { callback(null, {user_id: 'a\\u0000b'}); }"})
    browser.jar.kept.clear()
    world.client().begin(browser)
    browser.submit(username="ada@source.example", password=PASSWORD)
    assert browser.status == 503, "a fault of the source, not a wrong password"
