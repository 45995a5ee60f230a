"""Who sends a tenant's mails, and what they say, on the dashboard: the operations of the Management API."""

from __future__ import annotations

import json

import pytest

from idp.foundation.web import liquid
from idp.tenant.mail import templates, trial
from tests.admin.administrators import Hire, enter
from tests.admin.conftest import Desk, asked
from tests.security.rows import row
from tests.world.browser import Browser
from tests.world.fixtures import Clock
from tests.world.world import World

MAILER, MAILS = "/admin/branding/mailer", "/admin/branding/mails"
VERIFY = f"{MAILS}/verify_email"
SMTP = {
    "credentials__smtp_host": "smtp.example.com",
    "credentials__smtp_port": "587",
    "credentials__smtp_user": "shop",
    "credentials__smtp_pass": "the-password-of-smtp",
    "default_from_address": "Shop <shop@example.com>",
}


def stored(world: World) -> dict[str, object]:
    return dict(world.caller().get("/emails/provider").json or {})


def test_line_11_no_secret_of_a_provider_is_anywhere(world: World, desk: Desk) -> None:
    desk.open(MAILER)
    assert (desk.status, desk.has("mailer-form")) == (200, False)
    assert desk.say("mailer-way") == "Into the mailbox of development"
    desk.follow("mailer-pick-smtp").press("mailer-save", **SMTP)
    assert desk.say("notice") == "Saved."
    assert stored(world) == {
        "name": "smtp",
        "enabled": True,
        "default_from_address": "Shop <shop@example.com>",
        "credentials": {"smtp_host": "smtp.example.com", "smtp_port": 587, "smtp_user": "shop"},
    }
    assert desk.say("mailer-way") == "Through your provider SMTP server"
    for tab in ("", "/raw", "/history"):
        assert "the-password-of-smtp" not in desk.open(f"{MAILER}{tab}").html
    desk.open(MAILER).follow("mailer-delete").press("mailer-confirm")
    assert world.caller().get("/emails/provider").status_code == 404
    assert "the-password-of-smtp" not in str([each.rest for each in world.logs("sapi")])


def test_line_6_what_the_api_refuses_of_a_provider_stands_at_its_field(world: World, desk: Desk) -> None:
    desk.open(MAILER).follow("mailer-pick-ses").press("mailer-save", credentials__accessKeyId="AKIA1")
    assert (desk.status, "Missing required property" in desk.say("problems")) == (422, True)
    desk.open(f"{MAILER}?name=smtp").press("mailer-save", **{**SMTP, "default_from_address": "nobody"})
    assert "format email" in desk.say("field-default-from-address-problem")
    assert desk.one("field-credentials-smtp-host").get("value") == "smtp.example.com"
    assert "the-password-of-smtp" not in desk.html
    assert world.caller().get("/emails/provider").status_code == 404


def test_another_provider_takes_the_place_of_one(world: World, desk: Desk) -> None:
    desk.open(f"{MAILER}?name=smtp").press("mailer-save", **SMTP)
    desk.open(f"{MAILER}?name=mailgun")
    assert "SMTP server goes on sending" in desk.say("mailer-another")
    desk.press("mailer-save", credentials__api_key="key-1", credentials__domain="mg.example.com")
    assert desk.has("review-title"), "it is shown before it is saved"
    assert stored(world)["name"] == "smtp"
    desk.press("mailer-confirm")
    assert (stored(world)["name"], stored(world)["credentials"]) == ("mailgun", {"domain": "mg.example.com"})


def test_mails_are_led_elsewhere_by_a_fresh_sign_in_alone(world: World, desk: Desk, clock: Clock) -> None:
    desk.open(f"{MAILER}?name=smtp").press("mailer-save", **SMTP)
    desk.open(MAILER)
    clock.forward(minutes=6)
    desk.press("mailer-save", credentials__smtp_host="smtp.elsewhere.example")
    assert desk.browser.path == "/u/login"
    assert stored(world)["credentials"]["smtp_host"] == "smtp.example.com"  # type: ignore[index]


