"""Who sends text messages, and what they say, on the dashboard."""

from __future__ import annotations

from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk
from tests.world.browser import Browser
from tests.world.world import World

PHONE, MESSAGES = "/admin/branding/phone", "/admin/branding/messages"
TWILIO = {
    "configuration__sid": "AC0123456789",
    "credentials__auth_token": "the-token-of-twilio",
    "configuration__default_from": "+15550001111",
}


def provider(world: World) -> dict[str, object]:
    found = (world.caller().get("/branding/phone/providers").json or {})["providers"]
    return dict(found[0]) if found else {}


def test_a_provider_is_set_up_changed_and_removed(world: World, desk: Desk) -> None:
    desk.open(PHONE)
    assert (desk.status, desk.has("phone-form")) == (200, True), "there is no list of one"
    desk.press("phone-save", **{**TWILIO, "configuration__default_from": ""})
    assert (desk.status, "default_from or mssid" in desk.text) == (422, True)
    assert "the-token-of-twilio" not in desk.html
    desk.press("phone-save", **TWILIO)
    assert "was set up" in desk.say("notice"), desk.text
    made = provider(world)
    assert (made["name"], made["configuration"]) == (
        "twilio",
        {"delivery_methods": ["text"], "sid": "AC0123456789", "default_from": "+15550001111"},
    )
    assert desk.open(PHONE).url.startswith(f"{PHONE}/{made['id']}")
    for tab in ("", "/raw", "/history"):
        assert "the-token-of-twilio" not in desk.open(f"{PHONE}/{made['id']}{tab}").html
    desk.open(PHONE).press("phone-save", configuration__default_from="+15550002222")
    assert provider(world)["configuration"]["default_from"] == "+15550002222"  # type: ignore[index]
    desk.follow("phone-delete").press("phone-confirm")
    assert (provider(world), desk.has("phone-form"), desk.say("notice")) == ({}, True, "The provider was removed.")
    assert "the-token-of-twilio" not in str([each.rest for each in world.logs("sapi")])


def test_line_7_two_editors_of_a_provider(world: World, desk: Desk) -> None:
    desk.open(PHONE).press("phone-save", **TWILIO)
    desk.open(PHONE)
    there = f"/branding/phone/providers/{provider(world)['id']}"
    answer = world.caller().patch(there, {"disabled": True})
    assert answer.headers["ETag"] == '"v2"'
    desk.press("phone-save", configuration__default_from="+15550002222")
    assert desk.status == 409
    assert (provider(world)["disabled"], provider(world)["configuration"]["default_from"]) == (  # type: ignore[index]
        True,
        "+15550001111",
    )


def test_what_text_messages_say_is_written_tried_and_given_up(world: World, desk: Desk) -> None:
    desk.open(MESSAGES)
    assert (len(desk.rows()), desk.say("messages-state-otp_verify")) == (5, "Ours")
    desk.follow("messages-to-otp_verify")
    assert "{{ code }}" in desk.one("field-content-body-text").text_content()
    desk.press("messages-save", content__body__text="{{ code }} opens {{ friendly_name }")
    assert (desk.status, desk.has("field-content-body-text-problem")) == (422, True)
    desk.press("messages-save", content__body__text="{{ code }} opens {{ friendly_name }}")
    assert "saved" in desk.say("notice")
    assert desk.open(desk.one("messages-preview").get("formaction")).text.startswith("123456 opens")
    desk.open(MESSAGES).follow("messages-to-otp_verify").press("messages-try", to="+15005550006")
    (told,) = world.mails("+15005550006")
    assert told.text.startswith("123456 opens")
    desk.press("messages-try", to="12")
    assert (desk.status, desk.has("messages-to-problem")) == (422, True)
    desk.open(MESSAGES).follow("messages-to-otp_verify").follow("messages-reset").press("messages-confirm")
    assert "is your verification code" in desk.one("field-content-body-text").text_content()
    desk.follow("messages-delete").press("messages-confirm")
    assert desk.open(MESSAGES).say("messages-state-otp_verify") == "Ours"


def test_line_18_a_viewer_of_settings_changes_nothing(world: World, browser: Browser, hire: Hire) -> None:
    desk = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Config"), PHONE))
    assert (desk.status, desk.has("nothing-yet"), desk.has("phone-form")) == (200, True, False)
    assert desk.open(f"{PHONE}/new").status == 403
    assert desk.open(MESSAGES).status == 200
    others = Desk(world, enter(world.browser(), hire("ed@example.com", "Editor - Users"), "/admin/users"))
    assert f'href="{PHONE}"' not in others.html
    assert others.open(PHONE).status == 403
