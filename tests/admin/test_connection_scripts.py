"""The tab *Scripts* of a connection (spec/custom-database.md, "Templates & try"; spec/dashboard.md, lines 7 and 11)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.database.templates import scripts_of
from tests.admin.administrators import Hire
from tests.admin.conftest import Desk, enter
from tests.world.fixtures import Clock
from tests.world.world import World

LOGIN = """function login(identifier, password, callback) {
  console.log('asked', configuration.DSN, identifier);
  if (password !== 'a password of hers') return callback(new WrongUsernameOrPasswordError(identifier, 'no luck'));
  callback(null, { user_id: '1', email: identifier, dsn: configuration.DSN });
}"""
SECRET = "postgres://us:hunter22@db.example.com"


def tab(world: World, script: str = "") -> str:
    address = f"/admin/authentication/connections/{world.connection_id}/scripts"
    return f"{address}?script={script}" if script else address


def options(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.management().get(f"/connections/{world.connection_id}")["options"]
    return found


def test_a_script_begins_with_a_template_and_is_saved_alone(world: World, desk: Desk) -> None:
    before = options(world)
    desk.open(tab(world, "login"))
    assert desk.say("script-login") == "login None"
    desk.open(tab(world, "login") + "&template=postgresql")
    assert desk.one("source").text_content() == scripts_of("postgresql")["login"]
    assert desk.has("scripts-unsaved")
    assert options(world) == before, "loading it saves nothing"
    desk.press("connections-save")
    assert (desk.say("notice"), desk.say("script-login")) == ("Saved.", "login Saved")
    assert options(world) == {**before, "customScripts": {"login": scripts_of("postgresql")["login"]}}
    desk.open(tab(world, "verify")).press("connections-save", source="function verify(email, cb) { cb(null, true); }")
    assert sorted(options(world)["customScripts"]) == ["login", "verify"]
    desk.open(tab(world, "login")).press("connections-save", source="")
    assert sorted(options(world)["customScripts"]) == ["verify"]


def test_what_stands_in_the_editor_is_run_and_says_what_it_wrote(world: World, desk: Desk) -> None:
    """Saved or not, whatever is switched on; values of the configuration are hidden, and the log has nothing of it."""
    desk.open(tab(world)).press("connections-configure", name="DSN", configuration_value=SECRET)
    assert desk.say("notice") == "The value was stored. Nobody is shown it again."
    typed = {"arg.identifier": "jane@example.com", "arg.password": "a password of hers"}
    desk.open(tab(world, "login")).press("scripts-run", source=LOGIN, do="run", **typed)
    assert (desk.status, desk.say("outcome-state")) == (200, "It answered")
    assert json.loads(desk.one("outcome-value").text) == {"user_id": "1", "email": "jane@example.com", "dsn": "***"}
    assert desk.say("outcome-console") == "[log] asked *** jane@example.com"
    assert desk.one("source").text_content() == LOGIN, "the draft stays"
    assert desk.one("arg-identifier").get("value") == "jane@example.com"
    assert not desk.one("arg-password").get("value")
    assert "customScripts" not in options(world)
    desk.press("scripts-run", do="run", **{**typed, "arg.password": "another"})
    assert desk.say("outcome-error") == "WrongUsernameOrPasswordError: no luck"
    desk.press("scripts-run", do="run", source="function login(a, b, cb) {\n  cb(null, ;\n}")
    said = desk.say("outcome-error")
    assert said == "SyntaxError: unexpected token in expression: ';' (line 2)", "no frames of what is around it"
    for source, slip in (
        ("function login(a, b, cb) {\n\n  return a.b.c;\n}", "TypeError: cannot read property 'c' of undefined"),
        ("function login(a, b, cb) {\n  nothing();\n}", "ReferenceError: nothing is not defined (line 2)"),
        ("async function login(a, b, cb) {\n\n  await null;\n  nothing();\n}", "not defined (line 4)"),
        ("function login(a, b, cb) {\n  JSON.parse('{');\n}", "(line 2)"),
        ("function login(a, b, cb) {\n  throw new Error('down');\n}", "Error: down"),
    ):
        desk.press("scripts-run", do="run", source=source)
        assert desk.say("outcome-error").endswith(slip)
    logged = json.dumps([each.data for each in world.logs()])
    assert "custom-scripts/login/try" in logged
    for secret in (SECRET, "a password of hers", "jane@example.com", "hunter22", "console.log"):
        assert secret not in logged, secret
    assert SECRET not in desk.open(tab(world)).html


def test_nothing_is_run_or_stored_that_is_not_there(world: World, desk: Desk) -> None:
    desk.open(tab(world, "create")).press("scripts-run", do="run")
    assert (desk.status, desk.say("source-problem")) == (422, "Write a script first, or load a template.")
    desk.press("scripts-run", do="run", source="function create(u, cb) { cb(null); }", **{"arg.user": "{oops"})
    assert desk.status == 422
    assert "JSON" in desk.say("source-problem")
    assert desk.one("arg-user").text == "{oops", "what was typed stays"
    typed = '{"email": "ada@example.com"}'
    desk.press("scripts-run", do="run", source="function create(u, cb) { cb(null); }", **{"arg.user": typed})
    assert (desk.status, desk.one("arg-user").text) == (200, typed)
    desk.open(tab(world, "login")).press("connections-save", source="//" + "x" * 102_400)
    assert desk.status == 422
    assert "102400" in desk.say("source-problem")
    assert desk.open(tab(world, "nothing")).status == 404
    desk.open(tab(world)).press("connections-configure", name="DSN")
    assert (desk.status, desk.say("configuration-problem")) == (422, "Both a name and a value are needed.")
    assert "customScripts" not in options(world)


def test_line_7_of_two_editors_the_second_sees_what_the_first_saved(world: World, desk: Desk) -> None:
    desk.open(tab(world, "login"))
    other = Desk(world, enter(world, world.browser(), tab(world, "login")))
    other.press("connections-save", source="// theirs")
    desk.press("connections-save", source="// mine")
    assert (desk.status, desk.one("source").text_content()) == (409, "// mine")
    assert "// theirs" in desk.say("scripts-theirs")
    assert options(world)["customScripts"] == {"login": "// theirs"}


def test_values_are_replaced_and_removed_by_name_after_a_fresh_sign_in(world: World, desk: Desk, clock: Clock) -> None:
    for value in (SECRET, "another value"):
        desk.open(tab(world)).press("connections-configure", name="DSN", configuration_value=value)
    desk.open(tab(world)).press("connections-configure", name="KEY", configuration_value="a key")
    assert "configuration.DSN" in desk.say("scripts-configuration")
    desk.open(str(desk.one("connections-unconfigure-1").get("href")))
    assert "DSN" in desk.text
    assert sorted(options(world)["configuration"]) == ["DSN", "KEY"], "nobody can type it again: it is asked first"
    desk.press("connections-confirm")
    assert sorted(options(world)["configuration"]) == ["KEY"]
    clock.forward(minutes=6)
    desk.open(str(desk.one("connections-unconfigure-1").get("href")))
    assert desk.browser.path.startswith("/u/login"), "a sign-in of the last five minutes is wanted"
    assert sorted(options(world)["configuration"]) == ["KEY"]
    assert "another value" not in json.dumps([each.data for each in world.logs()])


def test_switches_are_saved_and_scripts_run_from_the_next_sign_in(world: World, desk: Desk) -> None:
    desk.open(tab(world, "login")).press("connections-save", source=LOGIN)
    desk.open(tab(world)).press("connections-customize", enabledDatabaseCustomization="true")
    now = options(world)
    assert (now["enabledDatabaseCustomization"], now["import_mode"]) == (True, False)
    desk.press("connections-customize", enable_script_context="true")
    desk.press("connections-customize", without=("enable_script_context",))
    assert desk.status == 422
    assert "enable_script_context" in desk.say("customize-problem")


def test_line_18_whoever_may_not_change_connections_sees_no_script(world: World, desk: Desk, hire: Hire) -> None:
    desk.open(tab(world, "login")).press("connections-save", source=LOGIN)
    viewer = hire("vera@example.com", "Viewer - Config")
    browser = world.browser()
    browser.open(tab(world, "login"))
    browser.submit(username=viewer.email, password=viewer.password)
    page = Desk(world, browser)
    assert page.has("scripts-hidden")
    assert "WrongUsernameOrPasswordError" not in page.html
    assert not page.has("scripts-run")
    assert "WrongUsernameOrPasswordError" not in page.open(tab(world).replace("scripts", "options")).html


@pytest.mark.parametrize("strategy", ["google-oauth2", "email"])
def test_other_connections_have_no_scripts(world: World, desk: Desk, strategy: str) -> None:
    made = world.management()("POST", "/connections", {"name": "other", "strategy": strategy}).json
    address = f"/admin/authentication/connections/{made['id']}"
    assert not desk.open(address).has("tab-scripts")
    assert desk.open(f"{address}/scripts").status == 404