@pytest.mark.parametrize(("member", "value"), [("smtp_user", "theirs"), ("smtp_pass", "of-another-account")])
def test_nor_are_they_sent_from_another_account_by_form_or_document(
    world: World, desk: Desk, clock: Clock, member: str, value: str
) -> None:
    desk.open(f"{MAILER}?name=smtp").press("mailer-save", **SMTP)
    before = world.caller()("GET", "/emails/provider")
    clock.forward(minutes=6)
    admin = world.installed["admin"]
    desk.open(MAILER).press("mailer-save", **{f"credentials__{member}": value})
    assert desk.browser.path == "/u/login", desk.text
    desk.browser.submit(username=admin["email"], password=admin["password"])
    desk.open(f"{MAILER}/raw")
    clock.forward(minutes=6)
    document = json.loads(desk.one("raw-document").text_content())
    document["credentials"][member] = value
    desk.press("mailer-save", document=json.dumps(document))
    assert desk.browser.path == "/u/login", desk.text
    assert world.caller()("GET", "/emails/provider").headers["ETag"] == before.headers["ETag"]


def test_line_7_of_two_editors_of_a_provider_the_second_is_shown_both(world: World, desk: Desk) -> None:
    desk.open(f"{MAILER}?name=smtp").press("mailer-save", **SMTP)
    desk.open(MAILER)
    changed = world.caller().patch("/emails/provider", {"default_from_address": "a@example.com"})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"v2"')
    desk.press("mailer-save", default_from_address="b@example.com")
    assert (desk.status, "a@example.com" in desk.text, "b@example.com" in desk.text) == (409, True, True)
    assert stored(world)["default_from_address"] == "a@example.com"
    stale = world.caller()("PATCH", "/emails/provider", json={"enabled": False}, headers={"If-Match": '"v1"'})
    assert stale.status_code == 412


def test_line_7_who_was_quicker_to_make_it_is_not_overwritten(world: World, desk: Desk) -> None:
    desk.open(VERIFY)
    world.caller().put("/email-templates/verify_email", {"template": "verify_email", "body": "theirs"})
    desk.press("mails-save", body="mine")
    assert desk.status == 409
    assert (world.caller().get("/email-templates/verify_email").json or {})["body"] == "theirs"


def test_a_test_mail_arrives_and_says_what_went_wrong(world: World, desk: Desk) -> None:
    desk.open(MAILER).press("mailer-try", to="ann@example.com")
    assert "handed over" in desk.say("notice")
    assert len(world.mails("ann@example.com")) == 1
    desk.press("mailer-try", to="nobody")
    assert (desk.status, desk.one("mailer-to").get("value")) == (422, "nobody")
    world.caller().post(
        "/emails/provider",
        {"name": "smtp", "credentials": {"smtp_host": "127.0.0.1", "smtp_port": 25}},
    )
    desk.open(MAILER).press("mailer-try", to="ann@example.com")
    assert (desk.status, "was not sent" in desk.say("mailer-to-problem")) == (422, True)
    assert len(world.logs("fapi")) == 2


def test_trial_mails_are_limited(world: World) -> None:
    codes = [world.caller().post("/emails/provider/try", {"to": "ann@example.com"}).status_code for _ in range(21)]
    assert codes == [202] * 20 + [429]


# ---- templates
def test_every_mail_is_listed_and_begins_with_ours(world: World, desk: Desk) -> None:
    desk.open(MAILS)
    assert len(desk.rows()) == len(templates.NAMES)
    assert desk.say("mails-state-verify_email") == "Ours"
    with world.writing() as work:
        for name in templates.NAMES:
            ours = trial.source(work, name)
            liquid.check(ours.html)
            made = trial.written(work, name, {"body": ours.html, "subject": ours.subject}, to="jane@example.com")
            plain = trial.written(work, name, None, to="jane@example.com")
            assert "{{" not in made.html + made.subject, name
            whole = plain.html.replace("<wbr>", "")  # where an address may be broken, as it is known by then
            assert (made.subject, made.html) == (plain.subject, whole), name


