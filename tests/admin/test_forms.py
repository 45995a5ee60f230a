"""Forms of the dashboard: what is refused, two editors, lost sessions, raw JSON (spec/dashboard.md by line)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from idp.admin import navigation
from idp.admin.desk import operations
from tests.admin.conftest import Desk, enter
from tests.world.application import Application
from tests.world.world import World

APPS = "/admin/applications/apps"


def of(app: Application, tab: str = "settings") -> str:
    return f"{APPS}/{app.client_id}/{tab}"


def test_line_6_what_the_api_refuses_stands_at_its_field_in_its_words(world: World, desk: Desk) -> None:
    app = world.client()
    sent = {"callbacks": ["javascript:alert(1)"]}
    said = world.management()("PATCH", f"/clients/{app.client_id}", sent)
    desk.open(of(app)).press("apps-save", callbacks="javascript:alert(1)", name="Kept", description="x" * 141)
    assert desk.status == 422
    assert desk.say("field-callbacks-problem") == said.json["message"]
    assert "String is too long, maximum 140" in desk.say("field-description-problem")
    assert desk.one("field-name").get("value") == "Kept"
    assert desk.one("field-callbacks").get("aria-invalid") == "true"
    assert desk.one("problems").get("role") == "alert"
    assert desk.open(of(app)).one("field-name").get("value") == "The web app"


def test_line_7_of_two_editors_the_second_is_shown_both_values(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app))
    other = Desk(world, enter(world, world.browser(), of(app))).press("apps-save", name="Theirs", description="Also")
    assert other.status == 200
    desk.press("apps-save", name="Mine")
    assert desk.status == 409
    assert all(name in desk.text for name in ("The web app", "Theirs", "Mine"))
    assert other.open(of(app)).one("field-name").get("value") == "Theirs"
    desk.press("apps-overwrite")
    assert desk.status == 200
    assert desk.open(of(app)).one("field-name").get("value") == "Mine"
    assert desk.one("field-description").text_content().strip() == "Also", "what only they changed stays"


def test_line_8_a_form_survives_the_end_of_the_session(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app))
    desk.sign_out()
    desk.press("apps-save", name="Typed", refresh_token__leeway="7")
    assert desk.browser.path == "/u/login"
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.status == 200
    assert desk.url.startswith(of(app))
    assert desk.one("field-name").get("value") == "Typed"
    assert desk.one("field-refresh-token-leeway").get("value") == "7"
    assert "Nothing was changed" in desk.say("notice")
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "The web app"
    assert desk.press("apps-save").status == 200
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "Typed"


def test_line_8_a_kept_form_is_nobody_elses(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app))
    desk.sign_out()
    desk.press("apps-save", name="Typed", desk__who="somebody else")
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.one("field-name").get("value") == "The web app"


def test_line_14_the_raw_document_is_edited_as_a_patch(world: World, desk: Desk) -> None:
    app = world.client()
    text = desk.open(of(app, "raw")).one("raw-document").text_content()
    document = json.loads(text)
    said = world.management()("PATCH", f"/clients/{app.client_id}", {"nonsense": 1}).json["message"]
    desk.press("apps-save", document=json.dumps({**document, "nonsense": 1}))
    assert (desk.status, desk.say("raw-problem")) == (422, said)
    assert "line 1, column 2" in desk.press("apps-save", document="{'a': 1}").say("raw-problem")
    del document["callbacks"]
    desk.press("apps-save", document=json.dumps({**document, "description": "Raw"}))
    stored = world.management().get(f"/clients/{app.client_id}")
    assert (desk.status, stored["description"], stored.get("callbacks")) == (200, "Raw", None)
    assert stored["client_secret"] == app.secret


def test_every_tab_of_every_single_resource_shows_and_saves(world: World, desk: Desk) -> None:
    world.management().post("/emails/provider", {"name": "resend", "credentials": {"api_key": "re-1"}})
    for resource in navigation.resources():
        for tab in resource.tabs if resource.single else ():
            desk.open(f"{resource.path}/{tab.name}")
            assert desk.status == 200, (resource.name, tab.name)
            if tab.sections:
                desk.press(f"{resource.name}-save")
                assert "nothing was changed" in desk.say("notice"), (resource.name, tab.name, desk.text)


def test_settings_shields_and_branding_take_effect_as_by_the_api(world: World, desk: Desk) -> None:
    desk.open("/admin/settings/tenant").press("tenant-save", friendly_name="Harbour", support_email="x@example.test")
    assert world.management().get("/tenants/settings")["friendly_name"] == "Harbour"
    desk.open("/admin/branding/look").press("look-save", colors__primary="red")
    assert desk.status == 422
    assert desk.has("field-colors-primary-problem")
    desk.press("look-save", colors__primary="#0a7d62")
    assert world.management().get("/branding")["colors"]["primary"] == "#0a7d62"
    desk.open("/admin/security/shields").press("shields-save", max_attempts="7")
    assert world.management().get("/attack-protection/brute-force-protection")["max_attempts"] == 7
    desk.open("/admin/security/shields/suspicious-ip").press("shields-save", allowlist="203.0.113.0/24\nnonsense")
    assert (desk.status, desk.has("field-allowlist-problem")) == (422, True)


def test_devices_are_switched_and_timed_at_the_dashboard(world: World, desk: Desk) -> None:
    desk.open("/admin/settings/tenant/advanced")
    desk.press("tenant-save", device_flow__lifetime_in_seconds="9")
    assert (desk.status, desk.has("field-device-flow-lifetime-in-seconds-problem")) == (422, True)
    desk.press("tenant-save", device_flow__lifetime_in_seconds="300", device_flow__charset="digits")
    now = world.management().get("/tenants/settings")["device_flow"]
    assert now == {"enabled": True, "lifetime_in_seconds": 300, "charset": "digits", "mask": "****-****"}
    app = world.client("native", grant_types=["urn:ietf:params:oauth:grant-type:device_code"])
    begun = app.call("/oauth/device/code", scope="openid").get_json()
    assert (begun["expires_in"], begun["user_code"].replace("-", "").isdecimal()) == (300, True)
    desk.open("/admin/settings/tenant/advanced").press("tenant-save", device_flow__enabled="")
    assert world.management().get("/tenants/settings")["device_flow"]["enabled"] is False
    assert app.call("/oauth/device/code", scope="openid").status_code == 400


def test_connections_show_the_options_their_strategy_declares(world: World, desk: Desk) -> None:
    desk.open("/admin/authentication/connections")
    assert "Username-Password-Authentication" in desk.rows()
    there = f"/admin/authentication/connections/{world.connection_id}"
    desk.open(f"{there}/options")
    assert not desk.has("field-options-passwordpolicy"), "it has a tab of its own"
    desk.press("connections-save", options__disable_signup="true")
    assert desk.has("review-title")
    desk.press("connections-confirm")
    assert world.management().get(f"/connections/{world.connection_id}")["options"]["disable_signup"] is True
    app = world.client()
    desk.open(f"{there}/apps")
    button = desk.tree.xpath("//form[.//input[@value=$id]]//button/@id", id=app.client_id)[0]
    desk.press(button).press("undo")
    assert desk.status == 200
    desk.open("/admin/authentication/connections/new").press("connections-save", name="oidc-x", strategy="oidc")
    assert desk.status == 422


def test_line_7_somebody_quicker_by_a_moment_is_not_overwritten(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.client()
    desk.open(of(app))
    call = operations.call

    def late(work: Any, handler: Any, params: Any = None, body: Any = None, **more: Any) -> Any:
        if body is not None:
            world.change_client(app.client_id, name="Quicker")
        return call(work, handler, params, body, **more)

    with monkeypatch.context() as patch:
        patch.setattr(operations, "call", late)
        desk.press("apps-save", name="Mine")
    assert desk.status == 409
    assert all(name in desk.text for name in ("The web app", "Quicker", "Mine"))
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "Quicker"


def test_what_changed_on_another_tab_is_no_conflict(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(of(app))
    world.change_client(app.client_id, frontchannel_logout_uri="https://app.example.test/out")
    assert desk.press("apps-save", name="Mine").status == 200
    assert world.management().get(f"/clients/{app.client_id}")["name"] == "Mine"
