"""The tab "Test" of an API: a token request to paste, and a token on demand (spec/dashboard.md, "Pages",
applications/apis; lines 11, 13, 18, 23 and 26).
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import Any

import pytest

from idp.admin import api_test_samples as samples
from idp.admin import api_tests
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.admin.test_tokens import rows_with
from tests.world.fixtures import Clock
from tests.world.templates import AUDIENCE
from tests.world.world import API, World

HOSTILE = "https://api.example/'\"$(id)`id`"
METHODS = ("client_secret_post", samples.BASIC, "private_key_jwt", "tls_client_auth")
_FETCH = """globalThis.fetch = async (_url, { body }) => {
  console.log(body.get("audience"));
  return { json: async () => ({ access_token: "t" }) };
};
"""


@pytest.fixture
def machine(world: World) -> dict[str, Any]:
    """An application with one of the two permissions of the API."""
    api = world.management()
    made = api.post("/clients", {"name": "Robot", "app_type": "non_interactive"})
    api.post("/client-grants", {"client_id": made["client_id"], "audience": world.api(), "scope": ["read:things"]})
    return dict(made)


def page(world: World, audience: str | None = None) -> str:
    found = world.management().get("/resource-servers")
    (id_,) = [each["id"] for each in found if each["identifier"] == (audience or world_api(found))]
    return f"/admin/applications/apis/{id_}/test"


def world_api(found: list[dict[str, Any]]) -> str:
    return next(str(each["identifier"]) for each in found if each["name"] == "Things")


def test_line_13_the_request_is_one_that_is_answered(world: World, desk: Desk, machine: dict[str, Any]) -> None:
    desk.open(page(world))
    words = shlex.split(str(desk.one("test-curl").text_content()).replace("\\\n", ""))
    assert words[:4] == ["curl", "--request", "POST", f"{world.issuer}oauth/token"]
    given = dict(word.split("=", 1) for word in words[4:] if "=" in word)
    assert given["client_secret"] == "$CLIENT_SECRET"
    answer = world.app.test_client().post(
        "/oauth/token", data={**given, "client_secret": machine["client_secret"]}, base_url=world.issuer
    )
    assert (answer.status_code, (answer.json or {})["scope"]) == (200, "read:things")
    assert machine["client_secret"] not in desk.html


def test_lines_11_and_23_a_token_is_shown_once_after_a_fresh_sign_in(
    world: World, desk: Desk, machine: dict[str, Any], clock: Clock
) -> None:
    path = page(world)
    desk.open(path).press("apis-obtain")
    token = desk.say("once-access_token")
    assert token.count(".") == 2
    kinds = [(each.type, each.client_id) for each in world.logs()]
    assert ("seccft", machine["client_id"]) in kinds
    assert any(kind == "sapi" for kind, _ in kinds)
    assert not rows_with(world, token), "it is kept sealed, for a minute"
    assert token not in desk.open(path).html
    clock.forward(minutes=6)
    desk.open(path).press("apis-obtain", scope="read:things")
    assert desk.browser.path.startswith("/u/login")


def test_what_the_gate_refuses_is_said_there(world: World, desk: Desk, machine: dict[str, Any]) -> None:
    path = page(world)
    desk.open(path)
    world.management().patch(f"/clients/{machine['client_id']}", {"require_proof_of_possession": True})
    desk.press("apis-obtain", scope="read:things")
    assert desk.status == 422
    assert desk.has("test-problem")
    assert desk.fields("apis-obtain")["scope"] == "read:things"
    assert not desk.has("once-access_token")


def test_line_18_only_who_may_change_a_secret_speaks_for_its_application(
    world: World, hire: Hire, machine: dict[str, Any]
) -> None:
    path = page(world)
    viewer = Desk(world, enter(world.browser(), hire("vera@example.com", "Viewer - Config"), path))
    assert viewer.status == 200
    assert viewer.has("test-curl")
    assert not viewer.has("apis-obtain")
    assert asked_by_hand(viewer, path, machine).status == 403
    given = {"client_id": machine["client_id"], "audience": AUDIENCE, "scope": ["delete:users"]}
    world.management().post("/client-grants", given)
    of = (machine["client_id"],)
    editor = enter(world.browser(), hire("ed@example.com", "Editor - Specific Apps", client_ids=of))
    other = asked_by_hand(Desk(world, editor), path, machine)
    assert other.status >= 400, "it has more of the Management API than its editor"
    assert machine["client_id"] not in {each.client_id for each in world.logs() if each.type == "seccft"}


def asked_by_hand(desk: Desk, path: str, machine: dict[str, Any]) -> Desk:
    csrf = str(desk.tree.xpath("//input[@name='csrf']/@value")[0])
    sent = {"csrf": csrf, "client_id": machine["client_id"]}
    desk.browser.open(path.replace("/test", "/obtain"), site="same-origin", method="POST", form=sent)
    return desk


def test_nobody_has_access(world: World, desk: Desk) -> None:
    world.api()
    assert desk.open(page(world)).has("nothing-yet")


def test_applications_that_cannot_ask_take_the_place_of_none(
    world: World, desk: Desk, machine: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_tests, "MOST_APPS", 1)
    public = world.client("spa", name="A page", token_endpoint_auth_method="none")
    asks_people = world.client("web", name="A site", grant_types=["authorization_code"])
    for each in (public, asks_people):
        world.grant(each.client_id, API, "read:things")
    assert machine["client_id"] in desk.open(page(world)).say("test-curl")


def test_who_shows_a_certificate_asks_where_one_is_asked_for(world: World, desk: Desk) -> None:
    method = "tls_client_auth"
    app = world.client("m2m", token_endpoint_auth_method=method, tls_client_auth_subject_dn="CN=robot")
    world.grant(app.client_id, world.api(), "read:things")
    assert f"{world.issuer}oauth/token" in desk.open(page(world)).say("test-curl")
    world.settings(mtls={"enable_endpoint_aliases": True})
    there = world.get("/.well-known/openid-configuration").get_json()["mtls_endpoint_aliases"]
    assert f" {there['token_endpoint']} " in desk.open(page(world)).say("test-curl")


@pytest.mark.parametrize("method", METHODS)
def test_line_26_whatever_an_api_is_called_programs_say_it_and_no_more(method: str) -> None:
    ask = samples.Ask("https://id.example/oauth/token", "a-client", method, HOSTILE, "read:a")
    words = shlex.split(samples.curl(ask).replace("\\\n", ""))
    assert f"audience={HOSTILE}" in words
    compile(samples.python(ask), "sample.py", "exec")
    assert method != "client_secret_post" or '"client_secret": os.environ["CLIENT_SECRET"]' in samples.python(ask)
    ran = subprocess.run(
        [sys.executable, "-c", _stubbed(samples.python(ask))], capture_output=True, text=True, check=True
    )
    assert HOSTILE in ran.stdout


@pytest.mark.parametrize("method", METHODS)
def test_line_26_in_javascript_too(node: str, method: str) -> None:
    ask = samples.Ask("https://id.example/oauth/token", "a-client", method, HOSTILE, "read:a")
    ran = subprocess.run(
        [node, "--input-type=module", "--eval", _FETCH + samples.javascript(ask)],
        capture_output=True,
        text=True,
        check=True,
        env={"CLIENT_SECRET": "s", "CLIENT_ASSERTION": "a"},
    )
    assert ran.stdout.split() == [HOSTILE, "t"]


def _stubbed(program: str) -> str:
    """The program with a requests that prints what it is given."""
    head = (
        "import os, sys, types\n"
        "os.environ.update(CLIENT_SECRET='s', CLIENT_ASSERTION='a', CLIENT_CERTIFICATE='c', CLIENT_KEY='k')\n"
        "made = types.ModuleType('requests')\n"
        "made.post = lambda url, data, **more: (print(data['audience']), "
        "types.SimpleNamespace(json=lambda: {'access_token': 't'}))[1]\n"
        "sys.modules['requests'] = made\n"
    )
    return head + program