def test_a_mail_is_written_previewed_tried_and_given_up(world: World, desk: Desk) -> None:
    desk.open(VERIFY)
    assert "{{ url }}" in desk.one("field-body").text_content(), "ours is where somebody begins"
    body = "<p>Hello {{ user.email }}, <a href='{{ url }}'>go on</a></p>"
    desk.press("mails-save", subject="Hello from {{ friendly_name }}", body=body, urlLifetimeInSeconds="3600")
    assert (desk.say("notice"), desk.say("mails-state")) == ("Saved.", "Your own")
    kept = world.caller().get("/email-templates/verify_email").json or {}
    assert (kept["body"], kept["urlLifetimeInSeconds"], kept["enabled"], kept["syntax"]) == (body, 3600, True, "liquid")
    desk.press("mails-try", to="ann@example.com")
    (mail,) = world.mails("ann@example.com")
    assert ("Hello from" in mail.subject, "Hello ann@example.com" in mail.html) == (True, True)
    assert any("verify_email" in str(each.rest) for each in world.logs("sapi"))
    desk.open(f"{VERIFY}/history")
    assert "Set an email template" in desk.text
    desk.open(VERIFY).follow("mails-reset").press("mails-confirm")
    assert world.caller().get("/email-templates/verify_email").status_code == 404
    assert desk.open(VERIFY).say("mails-state") == "Ours"


def test_line_6_a_template_that_cannot_be_read_is_refused_at_its_field(world: World, desk: Desk) -> None:
    desk.open(VERIFY).press("mails-save", body="<p>{{ user.name }</p>", resultUrl="https://app.example.com/done")
    assert desk.status == 422
    assert desk.say("field-body-problem")
    assert desk.one("field-resulturl").get("value") == "https://app.example.com/done"
    assert world.caller().get("/email-templates/verify_email").status_code == 404


def preview(desk: Desk, **typed: str) -> tuple[int, str, str]:
    """What the frame shows of what is typed, and the policy it stands under."""
    values = {**desk.fields("mails-preview"), **typed}
    address = desk.world.issuer.rstrip("/") + str(desk.one("mails-preview").get("formaction"))
    answer = desk.browser.request("POST", address, site="same-origin", form=values)
    return answer.status_code, answer.get_data(as_text=True), answer.headers["Content-Security-Policy"]


@row("T3")
def test_line_26_the_preview_shows_what_is_typed_in_a_sandbox(world: World, desk: Desk) -> None:
    desk.open(VERIFY)
    hostile = "<script>alert(1)</script><p onclick='x()'>For {{ user.email }}</p>"
    status, html, policy = preview(desk, body=hostile, subject="S <b>{{ code }}</b>")
    assert status == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script" not in html
    assert "For jane@example.com" in html
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert policy.endswith("sandbox")
    assert "script-src" not in policy
    status, html, _ = preview(desk, body="As it is", urlLifetimeInSeconds="a week", resultUrl="{{")
    assert (status, "As it is" in html) == (200, True), "what is wrong beside it is said when it is saved"
    status, html, _ = preview(desk, body="{% include 'x' %}")
    assert (status, 'id="problem"' in html) == (422, True)
    assert world.caller().get("/email-templates/verify_email").status_code == 404, "nothing is saved"
    status, _, _ = preview(desk, csrf="another")
    assert status == 403


