"""The request builder (spec/dashboard.md, "Pages", tools; lines 1, 13, 18, 19, 26)."""

from __future__ import annotations

import shlex

import pytest

from idp.admin import requests
from idp.foundation.web.i18n import EVERYWHERE
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.world import World

BUILDER = "/admin/tools/requests"


def test_line_13_the_address_begins_a_sign_in_and_its_code_is_redeemed(world: World, desk: Desk) -> None:
    app, jane = world.client(), world.user()
    desk.open(f"/admin/applications/apps/{app.client_id}").follow("apps-try")
    assert desk.say("requests-verdict") == "It would begin a sign-in"
    visitor = world.browser()
    visitor.open(str(desk.one("requests-url").text_content()), site="cross-site")
    assert visitor.path == "/u/login"
    visitor.submit(username=jane.email, password=jane.password)
    code = visitor.answer.params["code"]
    words = shlex.split(str(desk.one("requests-exchange").text_content()).replace("\\\n", ""))
    sent = dict(each.split("=", 1) for each in words if "=" in each)
    secret = {"client_secret": app.secret} if "client_secret" in sent else {}
    answer = world.app.test_client().post("/oauth/token", data={**sent, "code": code, **secret}, base_url=world.issuer)
    assert answer.status_code == 200, answer.json


def test_what_would_be_refused_is_said(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(f"{BUILDER}?client_id={app.client_id}&redirect_uri=https%3A%2F%2Felsewhere.example%2F")
    assert desk.say("requests-verdict") == "It would be refused"
    assert not desk.has("requests-open")
    assert desk.has("requests-advice")
    assert "pkce" not in desk.open(f"{BUILDER}?client_id={app.client_id}&pkce=off").say("requests-url")
    assert "code_challenge" not in desk.say("requests-url")


def test_an_application_behind_the_listed_ones_is_built_for(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MOST_APPS", 1)
    world.client(name="A")
    last = world.client(name="Z")
    desk.open(f"/admin/applications/apps/{last.client_id}").follow("apps-try")
    assert (desk.has("requests-missing"), desk.fields("requests-build")["client_id"]) == (False, last.client_id)
    assert last.client_id in desk.say("requests-url")


def test_line_26_whatever_stands_in_the_address_is_inert(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(
        f"{BUILDER}?client_id={app.client_id}&scope=%22%3E%3Cimg%20src%3Dx%3E'%24(id)&response_type=%0A&max_age=x"
    )
    assert desk.status == 200
    assert "<img" not in desk.html
    assert desk.open(f"{BUILDER}?client_id=nobody").has("requests-missing")


def test_lines_18_and_19_of_ones_own_applications(world: World, hire: Hire) -> None:
    app, other = world.client(), world.client(name="The other app")
    editor = hire("ed@example.com", "Editor - Specific Apps", client_ids=(app.client_id,))
    desk = Desk(world, enter(world.browser(), editor, f"{BUILDER}?client_id={app.client_id}"))
    assert (desk.status, desk.has("requests-url")) == (200, True)
    assert "The other app" not in desk.text
    assert not desk.open(f"{BUILDER}?client_id={other.client_id}").has("requests-url")
    people = hire("au@example.com", "Auditor")
    assert Desk(world, enter(world.browser(), people, BUILDER)).status == 403


@pytest.mark.parametrize("language", EVERYWHERE)
def test_line_1_in_every_language(world: World, desk: Desk, language: str) -> None:
    desk.open(f"{BUILDER}?client_id={world.client().client_id}&language={language}")
    assert (desk.status, desk.tree.get("lang")) == (200, language)


def test_who_shows_a_certificate_is_led_to_where_one_is_asked_for(world: World, desk: Desk) -> None:
    shown = {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=shop"}
    app = world.client(**shown)
    path = f"{BUILDER}?client_id={app.client_id}"
    assert f"{world.issuer}oauth/token" in desk.open(path).say("requests-exchange")
    world.settings(mtls={"enable_endpoint_aliases": True})
    there = world.get("/.well-known/openid-configuration").get_json()["mtls_endpoint_aliases"]
    desk.open(path)
    assert f" {there['token_endpoint']} " in desk.say("requests-exchange")
    assert f" {there['pushed_authorization_request_endpoint']} " in desk.say("requests-pushed")
    assert f"{world.issuer}oauth/token" in desk.open(f"{BUILDER}?client_id={world.client().client_id}").say(
        "requests-exchange"
    )
