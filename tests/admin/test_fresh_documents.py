"""The document of an object is no way around a fresh sign-in, and neither is another form for the same member."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.admin.conftest import Desk
from tests.admin.test_mail_pages import MAILER, SMTP
from tests.admin.test_phone_pages import PHONE, TWILIO
from tests.world.fixtures import Clock
from tests.world.world import World

APPS = "/admin/applications/apps"


def edited(desk: Desk, button: str, **members: Any) -> Desk:
    """The document that the page shows, with other members, sent."""
    document = json.loads(desk.one("raw-document").text_content())
    return desk.press(button, document=json.dumps({**document, **members}))


def test_lines_14_and_23_mails_are_led_elsewhere_by_no_document_either(world: World, desk: Desk, clock: Clock) -> None:
    desk.open(f"{MAILER}?name=smtp").press("mailer-save", **SMTP)
    desk.open(f"{MAILER}/raw")
    clock.forward(minutes=6)
    elsewhere = {"smtp_host": "smtp.elsewhere.example", "smtp_port": 587, "smtp_user": "shop"}
    edited(desk, "mailer-save", credentials=elsewhere)
    assert desk.browser.path == "/u/login"
    assert (world.caller().get("/emails/provider").json or {})["credentials"]["smtp_host"] == "smtp.example.com"
    desk.open(f"{MAILER}/raw")
    edited(desk, "mailer-save", default_from_address="Shop <other@example.com>")
    assert desk.say("notice") == "Saved.", "what needs no fresh sign-in is saved without one"


def test_lines_14_and_23_text_messages_are_sent_from_no_other_account(world: World, desk: Desk, clock: Clock) -> None:
    desk.open(PHONE).press("phone-save", **TWILIO)
    there = (world.caller().get("/branding/phone/providers").json or {})["providers"][0]
    desk.open(f"{PHONE}/{there['id']}/raw")
    clock.forward(minutes=6)
    edited(desk, "phone-save", configuration={**there["configuration"], "sid": "AC999"})
    assert desk.browser.path == "/u/login"
    assert (world.caller().get("/branding/phone/providers").json or {})["providers"][0] == there


@pytest.mark.parametrize(
    "members",
    [
        {"client_secret": "a-secret-that-somebody-chose-for-the-application-themselves"},
        {"jwks_uri": "https://elsewhere.example/keys"},
        {"token_endpoint_auth_method": "none"},
        {"addons": {"samlp": {"audience": "https://elsewhere.example"}}},
    ],
)
def test_lines_14_and_23_what_an_application_proves_itself_with(
    world: World, desk: Desk, clock: Clock, members: dict[str, Any]
) -> None:
    app = world.client()
    desk.open(f"{APPS}/{app.client_id}/raw")
    clock.forward(minutes=6)
    edited(desk, "apps-save", **members)
    assert desk.browser.path == "/u/login"
    stored = world.management().get(f"/clients/{app.client_id}")
    assert stored["client_secret"] == app.secret
    assert all(stored.get(name) != value for name, value in members.items())
    admin = world.installed["admin"]
    desk.browser.submit(username=admin["email"], password=admin["password"])
    assert desk.url.startswith(f"{APPS}/{app.client_id}/raw")


def test_line_23_nor_by_the_form_beside(world: World, desk: Desk, clock: Clock) -> None:
    app = world.client()
    desk.open(f"{APPS}/{app.client_id}/credentials")
    clock.forward(minutes=6)
    desk.press("apps-save", jwks_uri="https://elsewhere.example/keys")
    assert desk.browser.path == "/u/login"
    assert world.management().get(f"/clients/{app.client_id}").get("jwks_uri") is None


@pytest.mark.parametrize(
    ("tab", "api", "without", "typed"),
    [
        ("brute-force", "brute-force-protection", ("shields[block]",), {}),
        ("brute-force", "brute-force-protection", (), {"allowlist": "0.0.0.0/0"}),
        ("suspicious-ip", "suspicious-ip-throttling", ("shields[block]",), {}),
        ("suspicious-ip", "suspicious-ip-throttling", (), {"allowlist": "::/0"}),
        ("breached", "breached-password-detection", ("shields[block]",), {}),
        ("breached", "breached-password-detection", ("stage.pre-user-registration.shields[block]",), {}),
        ("breached", "breached-password-detection", ("stage.pre-change-password.shields[block]",), {}),
        ("bots", "bot-detection", (), {"challenge_password_policy": "never"}),
        ("bots", "bot-detection", (), {"challenge_passwordless_policy": "never"}),
        ("bots", "bot-detection", (), {"challenge_password_reset_policy": "never"}),
        ("bots", "bot-detection", (), {"monitoring_mode_enabled": "true"}),
        ("bots", "bot-detection", (), {"allowlist": "0.0.0.0/0"}),
    ],
)
def test_line_23_a_shield_is_left_without_effect_by_no_other_field(
    world: World, desk: Desk, clock: Clock, tab: str, api: str, without: tuple[str, ...], typed: dict[str, str]
) -> None:
    """One that does nothing when it strikes, or leaves everybody alone, is as good as switched off."""
    everything: dict[str, dict[str, Any]] = {
        "brute-force-protection": {"shields": ["block"]},
        "suspicious-ip-throttling": {"shields": ["block"]},
        "breached-password-detection": {
            "enabled": True,
            "shields": ["block"],
            "stage": {"pre-user-registration": {"shields": ["block"]}, "pre-change-password": {"shields": ["block"]}},
        },
        "bot-detection": {
            "challenge_password_policy": "always",
            "challenge_passwordless_policy": "always",
            "challenge_password_reset_policy": "always",
            "monitoring_mode_enabled": False,
        },
    }
    world.management().patch(f"/attack-protection/{api}", everything[api])
    before = world.management().get(f"/attack-protection/{api}")
    desk.open(f"/admin/security/shields/{tab}")
    assert set(without) <= set(desk.fields("shields-save")), desk.text
    clock.forward(minutes=6)
    desk.press("shields-save", without=without, **typed)
    assert desk.browser.path == "/u/login", desk.text
    assert world.management().get(f"/attack-protection/{api}") == before