def test_line_18_a_viewer_of_settings_changes_and_sends_nothing(world: World, browser: Browser, hire: Hire) -> None:
    desk = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Config"), MAILER))
    assert desk.status == 200
    for button in ("mailer-try", "mailer-picks"):
        assert not desk.has(button)
    desk.open(VERIFY)
    assert (desk.status, desk.has("mails-save"), desk.has("mails-try"), desk.has("mails-reset")) == (
        200,
        False,
        False,
        False,
    )
    token = {"csrf": str(desk.tree.xpath("//input[@name='csrf']/@value")[0])}
    for path in (f"{VERIFY}/try", f"{MAILER}/try"):
        desk.browser.open(path, site="same-origin", method="POST", form={**token, "to": "ann@example.com"})
        assert desk.status == 403
    assert world.mails("ann@example.com") == []


def test_a_viewer_of_users_sees_none_of_them(world: World, browser: Browser, hire: Hire) -> None:
    desk = Desk(world, enter(browser, hire("vera@example.com", "Viewer - Users"), "/admin/users"))
    for address in (MAILER, MAILS, VERIFY):
        assert f'href="{address}"' not in desk.html
        assert desk.open(address).status == 403
    assert desk.open(f"{VERIFY}/preview").status == 403


@pytest.mark.parametrize("language", ["de", "ja", "ar"])
def test_line_1_mails_in_every_language(desk: Desk, language: str) -> None:
    for address in (MAILER, f"{MAILER}?name=ses", MAILS, VERIFY, f"{VERIFY}/preview"):
        joined = "&" if "?" in address else "?"
        assert desk.open(f"{address}{joined}language={language}").status == 200


def test_line_33_the_palette_finds_mails_by_our_names_and_others(desk: Desk) -> None:
    for text, href in (
        ("Email Provider", MAILER),
        ("smtp_host", MAILER),
        ("verify_email", VERIFY),
        ("Prove the address", VERIFY),
    ):
        assert f'href="{href}' in desk.open(f"/admin/search?q={text}").html, text


def test_line_4_statements_of_the_pages_about_senders(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, app = world.caller(), world.client().client_id
    caller.put("/email-templates/verify_email", {"template": "verify_email", "body": "x", "enabled": True})
    caller.post("/emails/provider", {"name": "resend", "credentials": {"api_key": "re-1"}})
    twilio = {"delivery_methods": ["text"], "sid": "AC1", "default_from": "+15550001111"}
    provider = caller.post(
        "/branding/phone/providers",
        {"name": "twilio", "credentials": {"auth_token": "t"}, "configuration": twilio},
    ).json
    message = caller.post("/branding/phone/templates", {"type": "otp_verify"}).json
    pages = (
        MAILER,
        f"{MAILER}/history",
        MAILS,
        VERIFY,
        f"{VERIFY}/preview",
        f"{MAILS}/reset_email",
        f"/admin/branding/phone/{(provider or {})['id']}",
        "/admin/branding/messages",
        f"/admin/branding/messages/{(message or {})['id']}",
        f"/admin/applications/apps/{app}/credentials",
        "/admin/security/shields/phone",
    )
    dear = {}
    for address in pages:
        desk.open(address)  # what is remembered of the configuration is read by the first
        with asked(world, monkeypatch) as said:
            desk.open(address)
        assert desk.status == 200, address
        if len(said) > 6:
            dear[address] = said
    assert dear == {}


def test_the_overview_and_the_page_of_the_provider_say_the_same(world: World, desk: Desk) -> None:
    words = desk.open("/admin").say("health-mail")
    assert words == "Into the mailbox of development"
    assert desk.has("start-mailer"), "development's mailbox is no way out"
    assert words in desk.open("/admin/branding/mailer").say("mailer-way")
    body = {"name": "resend", "enabled": True, "credentials": {"api_key": "re-key-1"}}
    assert world.caller().post("/emails/provider", body).status_code == 201
    words = desk.open("/admin").say("health-mail")
    assert words == "Through your provider"
    assert not desk.has("start-mailer")
    assert words in desk.open("/admin/branding/mailer").say("mailer-way")
